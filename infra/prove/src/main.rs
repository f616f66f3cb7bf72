//! The proofs of reliability and security: the functions' own binaries under load, faults and abuse, with a real PostgreSQL and
//! the local AWS. `cargo dev prove` starts what they need and runs this.

mod chaos;
mod findings;
mod fuzz;
mod outbox;
mod redeliver;
mod reminders;
mod secrets;
mod soak;
mod storm;
mod swap;

use std::any::Any;
use std::process::ExitCode;
use std::time::Instant;

use cairn_dev::progress::{Progress, say};
use cairn_dev::proofs::Proof;
use clap::{Parser, ValueEnum as _};

use crate::findings::{Findings, Size, table};

#[derive(Parser)]
struct CommandLine {
    /// Which proofs; without any, all
    #[arg(value_enum)]
    proofs: Vec<Proof>,
    /// As large as the documentation says
    #[arg(long)]
    full: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let CommandLine { mut proofs, full } = CommandLine::parse();
    if proofs.is_empty() {
        proofs = Proof::value_variants().to_vec();
    }
    let size = if full { Size::Full } else { Size::Quick };
    let progress = Progress::new();
    let mut results = Vec::new();
    for proof in proofs {
        let name = name_of(proof);
        let began = Instant::now();
        let step = progress.step(name.clone());
        // What the tests' library cannot do it panics about: that refutes a proof, and the others go on.
        let findings = tokio::spawn(run(proof, size)).await;
        let findings = findings.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => Findings::broken_off(&words_of(&*panic)),
            Err(error) => Findings::broken_off(&error.to_string()),
        });
        for failure in findings.failures() {
            say(&format!("✗ {name}: {failure}"));
        }
        if findings.hold() {
            step.done();
        } else {
            drop(step);
        }
        results.push((name, findings, began.elapsed()));
    }
    print!("{}", table(&results));
    if results.iter().all(|(_, findings, _)| findings.hold()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn run(proof: Proof, size: Size) -> Findings {
    match proof {
        Proof::Storm => storm::run(size).await,
        Proof::Swap => swap::run(size).await,
        Proof::Reminders => reminders::run(size).await,
        Proof::Secrets => secrets::run(size).await,
        Proof::Fuzz => fuzz::run(size).await,
        Proof::Outbox => outbox::run(size).await,
        Proof::Redeliver => redeliver::run(size).await,
        Proof::Chaos => chaos::run(size).await,
        Proof::Soak => Box::pin(soak::run(size)).await,
    }
}

fn name_of(proof: Proof) -> String {
    let value = proof.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    words.unwrap_or("it panicked").to_owned()
}
