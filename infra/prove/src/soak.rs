//! Mixed traffic through all functions for a while: memory and connections stay as they were, nobody dies, and tables that should
//! stay small do.

mod load;
mod samples;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cairn_tests::{TestApp, World};
use futures::future::join_all;

use self::load::Load;
use self::samples::Samples;
use crate::findings::Findings;
use crate::settings::Settings;

/// Processes of each function.
const ENVIRONMENTS: usize = 2;
/// How many clients there are.
const CLIENTS: usize = 4;
/// What comes before is warming up, as a part of the whole.
const WARM: f64 = 0.2;
/// Memory in the last part of the time may be more than in the first by so much: the quick form ends while caches still fill.
const GROWTH: f64 = 1.1;
const GROWTH_QUICK: f64 = 1.3;
const BETWEEN_SAMPLES: Duration = Duration::from_secs(1);

pub async fn run(settings: Settings) -> Findings {
    let mut findings = Findings::new();
    let lasts = settings.pick(Duration::from_secs(20), Duration::from_mins(10));
    let app = TestApp::builder()
        .with_events()
        .environments(ENVIRONMENTS)
        .start()
        .await;
    let world = World::create(app.database()).await;
    let load = Load::new(&app, &world);
    let done = AtomicBool::new(false);
    let began = Instant::now();
    let sampling = async {
        let mut samples = Samples::default();
        while began.elapsed() < lasts {
            tokio::time::sleep(BETWEEN_SAMPLES).await;
            if began.elapsed() > lasts.mul_f64(WARM) {
                samples.take(&app).await;
            }
        }
        done.store(true, Ordering::Relaxed);
        samples
    };
    let clients = join_all((0..CLIENTS).map(|_| load.client(&done)));
    let (samples, clients, clerk, ()) =
        tokio::join!(sampling, clients, load.clerk(&done), load.work_off(&done),);
    load.settle().await;

    let requests: usize = clients.iter().map(|client| client.requests).sum();
    for failure in clients.iter().flat_map(|client| &client.failures) {
        findings.fail(failure.clone());
    }
    findings.did(format!(
        "{} s of requests, Clerk's events, assignment mails and the relay's jobs through all functions: {requests} requests, \
         {clerk} events",
        lasts.as_secs()
    ));
    samples.judge(settings.pick(GROWTH_QUICK, GROWTH), &mut findings);
    load.judge_tables(&mut findings).await;
    findings
}
