//! The Python environments under `target/`: one that the embedded PostgreSQL and the local AWS run in, one of the SAM CLI.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::places::Places;

/// An environment in which everything of a requirements file of `infra/local` is installed.
#[derive(Debug, Clone)]
pub struct Python {
    interpreter: PathBuf,
    scripts: PathBuf,
    runtime_folder: PathBuf,
}

impl Python {
    /// The environment, made or brought up to date if need be. `progress` is told before something slow is done.
    pub async fn prepare(places: &Places, progress: impl FnMut(&str)) -> anyhow::Result<Self> {
        let python = Self::prepare_for(places, "python", "requirements.txt", progress).await?;
        std::fs::create_dir_all(&python.runtime_folder)?;
        Ok(python)
    }

    /// Another environment, in the folder `name` of the state, with what `infra/local/<requirements>` asks for.
    pub async fn prepare_for(
        places: &Places,
        name: &str,
        requirements: &str,
        mut progress: impl FnMut(&str),
    ) -> anyhow::Result<Self> {
        let folder = places.state().join(name);
        let python = Self {
            interpreter: folder.join("bin/python"),
            scripts: places.root().join("infra/local"),
            runtime_folder: folder.join("run"),
        };
        std::fs::create_dir_all(places.state())
            .with_context(|| format!("Cannot create {}", places.state().display()))?;
        let requirements = python.scripts.join(requirements);
        let wanted = std::fs::read_to_string(&requirements)
            .with_context(|| format!("Cannot read {}", requirements.display()))?;

        // Two commands that are started at once must not install into the same folder.
        let lock = std::fs::File::create(folder.with_extension("lock"))?;
        if lock.try_lock().is_err() {
            progress("Waiting for another cargo dev that installs the Python packages");
            tokio::task::block_in_place(|| lock.lock())?;
        }
        // Written last, so that an interrupted installation is taken up again.
        let installed = folder.join("installed.txt");
        let up_to_date = std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted);
        if !up_to_date || !python.answers().await {
            progress(&format!(
                "Installing the Python packages of infra/local/{} (once)",
                requirements.file_name().unwrap_or_default().display()
            ));
            make_environment(&folder).await?;
            python
                .install(&["--requirement".as_ref(), requirements.as_os_str()])
                .await?;
            std::fs::write(&installed, &wanted)?;
        }
        Ok(python)
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
    pub async fn install(&self, arguments: &[&std::ffi::OsStr]) -> anyhow::Result<()> {
        let output = Command::new(&self.interpreter)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-input",
            ])
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await?;
        if !output.status.success() {
            bail!(
                "The Python packages could not be installed: this needs the network (or a package mirror that pip is \
                 configured for) once. pip said: {}",
                last_line(&output.stderr)
            );
        }
        Ok(())
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

async fn make_environment(folder: &Path) -> anyhow::Result<()> {
    let made = Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    match made {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => bail!(
            "`python3 -m venv` failed: install Python 3.10 or later with its venv module (on Debian and Ubuntu: \
             `apt-get install python3 python3-venv`). It said: {}",
            last_line(if output.stderr.is_empty() {
                &output.stdout
            } else {
                &output.stderr
            })
        ),
        Err(_) => bail!(
            "The local system needs `python3` 3.10 or later on the PATH (on Debian and Ubuntu: \
             `apt-get install python3 python3-venv`; on macOS: `brew install python`)."
        ),
    }
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
