//! Random histories of what happens at Clerk, delivered as Svix does it: in any order, some of it twice. The database in the
//! end is the one that the history in its order gives, and says what is so at Clerk.
//!
//! `CAIRN_HISTORIES` sets how many histories are run (without it 10,000), `CAIRN_HISTORIES_SEED` repeats a run that failed.

mod contents;
mod instance;
mod objects;
mod steps;
mod truth;

use std::sync::Arc;

use cairn_tests::TestDatabase;
use contents::{contents, forget};
use instance::Clerk;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use steps::{Step, steps};
use truth::truth;
use uuid::Uuid;

use super::Follower;

const HISTORIES: u32 = 10_000;
const STEPS: std::ops::Range<usize> = 1..13;
/// Each session is a thread with a connection of its own, and with its own people and organizations.
const SESSIONS: u32 = 4;
/// What one step can say at most: the deletion of an organization that everybody was in.
const EVENTS_OF_A_STEP: usize = 5;

/// What happens, and when of it is told.
#[derive(Clone, Debug)]
struct History {
    steps: Vec<(Step, Deliveries)>,
}

/// When the events of a step are delivered: the smallest numbers first. The second one of each is of a repetition.
type Deliveries = Vec<(u16, Option<u16>)>;

impl History {
    /// The events in their order, and in the order of delivery.
    fn events(&self, session: u32) -> (Clerk, Vec<Value>, Vec<Value>) {
        let mut clerk = Clerk::new(session);
        let mut ordered = Vec::new();
        let mut delivered = Vec::new();
        for (step, deliveries) in &self.steps {
            let events = clerk.take(step);
            assert!(events.len() <= EVENTS_OF_A_STEP, "{} events", events.len());
            for (event, (first, second)) in events.into_iter().zip(deliveries) {
                delivered.push((*first, event.clone()));
                delivered.extend(second.map(|second| (second, event.clone())));
                ordered.push(event);
            }
        }
        delivered.sort_by_key(|(when, _)| *when);
        let delivered = delivered.into_iter().map(|(_, event)| event).collect();
        (clerk, ordered, delivered)
    }
}

fn histories() -> impl Strategy<Value = History> {
    let delivery = (any::<u16>(), prop::option::weighted(0.3, any::<u16>()));
    let deliveries = vec(delivery, EVENTS_OF_A_STEP);
    vec((steps(), deliveries), STEPS).prop_map(|steps| History { steps })
}

/// Runs one history; what is wrong with it, if anything.
async fn check(follower: &Follower, session: u32, history: &History) -> Result<(), String> {
    let (clerk, ordered, delivered) = history.events(session);
    let client = &follower.client;
    forget(client, &clerk).await;
    follower.follow(&ordered).await;
    let expected = contents(client, &clerk).await;
    forget(client, &clerk).await;
    follower.follow(&delivered).await;
    let stored = contents(client, &clerk).await;
    let told = || {
        let listed: Vec<String> = delivered.iter().map(Value::to_string).collect();
        format!("delivered in this order:\n{}", listed.join("\n"))
    };
    if stored != expected {
        return Err(format!(
            "the order matters\nin order: {expected:#?}\nas delivered: {stored:#?}\n{}",
            told()
        ));
    }
    if clerk.was_never_in_a_hurry() {
        let (so, stored) = (clerk.truth(), truth(client, &clerk).await);
        if stored != so {
            return Err(format!(
                "the end is not what is so at Clerk\nat Clerk: {so:#?}\nstored: {stored:#?}\n{}",
                told()
            ));
        }
    }
    Ok(())
}

fn run_session(
    database: Arc<TestDatabase>,
    session: u32,
    cases: u32,
    seed: Uuid,
) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    let follower = runtime.block_on(Follower::of(database));
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(seed.as_bytes());
    bytes[16..20].copy_from_slice(&session.to_be_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(config, rng)
        .run(&histories(), |history| {
            runtime
                .block_on(check(&follower, session, &history))
                .map_err(TestCaseError::fail)
        })
        .map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn any_order_with_any_repetitions_ends_where_the_history_does() {
    let variable = |name: &str| std::env::var(name).ok();
    let histories = variable("CAIRN_HISTORIES").map_or(HISTORIES, |count| {
        count.parse().expect("CAIRN_HISTORIES is a number")
    });
    let seed = variable("CAIRN_HISTORIES_SEED").map_or_else(Uuid::now_v7, |seed| {
        seed.parse()
            .expect("CAIRN_HISTORIES_SEED is a seed of before")
    });
    println!("CAIRN_HISTORIES_SEED={seed}");
    let database = TestDatabase::create().await;
    // The test is about what is written, not about power failures.
    let name = database.url().rsplit('/').next().map(str::to_owned);
    let name = name.expect("the URL names the database");
    database
        .connect()
        .await
        .batch_execute(&format!(
            "ALTER DATABASE {name} SET synchronous_commit = off"
        ))
        .await
        .expect("the database can be set");
    let database = Arc::new(database);
    let sessions = (0..SESSIONS).map(|session| {
        let database = Arc::clone(&database);
        let share = histories / SESSIONS + u32::from(session < histories % SESSIONS);
        tokio::task::spawn_blocking(move || run_session(database, session, share, seed))
    });
    let sessions: Vec<_> = sessions.collect();
    for session in sessions {
        if let Err(failure) = session.await.expect("a session ends") {
            panic!("CAIRN_HISTORIES_SEED={seed} CAIRN_HISTORIES={histories}: {failure}");
        }
    }
}
