//! `prove`: claims of the documentation, shown on a system of their own.

pub mod deployment;
pub mod permissions;

use std::process::ExitCode;
use std::time::Duration;

use cairn_dev::functions::build_program;
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use cairn_dev::proofs::Proof;
use clap::ValueEnum as _;
use tokio::process::Command;

use super::backing::{Kind, run_against};

/// The program of the proofs.
const PROOFS: &str = "cairn-prove";

/// Runs proofs against functions as Lambda runs them: all if none is named.
pub async fn run(proofs: &[Proof], full: bool, seed: Option<u64>) -> anyhow::Result<ExitCode> {
    let places = Places::find();
    let mut step = Progress::new().step("Building the proofs");
    let mut command = Command::new(build_program(&places, PROOFS, &mut step).await?);
    step.done();
    let values = proofs.iter().filter_map(Proof::to_possible_value);
    command.args(values.map(|value| value.get_name().to_owned()));
    if full {
        command.arg("--full");
    }
    if let Some(seed) = seed {
        command.args(["--seed", &seed.to_string()]);
    }
    run_against(Kind::Parts, &places, &[], &mut command).await
}

/// Tells claim by claim what holds, on standard output, and remembers whether all did.
#[derive(Debug, Default)]
struct Claims {
    refuted: usize,
    shown: usize,
}

impl Claims {
    /// One claim, and what was seen.
    fn check(&mut self, claim: &str, holds: bool, seen: &str) {
        let mark = if holds { '✓' } else { '✗' };
        if holds {
            self.shown += 1;
        } else {
            self.refuted += 1;
        }
        if seen.is_empty() {
            println!("  {mark} {claim}");
        } else {
            println!("  {mark} {claim}: {seen}");
        }
    }

    /// Success if every claim held.
    fn verdict(&self) -> ExitCode {
        println!();
        if self.refuted == 0 {
            println!("All {} claims hold.", self.shown);
            ExitCode::SUCCESS
        } else {
            println!("{} claims hold, {} do not.", self.shown, self.refuted);
            ExitCode::FAILURE
        }
    }
}

/// A heading for the claims about one step, with how long it took.
fn heading(step: &str, took: Duration) {
    println!("\n{step} ({:.1} s)", took.as_secs_f64());
}
