//! The proofs of reliability and security: the functions' own binaries under load, faults and abuse, with a real PostgreSQL and
//! the local AWS. `cargo dev prove` starts what they need and runs this.

mod chaos;
mod findings;
mod fuzz;
mod outbox;
mod redeliver;
mod reminders;
mod secrets;
mod settings;
mod soak;
mod storm;
mod swap;

use std::any::Any;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cairn_dev::progress::{Progress, say};
use cairn_dev::proofs::Proof;
use clap::{Parser, ValueEnum as _};
use tokio::time::timeout;

use crate::findings::{Findings, table};
use crate::settings::Settings;

/// A proof that takes longer than this waits for what does not come.
const LONGEST_QUICK: Duration = Duration::from_mins(15);
const LONGEST_FULL: Duration = Duration::from_hours(3);

#[derive(Parser)]
struct CommandLine {
    /// Which proofs; without any, all
    #[arg(value_enum)]
    proofs: Vec<Proof>,
    /// As large as the documentation says
    #[arg(long)]
    full: bool,
    /// What is made up comes from this number; without it, from another one each time
    #[arg(long)]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let CommandLine {
        mut proofs,
        full,
        seed,
    } = CommandLine::parse();
    if proofs.is_empty() {
        proofs = Proof::value_variants().to_vec();
    }
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    let settings = Settings { full, seed };
    let progress = Progress::new();
    say(&format!("seed {seed}"));
    let mut results = Vec::new();
    for proof in proofs {
        let name = name_of(proof);
        let began = Instant::now();
        let step = progress.step(name.clone());
        let findings = to_its_end(proof, settings).await;
        for failure in findings.failures() {
            say(&format!("✗ {name}: {failure}"));
        }
        if findings.hold() {
            step.done();
        } else {
            drop(step);
            say(&format!(
                "  again: cargo dev prove {name} {}",
                settings.arguments()
            ));
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

/// Runs a proof. One that panics, as the tests' library does about what it cannot do, is refuted, and so is one that waits for
/// what does not come; the others go on.
async fn to_its_end(proof: Proof, settings: Settings) -> Findings {
    let mut running = tokio::spawn(run(proof, settings));
    let limit = settings.pick(LONGEST_QUICK, LONGEST_FULL);
    let Ok(ended) = timeout(limit, &mut running).await else {
        running.abort();
        return Findings::broken_off(&format!("no end after {} s", limit.as_secs()));
    };
    ended.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => Findings::broken_off(&words_of(&*panic)),
        Err(error) => Findings::broken_off(&error.to_string()),
    })
}

async fn run(proof: Proof, settings: Settings) -> Findings {
    match proof {
        Proof::Storm => storm::run(settings).await,
        Proof::Swap => swap::run(settings).await,
        Proof::Reminders => reminders::run(settings).await,
        Proof::Secrets => secrets::run(settings).await,
        Proof::Fuzz => fuzz::run(settings).await,
        Proof::Outbox => outbox::run(settings).await,
        Proof::Redeliver => redeliver::run(settings).await,
        Proof::Chaos => chaos::run(settings).await,
        Proof::Soak => Box::pin(soak::run(settings)).await,
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
