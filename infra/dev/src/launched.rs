//! A service that a Python launcher of `infra/local` runs for us.
//!
//! The launcher prints one line of JSON when its service can be used, and stops it when its standard input closes: so the
//! service ends with this process, however this process ends.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How long a service may take to stop in order before it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);

/// A running launcher with its service.
#[derive(Debug)]
pub struct Launched {
    name: &'static str,
    child: Child,
    group: Option<Pid>,
}

impl Launched {
    /// Starts `infra/local/<script>` and waits for its line of facts. What it writes to standard error goes to `log`.
    pub async fn start<Facts: DeserializeOwned>(
        name: &'static str,
        command: &mut Command,
        log: &Path,
    ) -> anyhow::Result<(Self, Facts)> {
        if let Some(folder) = log.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("Cannot create {}", folder.display()))?;
        }
        let stderr =
            File::create(log).with_context(|| format!("Cannot write {}", log.display()))?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            // Ctrl-C in a terminal goes to the whole foreground group: the launcher must not see it before we do.
            .process_group(0)
            .spawn()
            .with_context(|| format!("Cannot start {name}"))?;
        let group = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        let stdout = child
            .stdout
            .take()
            .context("The launcher has no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let Some(line) = lines.next_line().await? else {
            let status = child.wait().await?;
            bail!("{name} did not start ({status}): {}", last_words(log));
        };
        let facts = serde_json::from_str(&line)
            .with_context(|| format!("{name} answered something unexpected: {line}"))?;
        // Keeps the pipe open and empty: a launcher that cannot write would block or die.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok((Self { name, child, group }, facts))
    }

    /// Waits until the service ends by itself, which it should not, and says its name.
    pub async fn ended(&mut self) -> &'static str {
        // Not `Child::wait`: that closes standard input, which tells the launcher to stop.
        while matches!(self.child.try_wait(), Ok(None)) {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        self.name
    }

    /// Stops the service in order, or by force if it takes too long.
    pub async fn stop(mut self) {
        drop(self.child.stdin.take());
        if tokio::time::timeout(STOP_TIMEOUT, self.child.wait())
            .await
            .is_err()
        {
            let _ = self.child.kill().await;
        }
    }
}

impl Drop for Launched {
    /// Ends what a launcher that was killed left behind, the functions of the local AWS for instance. A launcher that still
    /// runs is left to stop in order: it learns that we are gone.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_)))
            && let Some(group) = self.group
        {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// The last line of a log, for an error message.
pub fn last_words(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    match text.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) => format!("{} (more in {})", line.trim(), log.display()),
        None => format!("it wrote nothing to {}", log.display()),
    }
}
