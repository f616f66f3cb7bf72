//! `prove`: claims of the documentation, shown on a stack of its own.

pub mod deployment;
pub mod permissions;

use std::process::ExitCode;
use std::time::Duration;

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
