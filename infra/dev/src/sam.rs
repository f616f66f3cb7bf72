//! The SAM command line, with which operators build, deploy and delete the stack.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use tokio::process::Command;

use crate::aws::REGION;
use crate::cargo_lambda;
use crate::places::Places;
use crate::progress::Progress;
use crate::python::Python;

/// The SAM CLI in an environment of its own, with a cargo-lambda that builds for this machine.
#[derive(Debug)]
pub struct Sam {
    program: PathBuf,
    path: OsString,
    settings: PathBuf,
    endpoint: String,
}

impl Sam {
    /// Installs it if need be. It will talk to the AWS at `endpoint`, and to no other.
    pub async fn prepare(
        places: &Places,
        python: &Python,
        progress: Progress,
        endpoint: String,
    ) -> anyhow::Result<Self> {
        let mut step = progress.step("Preparing the SAM CLI");
        let own = Python::prepare_for(places, "sam", "sam.txt", &mut step).await?;
        step.done();
        let cargo_lambda = cargo_lambda::find(python, progress).await?;
        // A bare name is on the PATH already.
        let folder = cargo_lambda.parent().map(PathBuf::from).unwrap_or_default();
        let usual = std::env::var_os("PATH").unwrap_or_default();
        let folders = [folder].into_iter().chain(std::env::split_paths(&usual));
        let path = std::env::join_paths(folders.filter(|folder| !folder.as_os_str().is_empty()))
            .context("The PATH cannot be extended")?;
        Ok(Self {
            program: own.program("sam"),
            path,
            settings: places.state().join("sam/settings"),
            endpoint,
        })
    }

    /// A command of it, as `sam <arguments>` would be typed, for the local AWS.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        // Nothing of the developer's own account or profile gets in.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .env("PATH", &self.path)
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .env("AWS_DEFAULT_REGION", REGION)
            .env("SAM_CLI_TELEMETRY", "0")
            // Its own settings are not to be written to the home folder.
            .env("__SAM_CLI_APP_DIR", &self.settings)
            // For this machine, without a cross-compiler.
            .env("CARGO_LAMBDA_COMPILER", "cargo")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }
}

/// Runs a command to its end. All it says goes to `log`.
pub async fn run(command: &mut Command, log: &Path) -> anyhow::Result<Ran> {
    let file = File::create(log).with_context(|| format!("Cannot write {}", log.display()))?;
    let status = command
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .await
        .context("Cannot run the SAM CLI")?;
    Ok(Ran {
        succeeded: status.success(),
        log: log.to_owned(),
    })
}

/// What came of a command.
#[derive(Debug)]
pub struct Ran {
    /// Whether its exit status says that it did what it was asked.
    pub succeeded: bool,
    /// What it said.
    pub log: PathBuf,
}

impl Ran {
    /// An error if it did not succeed.
    pub fn must_succeed(&self, what: &str) -> anyhow::Result<()> {
        if !self.succeeded {
            bail!("{what} failed: {}", crate::launched::last_words(&self.log));
        }
        Ok(())
    }
}
