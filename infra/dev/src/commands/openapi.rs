//! `openapi`.

use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, bail};
use cairn_dev::functions::build_program;
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use tokio::process::Command;

/// The program that prints the document.
const PROGRAM: &str = "openapi";

/// Writes the document that the code describes to `infra/openapi.json`, from where the docs function serves it.
pub async fn run() -> anyhow::Result<ExitCode> {
    let places = Places::find();
    let mut step = Progress::new().step("Building the operations");
    let program = build_program(&places, PROGRAM, &mut step).await?;
    step.done();
    let printed = Command::new(program)
        .stderr(Stdio::inherit())
        .output()
        .await
        .context("Cannot run the program that prints the document")?;
    if !printed.status.success() {
        bail!("The document was not made; why stands above.");
    }
    let file = places.root().join("infra/openapi.json");
    std::fs::write(&file, printed.stdout)
        .with_context(|| format!("Cannot write {}", file.display()))?;
    println!("infra/openapi.json is current.");
    Ok(ExitCode::SUCCESS)
}
