//! The one instance of the local system that runs at a time: who it is, and how another command finds it.

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

/// How long a running instance may take to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(40);

const HOLD_ATTEMPTS: u32 = 5;
const HOLD_PAUSE: Duration = Duration::from_millis(20);

/// What a running instance tells about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The command it was started as.
    pub command: String,
    /// The process to ask to stop.
    pub pid: i32,
    /// When it was started; none if an earlier version of this program did.
    #[serde(default)]
    pub started_at: Option<jiff::Timestamp>,
    /// Its settings for people, each with a name; no secret.
    #[serde(default)]
    pub settings: Vec<(String, String)>,
    /// Of what it was started from: [`crate::fingerprint`].
    pub fingerprint: u64,
    /// What `cargo dev status --json` prints; none before it is usable.
    pub status: Option<Status>,
    /// The variables that `cargo dev env` prints.
    pub environment: Vec<(String, String)>,
}

/// The addresses of a running instance. What it does not have is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The front door.
    pub api_url: String,
    /// What one would enter at Clerk.
    pub webhook_url: String,
    /// Where sent e-mails can be read.
    pub mailbox_url: String,
    /// The console.
    pub console_url: String,
    /// The database.
    pub database_url: String,
    /// For AWS clients.
    pub aws_endpoint: String,
    /// Whose tokens are accepted; no secret.
    pub clerk: ClerkStatus,
}

/// Whose tokens are accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClerkStatus {
    /// The issuer.
    pub issuer: String,
    /// The authorized parties; empty accepts all.
    pub authorized_parties: Vec<String>,
    /// Where the keys come from, in words.
    pub keys: String,
}

/// The folder of the instance.
#[derive(Debug, Clone)]
pub struct Instance {
    folder: PathBuf,
}

/// Held by the process that runs the instance. The system releases it however that process ends, so that a crash blocks
/// nothing.
#[derive(Debug)]
pub struct Held {
    folder: PathBuf,
    _lock: File,
}

impl Instance {
    /// The instance in `folder`, running or not.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The folder of its data.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Becomes the process that runs it; none if another does.
    pub fn hold(&self) -> anyhow::Result<Option<Held>> {
        std::fs::create_dir_all(&self.folder)
            .with_context(|| format!("Cannot create {}", self.folder.display()))?;
        let path = self.folder.join("lock");
        let lock =
            File::create(&path).with_context(|| format!("Cannot write {}", path.display()))?;
        for _ in 0..HOLD_ATTEMPTS {
            match lock.try_lock() {
                Ok(()) => {
                    let held = Held {
                        folder: self.folder.clone(),
                        _lock: lock,
                    };
                    held.forget();
                    return Ok(Some(held));
                }
                // Perhaps only another command that looks whether something runs.
                Err(TryLockError::WouldBlock) => std::thread::sleep(HOLD_PAUSE),
                Err(TryLockError::Error(error)) => {
                    return Err(error).context("Cannot lock the local system's folder");
                }
            }
        }
        Ok(None)
    }

    /// Whether a process runs it.
    pub fn is_held(&self) -> bool {
        File::open(self.folder.join("lock")).is_ok_and(|lock| lock.try_lock_shared().is_err())
    }

    /// What the running instance tells about itself; none if none runs.
    pub fn running(&self) -> Option<Record> {
        if !self.is_held() {
            return None;
        }
        // It may be just starting and not have written anything.
        let text = std::fs::read(self.folder.join("state.json")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Asks the running instance to stop and waits for it. Says whether there was one.
    pub async fn stop(&self) -> anyhow::Result<bool> {
        let began = Instant::now();
        let mut asked = None;
        loop {
            if !self.is_held() {
                return Ok(asked.is_some());
            }
            if began.elapsed() > STOP_TIMEOUT {
                bail!(
                    "The running `cargo dev` did not stop; end it by hand (process {}).",
                    asked.unwrap_or_default()
                );
            }
            if asked.is_none()
                && let Some(record) = self.running()
                && let Some(pid) = Pid::from_raw(record.pid)
            {
                kill_process(pid, Signal::TERM).context("Cannot stop the running `cargo dev`")?;
                asked = Some(record.pid);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Held {
    /// Tells others about us.
    pub fn publish(&self, record: &Record) -> anyhow::Result<()> {
        let path = self.folder.join("state.json");
        let unfinished = self.folder.join("state.json.new");
        let _ = std::fs::remove_file(&unfinished);
        // It holds the database's password.
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(&serde_json::to_vec_pretty(record)?)?;
        std::fs::rename(&unfinished, &path)?;
        Ok(())
    }

    fn forget(&self) {
        let _ = std::fs::remove_file(self.folder.join("state.json"));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_holds_an_instance_and_others_read_what_it_tells() {
        let folder = std::env::temp_dir().join(format!("cairn-instance-{}", uuid::Uuid::now_v7()));
        let instance = Instance::at(folder.clone());
        assert_eq!(instance.running(), None);
        let held = instance
            .hold()
            .expect("it can be locked")
            .expect("nobody holds it");
        assert!(
            instance.hold().expect("it can be asked").is_none(),
            "it is held"
        );
        let record = Record {
            command: "up".into(),
            pid: 1,
            started_at: None,
            settings: Vec::new(),
            fingerprint: 7,
            status: None,
            environment: vec![("A".into(), "b".into())],
        };
        held.publish(&record).expect("it can be written");
        assert_eq!(instance.running(), Some(record));
        drop(held);
        assert_eq!(instance.running(), None);
        std::fs::remove_dir_all(folder).expect("the folder can be removed");
    }
}
