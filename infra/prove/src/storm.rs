//! Clerk's events arrive all at once: each several times, in any order, forgeries among them, while the worker is killed again and
//! again. The database in the end is the one that each event alone and in its order makes, and says what is so at Clerk.

mod clerk;
mod compare;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use cairn_dev::webhooks::WebhookSecret;
use cairn_tests::{Delivered, TestApp, WEBHOOK_SECRET};
use fastrand::Rng;
use futures::future::join_all;
use futures::stream::{self, StreamExt as _};
use serde_json::{Value, json};

use self::clerk::Clerk;
use crate::findings::Findings;
use crate::settings::Settings;

/// How often each event is delivered.
const DELIVERIES: usize = 5;
/// How many deliveries are on their way at the same time.
const AT_ONCE: usize = 50;
/// How many batches are worked off at the same time.
const WORKERS: usize = 3;
/// Between two kills of the worker pass so many milliseconds at most.
const LONGEST_LIFE: u64 = 800;
/// Twice of what the webhook tolerates.
const TOO_OLD: Duration = Duration::from_mins(10);
const PAUSE: Duration = Duration::from_millis(50);

/// A delivery on its way.
struct Delivery {
    id: String,
    kind: Kind,
    signed: Vec<u8>,
    sent: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Good,
    Tampered,
    TooOld,
}

pub async fn run(settings: Settings) -> Findings {
    let mut findings = Findings::new();
    let mut random = settings.random();
    let mut clerk = Clerk::default();
    let events: Vec<Value> = (0..settings.pick(100, 2_000))
        .map(|_| clerk.next_event(&mut random))
        .collect();
    let app = TestApp::builder()
        .only(&["webhooks", "worker"])
        .environments(4)
        .start()
        .await;
    let mut deliveries = deliveries(&events);
    random.shuffle(&mut deliveries);
    let (all, began) = (deliveries.len(), Instant::now());
    let (refused, kills) = deliver(&app, deliveries, random, &mut findings).await;
    let took = began.elapsed();
    let redriven = redrive(&app).await;

    let oracle = in_order(&events).await;
    compare::with_oracle(&app, &oracle, &mut findings).await;
    compare::with_truth(&app, &clerk, &mut findings).await;
    findings.did(format!(
        "{} events × {DELIVERIES} deliveries, shuffled, {AT_ONCE} at once, forgeries among them, the worker killed (SIGKILL) {kills} \
         times meanwhile",
        events.len()
    ));
    findings.figure(format!(
        "{all} deliveries in {:.0} s, of which {refused} tampered with or too old and refused",
        took.as_secs_f64()
    ));
    findings.figure(format!(
        "{redriven} messages came back from the dead letters"
    ));
    findings
}

/// Each event several times, and of a hundred deliveries one that is tampered with and one that is too old: both say what never
/// happened.
fn deliveries(events: &[Value]) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let id = format!("msg_{number}");
        let body = event.to_string().into_bytes();
        let lie = clerk::lie(event).to_string().into_bytes();
        let mut add = |kind, signed: &[u8], sent: &[u8]| {
            deliveries.push(Delivery {
                id: id.clone(),
                kind,
                signed: signed.to_vec(),
                sent: sent.to_vec(),
            });
        };
        for _ in 0..DELIVERIES {
            add(Kind::Good, &body, &body);
        }
        match number * DELIVERIES % 100 {
            0 => add(Kind::Tampered, &body, &lie),
            50 => add(Kind::TooOld, &lie, &lie),
            _ => {}
        }
    }
    deliveries
}

/// Delivers all while the worker works and is killed. Says how many were refused, and how often the worker was killed.
async fn deliver(
    app: &TestApp,
    deliveries: Vec<Delivery>,
    mut random: Rng,
    findings: &mut Findings,
) -> (usize, usize) {
    let arrived = AtomicBool::new(false);
    let done = AtomicBool::new(false);
    let secret = WebhookSecret::parse(WEBHOOK_SECRET).expect("a secret");
    let delivering = async {
        let secret = &secret;
        let send = async |delivery: Delivery| (delivery.kind, send(app, secret, &delivery).await);
        let answers = stream::iter(deliveries).map(send).buffer_unordered(AT_ONCE);
        let answers: Vec<(Kind, u16)> = answers.collect().await;
        arrived.store(true, Ordering::Relaxed);
        answers
    };
    let killing = async {
        let mut kills = 0;
        while !done.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(random.u64(1..=LONGEST_LIFE))).await;
            app.kill("worker");
            kills += 1;
        }
        kills
    };
    let working = async {
        join_all((0..WORKERS).map(|_| work(app, &arrived))).await;
        done.store(true, Ordering::Relaxed);
    };
    let (answers, kills, ()) = tokio::join!(delivering, killing, working);
    let mut refused = 0;
    for (kind, status) in answers {
        let expected = if kind == Kind::Good { 200 } else { 400 };
        findings.check(status == expected, || {
            format!("a delivery that is {kind:?} was answered {status}")
        });
        refused += usize::from(kind != Kind::Good && status == expected);
    }
    (refused, kills)
}

async fn send(app: &TestApp, secret: &WebhookSecret, delivery: &Delivery) -> u16 {
    let mut at = SystemTime::now();
    if delivery.kind == Kind::TooOld {
        at -= TOO_OLD;
    }
    let signed = secret.sign(&delivery.id, at, &delivery.signed);
    let answer = app
        .anonymous("POST", "/api/webhooks/clerk")
        .header("content-type", "application/json")
        .header("svix-id", &signed.id)
        .header("svix-timestamp", &signed.timestamp)
        .header("svix-signature", &signed.signature)
        .body(delivery.sent.clone())
        .await;
    answer.status.as_u16()
}

/// Works off batches until all have arrived and the queue is empty.
async fn work(app: &TestApp, arrived: &AtomicBool) {
    let queue = &app.aws().webhook_queue;
    loop {
        let delivered = app.deliver("worker", queue).await;
        if delivered != Delivered::default() {
            continue;
        }
        if arrived.load(Ordering::Relaxed) && app.aws().messages(&queue.url).await.is_empty() {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// An operator puts back what died with the worker too often; says how much that was.
async fn redrive(app: &TestApp) -> usize {
    let queue = &app.aws().webhook_queue;
    let mut redriven = 0;
    loop {
        let dead = app.aws().messages(&queue.dead_letters).await.len();
        if dead == 0 {
            return redriven;
        }
        redriven += dead;
        app.aws().redrive(queue).await;
        work(app, &AtomicBool::new(true)).await;
    }
}

/// Another database, in which each event was followed once, in its order.
async fn in_order(events: &[Value]) -> TestApp {
    let app = TestApp::builder()
        .only(&["worker"])
        .environments(1)
        .start()
        .await;
    for event in events {
        let failed = app
            .invoke_with("worker", &[json!({"clerk_event": event})])
            .await;
        assert!(failed.is_empty(), "an event cannot be followed: {event}");
    }
    app
}
