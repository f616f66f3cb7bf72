//! `test`: all tests, against a system of their own.

use std::ffi::OsString;
use std::process::ExitCode;

use cairn_dev::places::Places;
use tokio::process::Command;

use super::backing::{Kind, run_against};
use super::bench;

/// Starts what the tests need, runs them and passes their exit status on.
pub async fn run(no_stack: bool, arguments: &[OsString]) -> anyhow::Result<ExitCode> {
    let places = Places::find();
    let kind = if no_stack { Kind::Parts } else { Kind::Stack };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["test", "--profile", "local", "--target-dir"])
        .arg(places.target())
        .args(whole_workspace(arguments))
        .args(arguments);
    // The benchmark, which is tested too, compares the functions with these.
    run_against(kind, &places, &[bench::FLOOR], &mut command).await
}

/// Cargo would ignore a choice of packages beside `--workspace`.
fn whole_workspace(arguments: &[OsString]) -> Option<&'static str> {
    let mut ours = arguments
        .iter()
        .map(|argument| argument.to_string_lossy())
        .take_while(|argument| argument != "--");
    let chosen =
        ours.any(|argument| argument.starts_with("-p") || argument.starts_with("--package"));
    (!chosen).then_some("--workspace")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_of_packages_counts() {
        let flag = |arguments: &[&str]| {
            whole_workspace(&arguments.iter().map(OsString::from).collect::<Vec<_>>())
        };
        assert_eq!(flag(&["-p", "cairn-tests"]), None);
        assert_eq!(flag(&["--package=cairn-tests", "rights"]), None);
        assert_eq!(flag(&["rights", "--", "-p"]), Some("--workspace"));
    }
}
