//! The Python environments under `target/`: one that the embedded PostgreSQL and the local AWS run in, one of the SAM CLI.

mod interpreter;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

use crate::places::Places;
use crate::process_group::{ProcessGroup, lead};
use crate::progress::Step;

pub use interpreter::{HOW_TO_GET, Interpreter, OLDEST};

/// The environment of the local system, and what is installed in it.
const FOLDER: &str = "python";
const REQUIREMENTS: &str = "requirements.txt";

/// The lines of pip that say what it does, without those that name where it looks.
const PIP_WORDS: [&str; 5] = [
    "Collecting",
    "Downloading",
    "Using cached",
    "Building",
    "Installing",
];

const DISK_FULL: &str =
    "The disk is full: make room (`cargo clean` empties target/), and start again.";

/// What there is of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installed {
    /// Nothing, or an installation that was interrupted.
    Not,
    /// What an earlier state of the repository asked for, or an interpreter that has gone.
    Stale,
    /// All of it.
    Whole,
}

/// An environment in which everything of a requirements file of `infra/local` is installed.
#[derive(Debug, Clone)]
pub struct Python {
    interpreter: PathBuf,
    scripts: PathBuf,
    runtime_folder: PathBuf,
}

impl Python {
    /// The environment, made or brought up to date if need be. `step` is told of what takes long.
    pub async fn prepare(places: &Places, step: &mut Step) -> anyhow::Result<Self> {
        let python = Self::prepare_for(places, FOLDER, REQUIREMENTS, step).await?;
        std::fs::create_dir_all(&python.runtime_folder)?;
        Ok(python)
    }

