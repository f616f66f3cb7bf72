//! `mutants`: cargo-mutants over code that only shows with functions, a database and AWS whether it is right.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use cairn_dev::functions;
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use tokio::process::Command;

use super::backing::{Kind, run_against};

/// Which code, and what of it is left out. (What unit tests reach stands in `.cargo/mutants.toml`.)
const CONFIG: &str = ".cargo/mutants-with-functions.toml";

/// The tests that a mutant has to get past: parts of their names.
const TESTS: [&str; 15] = [
    "clerk",
    "comments",
    "event_faults",
    "follow_up",
    "input",
    "list_parameters",
    "members",
    "outbox",
    "projects",
    "quotas",
    "rights",
    "story",
    "task_lists",
    "tasks",
    "workspaces",
];

/// Starts what tests need, and mutates.
pub async fn run(arguments: &[OsString]) -> anyhow::Result<ExitCode> {
    let places = Places::find();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let installed = Command::new(&cargo)
        .args(["mutants", "--version"])
        .output()
        .await?;
    if !installed.status.success() {
        bail!("cargo-mutants is not installed: cargo install --locked cargo-mutants");
    }
    let runner = std::env::current_exe()?;
    let runner = runner.to_str().context("a path in UTF-8")?;
    let mut command = Command::new(cargo);
    command
        .args(["mutants", "--workspace", "--config"])
        .arg(places.root().join(CONFIG))
        .arg("--output")
        .arg(places.target())
        .arg("--cargo-arg")
        .arg(format!(
            "--config=target.'cfg(all())'.runner=['{runner}', 'mutated']"
        ))
        .args(arguments)
        .args(["--", "--test", "it", "--"])
        .args(TESTS);
    run_against(Kind::Parts, &places, &[], &mut command).await
}

/// Builds the functions of the work tree that a test belongs to, a mutant among them, and runs the test with these.
pub async fn run_test(test: &Path, arguments: &[OsString]) -> anyhow::Result<ExitCode> {
    let places = Places::find();
    let mut step = Progress::new().step("Building the functions");
    functions::build(&places, &[], &mut step).await?;
    step.done();
    let status = Command::new(test)
        .args(arguments)
        .env("CAIRN_FUNCTIONS_DIR", places.functions())
        .status()
        .await
        .with_context(|| format!("Cannot run {}", test.display()))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
