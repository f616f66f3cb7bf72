//! cargo-lambda, which runs functions outside the stack and builds those that are deployed.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;

use crate::progress::Progress;
use crate::python::Python;

/// What is installed where the machine has no cargo-lambda. To build for this machine it needs none of its dependencies, of
/// which one is a whole C compiler.
const PACKAGE: [&str; 2] = ["--no-deps", "cargo-lambda==1.9.2"];

/// The cargo-lambda of this machine, or else one of our own.
pub async fn find(python: &Python, progress: Progress) -> anyhow::Result<PathBuf> {
    let answers = |program: PathBuf| async move {
        let run = Command::new(&program)
            .args(["lambda", "--version"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        run.await
            .is_ok_and(|status| status.success())
            .then_some(program)
    };
    if let Some(program) = answers("cargo-lambda".into()).await {
        return Ok(program);
    }
    let program = python.program("cargo-lambda");
    if answers(program.clone()).await.is_none() {
        let mut step = progress.step("Installing cargo-lambda");
        step.tell(PACKAGE[1]);
        python.install(&PACKAGE.map(OsStr::new), &mut step).await?;
        step.done();
    }
    Ok(program)
}