    /// Another environment, in the folder `name` of the state, with what `infra/local/<requirements>` asks for.
    pub async fn prepare_for(
        places: &Places,
        name: &str,
        requirements: &str,
        step: &mut Step,
    ) -> anyhow::Result<Self> {
        let python = Self::at(places, name);
        let folder = places.state().join(name);
        std::fs::create_dir_all(places.state())
            .with_context(|| format!("Cannot create {}", places.state().display()))?;
        let requirements = python.scripts.join(requirements);
        let wanted = std::fs::read_to_string(&requirements)
            .with_context(|| format!("Cannot read {}", requirements.display()))?;

        // Two commands that are started at once must not install into the same folder.
        let lock = std::fs::File::create(folder.with_extension("lock"))?;
        if lock.try_lock().is_err() {
            step.tell("Waiting for another cargo dev that installs the Python packages");
            tokio::task::block_in_place(|| lock.lock())?;
        }
        // Written last, so that an interrupted installation is taken up again.
        let installed = folder.join("installed.txt");
        let up_to_date = std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted);
        if !up_to_date || !python.answers().await {
            let interpreter = Interpreter::find().await?;
            step.tell(&format!(
                "Installing the Python packages of infra/local/{} (once)",
                requirements.file_name().unwrap_or_default().display()
            ));
            make_environment(&interpreter, &folder).await?;
            python
                .install(&["--requirement".as_ref(), requirements.as_os_str()], step)
                .await?;
            std::fs::write(&installed, &wanted)?;
        }
        Ok(python)
    }

    /// The environment in the folder `name` of the state, made or not.
    fn at(places: &Places, name: &str) -> Self {
        let folder = places.state().join(name);
        Self {
            interpreter: folder.join("bin/python"),
            scripts: places.scripts(),
            runtime_folder: folder.join("run"),
        }
    }

    /// What there is of the environment of the local system.
    pub async fn installed(places: &Places) -> Installed {
        let python = Self::at(places, FOLDER);
        let requirements = python.scripts.join(REQUIREMENTS);
        let marker = places.state().join(FOLDER).join("installed.txt");
        let Ok(marker) = std::fs::read_to_string(marker) else {
            return Installed::Not;
        };
        let current = std::fs::read_to_string(requirements).is_ok_and(|text| text == marker);
        if current && python.answers().await {
            Installed::Whole
        } else {
            Installed::Stale
        }
    }

    /// A command that runs `infra/local/<name>` in this environment.
    pub fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.interpreter);
        command
            .args(["-W", "ignore", "-u"])
            .arg(self.scripts.join(name))
            // Nothing is written beside the scripts; what pip installed is compiled already.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("XDG_RUNTIME_DIR", &self.runtime_folder);
        command
    }

    /// Runs a script that reads an order and prints an answer, both in JSON.
    pub async fn ask<Answer: DeserializeOwned>(
        &self,
        script: &str,
        order: &Value,
    ) -> anyhow::Result<Answer> {
        let mut child = self
            .script(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("Cannot run {script}"))?;
        let mut input = child
            .stdin
            .take()
            .with_context(|| format!("{script} has no standard input"))?;
        input.write_all(order.to_string().as_bytes()).await?;
        drop(input);
        let output = child.wait_with_output().await?;
        if !output.status.success() {
            bail!("{script} failed; what it said stands above.");
        }
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("{script} printed something unexpected"))
    }

    /// A program that a package of this environment brought.
    pub fn program(&self, name: &str) -> PathBuf {
        self.interpreter.with_file_name(name)
    }

    /// Installs packages, whose names or options are `arguments`.
    pub async fn install(
        &self,
        arguments: &[&std::ffi::OsStr],
        step: &mut Step,
    ) -> anyhow::Result<()> {
        let mut pip = Command::new(&self.interpreter);
        pip.args(["-m", "pip", "install"])
            .args(["--disable-pip-version-check", "--no-input"])
            .args(["--progress-bar", "off"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = lead(&mut pip).spawn().context("Cannot run pip")?;
        let _group = ProcessGroup::of(&child);
        let mut said = BufReader::new(child.stdout.take().context("pip has no output")?).lines();
        let mut errors = child.stderr.take().context("pip has no standard error")?;
        let tell = async {
            while let Ok(Some(line)) = said.next_line().await {
                let doing = line.trim_start();
                if PIP_WORDS.iter().any(|word| doing.starts_with(word)) {
                    step.tell_in_passing(doing);
                }
            }
        };
        let mut complaint = Vec::new();
        let ((), read) = tokio::join!(tell, errors.read_to_end(&mut complaint));
        read.context("pip cannot be read")?;
        if child.wait().await?.success() {
            return Ok(());
        }
        bail!("{}", why_pip_failed(&String::from_utf8_lossy(&complaint)))
    }

    /// Whether the interpreter still works: it is a link to one outside, which may have been removed.
    async fn answers(&self) -> bool {
        let run = Command::new(&self.interpreter)
            .args(["-c", ""])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status();
        run.await.is_ok_and(|status| status.success())
    }
}

async fn make_environment(interpreter: &Interpreter, folder: &Path) -> anyhow::Result<()> {
    let made = Command::new(&interpreter.path)
        .args(["-m", "venv", "--clear"])
        .arg(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("Cannot run {}", interpreter.path.display()))?;
    if made.status.success() {
        return Ok(());
    }
    let said = if made.stderr.is_empty() {
        &made.stdout
    } else {
        &made.stderr
    };
    if says_disk_full(&String::from_utf8_lossy(said)) {
        bail!("{DISK_FULL}");
    }
    bail!(
        "`{} -m venv` failed: install its venv module ({HOW_TO_GET}). It said: {}",
        interpreter.path.display(),
        last_line(said)
    )
}

/// A sentence that says what to do.
fn why_pip_failed(complaint: &str) -> String {
    if says_disk_full(complaint) {
        return DISK_FULL.to_owned();
    }
    // What pip says last is about itself; the first error is the reason.
    let reason = complaint
        .lines()
        .find(|line| line.starts_with("ERROR: "))
        .map_or_else(
            || last_line(complaint.as_bytes()),
            |line| line["ERROR: ".len()..].to_owned(),
        );
    format!(
        "The Python packages could not be installed: this needs the network (or a package mirror that pip is configured for) \
         once. pip said: {reason}"
    )
}

fn says_disk_full(text: &str) -> bool {
    text.contains("No space left on device") || text.contains("Disk quota exceeded")
}

fn last_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    text.lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("nothing")
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_why_pip_failed_is_told() {
        let offline = "WARNING: Retrying (Retry(total=4))\nERROR: Could not find a version that satisfies the requirement \
                       ministack==1.5.33 (from versions: none)\nERROR: No matching distribution found for ministack==1.5.33\n";
        let told = why_pip_failed(offline);
        assert!(
            told.contains("network") && told.contains("satisfies the requirement ministack"),
            "{told}"
        );
        let full = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n";
        assert_eq!(why_pip_failed(full), DISK_FULL);
        assert!(why_pip_failed("").ends_with("nothing"));
    }
}
