//! Random histories of tasks on a virtual clock: what the system's own decisions make of them is compared with an oracle that
//! knows nothing of promises, schedules and queues.

mod clocks;
mod history;
mod oracle;
mod system;
mod world;

use std::cell::RefCell;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use uuid::Uuid;

use history::{History, histories};
use oracle::Oracle;
use system::System;

/// What a run came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Histories that were run.
    pub histories: u64,
    /// Reminders that were sent.
    pub sent: u64,
    /// Of these, those of histories in which nothing was late: exactly these had to be sent.
    pub exact: u64,
    /// Reminders that fired and were not wanted any more.
    pub dropped: u64,
}

/// Runs so many histories; what is wrong with the first that fails, in the shortest form that was found.
pub fn run(count: u32, seed: Uuid) -> Result<Tally, String> {
    let tally = RefCell::new(Tally::default());
    let config = Config {
        cases: count,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(seed.as_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(config, rng)
        .run(&histories(), |history| {
            let one = check(&history).map_err(TestCaseError::fail)?;
            let mut tally = tally.borrow_mut();
            tally.histories += 1;
            tally.sent += one.sent;
            tally.exact += one.exact;
            tally.dropped += one.dropped;
            Ok(())
        })
        .map_err(|error| error.to_string())?;
    Ok(tally.into_inner())
}

fn check(history: &History) -> Result<Tally, String> {
    let (sent, dropped) = System::live(history);
    let count = sent.len() as u64;
    Oracle::of(history).judge(history.lateness, &sent)?;
    Ok(Tally {
        histories: 1,
        sent: count,
        exact: if history.lateness == history::Lateness::None {
            count
        } else {
            0
        },
        dropped,
    })
}
