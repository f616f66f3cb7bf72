//! Tasks are created while the functions are killed: at each named step, and at random. What was answered is there; what was cut
//! off is there wholly or not at all; and each task that is there has its mail and its schedule.

mod scene;
mod steps;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;
use futures::future::join_all;

use self::scene::Scene;
use crate::findings::Findings;
use crate::settings::Settings;

/// How many clients create tasks at the same time.
const CLIENTS: usize = 8;
/// How many batches are worked off at the same time.
const WORKERS: usize = 2;
/// Between two kills pass so many milliseconds at most: some processes do not even come to their first request.
const LONGEST_LIFE: u64 = 250;
/// Every so many kills hit the worker as well.
const WORKER_TOO: usize = 3;
const PAUSE: Duration = Duration::from_millis(20);

pub async fn run(settings: Settings) -> Findings {
    let mut findings = Findings::new();
    let mut scene = Scene::start().await;
    for _ in 0..settings.pick(1, 8) {
        steps::creations(&mut scene, &mut findings).await;
        scene.settle().await;
        steps::of_the_worker(&mut scene, &mut findings).await;
        scene.settle().await;
    }
    let asked = settings.pick(100, 1_000);
    let kills = at_random(&mut scene, asked, settings.random()).await;
    scene.settle().await;
    let at_steps = scene.asked.len() - asked;
    findings.did(format!(
        "{} creations of tasks by {CLIENTS} clients: {at_steps} while a function is killed (SIGKILL) at a named step, {asked} during \
         {kills} kills at random; half of the clients repeat what was cut off with its idempotency key",
        scene.asked.len()
    ));
    scene.compare(&mut findings).await;
    findings
}

/// Creates so many tasks, and says how often functions were killed meanwhile.
async fn at_random(scene: &mut Scene, tasks: usize, mut random: Rng) -> usize {
    let created = AtomicUsize::new(0);
    let done = AtomicBool::new(false);
    let shared = &*scene;
    let client = async || {
        let mut asked = Vec::new();
        loop {
            let number = created.fetch_add(1, Ordering::Relaxed);
            if number >= tasks {
                return asked;
            }
            let repeats = number.is_multiple_of(2);
            asked.push(shared.ask_until_answered(repeats).await);
        }
    };
    let creating = async {
        let asked = join_all((0..CLIENTS).map(|_| client())).await;
        done.store(true, Ordering::Relaxed);
        asked
    };
    let killing = async {
        let mut kills = 0;
        while !done.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(random.u64(1..=LONGEST_LIFE))).await;
            shared.app.kill("tasks");
            kills += 1;
            if kills % WORKER_TOO == 0 {
                shared.app.kill("worker");
            }
        }
        kills
    };
    let working = join_all((0..WORKERS).map(|_| async {
        while !done.load(Ordering::Relaxed) {
            let delivered = shared.app.deliver("worker", shared.queue()).await;
            if delivered.done == 0 {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }));
    let (asked, kills, _) = tokio::join!(creating, killing, working);
    scene.asked.extend(asked.into_iter().flatten());
    kills
}
