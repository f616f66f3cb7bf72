//! `up --detach`: the same in the background.

use std::fs::File;
use std::io::Read as _;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use tokio::process::Command;

use super::instance;
use super::up::{already_runs, prepare, print_summary};

/// Starts `up` in the background and returns when it is ready.
pub async fn run() -> anyhow::Result<ExitCode> {
    // Installed and built here, so that the background process is ready soon and its log is short.
    let prepared = prepare().await?;
    let instance = instance(&prepared.places);
    if let Some(status) = already_runs(&prepared, &instance).await? {
        println!("Already running.");
        print_summary(&prepared, &status)?;
        return Ok(ExitCode::SUCCESS);
    }
    std::fs::create_dir_all(instance.folder())?;
    let path = instance.folder().join("up.log");
    let log = File::create(&path).with_context(|| format!("Cannot write {}", path.display()))?;
    let mut shown = File::open(&path)?;
    let mut child = Command::new(std::env::current_exe()?)
        .args(["up", "--prepared"])
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Ctrl-C in this terminal is not for it.
        .process_group(0)
        .spawn()
        .context("Cannot start the background process")?;
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let ended = child.try_wait()?;
        let ready = instance
            .running()
            .is_some_and(|record| record.status.is_some());
        let mut text = String::new();
        shown.read_to_string(&mut text)?;
        print!("{text}");
        match ended {
            // The log ended with the reason.
            Some(_) => return Ok(ExitCode::FAILURE),
            None if ready && text.is_empty() => break,
            None => {}
        }
    }
    println!("It runs in the background; `cargo dev down` stops it.");
    Ok(ExitCode::SUCCESS)
}
