//! `down` and `reset`.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use cairn_dev::instance::Instance;
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;

use super::instance;

/// Stops the running system.
pub async fn run() -> anyhow::Result<ExitCode> {
    stop(&instance(&Places::find())).await?;
    Ok(ExitCode::SUCCESS)
}

/// Stops the running system and forgets its data, also that of instances for tests that were killed.
pub async fn reset() -> anyhow::Result<ExitCode> {
    let places = Places::find();
    let instance = instance(&places);
    stop(&instance).await?;
    super::backing::remove_leftovers(&places);
    if instance.folder().exists() {
        let Some(_held) = instance.hold()? else {
            bail!("Another `cargo dev` has just been started: stop it first.");
        };
        for entry in std::fs::read_dir(instance.folder())? {
            let path = entry?.path();
            // The lock stays: it is how the next one and we know of each other.
            if path.ends_with("lock") {
                continue;
            }
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            match removed {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("Cannot remove {}", path.display()));
                }
                _ => {}
            }
        }
    }
    println!(
        "The data of the local system is gone; a database from outside (DATABASE_URL) is left as it is."
    );
    Ok(ExitCode::SUCCESS)
}

async fn stop(instance: &Instance) -> anyhow::Result<()> {
    let step = Progress::new().step("Stopping the local system");
    if instance.stop().await? {
        step.done();
    } else {
        drop(step);
        println!("Nothing was running.");
    }
    Ok(())
}
