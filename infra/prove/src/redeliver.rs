//! The worker's queue under abuse: messages come again, out of order, and with others between them that nobody can follow. Each task
//! has one mail; each batch reports as failed what failed and nothing else; the dead letters are those that cannot be followed; and
//! what could not be done for a while is done after a fix and a redrive.

mod lanes;
mod scene;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::lanes::work_off;
use self::scene::Scene;
use crate::findings::Findings;
use crate::settings::Settings;

/// Of a hundred messages: these come twice.
const TWICE: usize = 20;
/// And these cannot be followed; half of them never, the others not before a fix.
const POISON: usize = 5;

pub async fn run(settings: Settings) -> Findings {
    let mut findings = Findings::new();
    let mut random = settings.random();
    let messages = settings.pick(300, 10_000);
    let poison = messages * POISON / 100;
    let stuck = poison / 2;
    let scene = Scene::start(messages - poison, stuck).await;

    let mut queued: Vec<Value> = scene.tasks.iter().map(scene::Task::message).collect();
    let unreadable: Vec<Value> = (0..poison - stuck).map(unreadable).collect();
    for _ in 0..messages * TWICE / 100 {
        queued.push(random.choice(&scene.tasks).expect("tasks").message());
    }
    queued.extend(unreadable.clone());
    random.shuffle(&mut queued);
    scene.app.aws().send_all(&scene.queue().url, &queued).await;

    let first = work_off(&scene, &mut findings, &mut random).await;
    scene.compare(false, &unreadable, &mut findings).await;
    scene.fix();
    scene.app.aws().redrive(scene.queue()).await;
    let second = work_off(&scene, &mut findings, &mut random).await;
    scene.compare(true, &unreadable, &mut findings).await;

    findings.did(format!(
        "{messages} messages, of which {TWICE} % were sent twice and {POISON} % cannot be followed, shuffled; one batch of ten is worked \
         off and its acknowledgement lost; then a fix and a redrive"
    ));
    findings.figure(format!(
        "{} deliveries",
        first.deliveries + second.deliveries
    ));
    findings.figure(format!(
        "{} of {} batches reported exactly what failed",
        first.exact + second.exact,
        first.batches + second.batches
    ));
    findings.figure(format!("{} tasks with one mail each", scene.tasks.len()));
    findings.figure(format!(
        "{poison} dead letters before the fix, {} after the redrive",
        unreadable.len()
    ));
    findings
}

/// Something that is on the queue by mistake, of several kinds.
fn unreadable(number: usize) -> Value {
    match number % 6 {
        0 => json!({"task_change": {"outbox_id": format!("no id {number}")}}),
        1 => json!({"clerk_event": {"type": "user.created", "data": number}}),
        2 => json!({"reminder": {"task_id": uuid::Uuid::now_v7(), "remind_at": number}}),
        3 => json!({"task_change": {}, "number": number}),
        4 => json!([number, [[[[[[]]]]]]]),
        _ => json!(format!("{number} \u{1F9E8} \u{0}")),
    }
}

/// How often each text is there.
fn counted<'t>(texts: impl Iterator<Item = &'t Value>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for text in texts {
        *counted.entry(text.to_string()).or_default() += 1;
    }
    counted
}
