//! `up --detach`: the same in the background.

use std::fs::File;
use std::io::Read as _;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;

use super::up::{already_runs, prepare, print_summary};
use super::{asked_to_stop, instance};

/// Starts `up` in the background and returns when it is ready.
pub async fn run() -> anyhow::Result<ExitCode> {
    // Dropped, what was started ends: it must not get ready behind the back of somebody who thought better of it.
    tokio::select! {
        result = start() => result,
        stopped = asked_to_stop() => {
            stopped?;
            bail!("Stopped before it was ready.")
        }
    }
}

async fn start() -> anyhow::Result<ExitCode> {
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
    let starting = Starting(child.id());
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
    starting.stays();
    println!("It runs in the background; `cargo dev down` stops it.");
    Ok(ExitCode::SUCCESS)
}

/// A process that is to end with us, as long as it is not ready.
struct Starting(Option<u32>);

impl Starting {
    fn stays(mut self) {
        self.0 = None;
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        let id = self.0.and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id.and_then(Pid::from_raw) {
            // It stops what it has started, in order.
            let _ = kill_process(id, Signal::TERM);
        }
    }
}
