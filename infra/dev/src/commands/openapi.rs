//! `openapi`.

use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, bail};
use cairn_dev::places::Places;
use tokio::process::Command;

/// Writes the document that the code describes to `infra/openapi.json`, from where the docs function serves it.
pub async fn run() -> anyhow::Result<ExitCode> {
    let places = Places::find();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let printed = Command::new(cargo)
        .args(["run", "--quiet", "--profile", "local"])
        .args(["--package", "cairn-tests", "--bin", "openapi"])
        .current_dir(places.root())
        .stderr(Stdio::inherit())
        .output()
        .await
        .context("Cannot run cargo")?;
    if !printed.status.success() {
        bail!("The document was not made: the functions must build first.");
    }
    let file = places.root().join("infra/openapi.json");
    std::fs::write(&file, printed.stdout)
        .with_context(|| format!("Cannot write {}", file.display()))?;
    println!("infra/openapi.json is current.");
    Ok(ExitCode::SUCCESS)
}
