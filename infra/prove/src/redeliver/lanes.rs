//! Batches that are worked off at the same time, as an event source mapping does it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cairn_tests::Received;
use fastrand::Rng;
use futures::future::join_all;
use serde_json::Value;

use super::scene::Scene;
use crate::findings::Findings;

const LANES: usize = 4;
/// Of so many batches one is worked off and comes again all the same.
const LOST: usize = 10;
const PAUSE: Duration = Duration::from_millis(50);

/// How a queue was worked off.
#[derive(Debug, Default)]
pub struct WorkedOff {
    pub batches: usize,
    /// Batches that reported exactly what failed.
    pub exact: usize,
    /// Messages given to the function.
    pub deliveries: usize,
    wrong: Vec<String>,
}

/// Which messages are being worked off, by their bodies, and which were so twice at the same moment.
#[derive(Default)]
struct InWork {
    now: BTreeMap<String, usize>,
    together: BTreeSet<String>,
}

/// Works off until the queue is empty.
pub async fn work_off(scene: &Scene, findings: &mut Findings, random: &mut Rng) -> WorkedOff {
    let in_work = Mutex::new(InWork::default());
    let lanes = (0..LANES).map(|_| lane(scene, &in_work, random.fork()));
    let mut sum = WorkedOff::default();
    for lane in join_all(lanes).await {
        sum.batches += lane.batches;
        sum.exact += lane.exact;
        sum.deliveries += lane.deliveries;
        for wrong in lane.wrong {
            findings.fail(wrong);
        }
    }
    sum
}

async fn lane(scene: &Scene, in_work: &Mutex<InWork>, mut random: Rng) -> WorkedOff {
    let (app, queue) = (&scene.app, scene.queue());
    let mut worked_off = WorkedOff::default();
    loop {
        let batch = app.aws().receive(&queue.url).await;
        if batch.is_empty() {
            if app.aws().messages(&queue.url).await.is_empty() {
                return worked_off;
            }
            // The rest is in another lane.
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        begin(in_work, &batch);
        let reported = app.reported_failures("worker", queue, &batch).await;
        let excused = end(in_work, &batch);
        worked_off.batches += 1;
        worked_off.deliveries += batch.len();
        let Some(reported) = reported else {
            worked_off
                .wrong
                .push("a batch failed altogether".to_owned());
            return worked_off;
        };
        let mut exact = true;
        for message in &batch {
            let failed = reported.contains(&message.id);
            let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
            // Of two messages about one task at the same moment, one waits for what becomes of the other.
            let right = failed == scene.cannot_be_followed(&body)
                || failed && excused.contains(&message.body);
            if !right {
                exact = false;
                let body = &message.body;
                worked_off
                    .wrong
                    .push(format!("reported as failed: {failed}, {body}"));
            }
        }
        worked_off.exact += usize::from(exact);
        let lost = random.usize(..LOST) == 0;
        for message in &batch {
            if lost || reported.contains(&message.id) {
                app.aws().return_now(&queue.url, message).await;
            } else {
                app.aws().delete(&queue.url, message).await;
            }
        }
    }
}

fn begin(in_work: &Mutex<InWork>, batch: &[Received]) {
    let mut in_work = in_work.lock().unwrap_or_else(PoisonError::into_inner);
    for message in batch {
        let count = in_work.now.entry(message.body.clone()).or_default();
        *count += 1;
        if *count > 1 {
            in_work.together.insert(message.body.clone());
        }
    }
}

/// What of the batch was in work elsewhere at the same moment.
fn end(in_work: &Mutex<InWork>, batch: &[Received]) -> BTreeSet<String> {
    let mut in_work = in_work.lock().unwrap_or_else(PoisonError::into_inner);
    let InWork { now, together } = &mut *in_work;
    let mut excused = BTreeSet::new();
    for message in batch {
        if together.contains(&message.body) {
            excused.insert(message.body.clone());
        }
        if let Some(count) = now.get_mut(&message.body) {
            *count -= 1;
            if *count == 0 {
                now.remove(&message.body);
                together.remove(&message.body);
            }
        }
    }
    excused
}
