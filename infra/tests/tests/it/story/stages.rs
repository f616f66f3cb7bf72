//! Two stages in one account: the same story in both, mails paused in one of them by a deployment and sent after the next.

use std::time::Duration;

use cairn_tests::{Mail, SecondStage, Stack};

use super::{Founding, QUEUES, SETTLED, Team, eventually, is_assignment, now_ms, timestamp};

/// Until a due time that comes while mails are paused: time enough to pause them before.
const LATER: Duration = Duration::from_mins(1);
/// Alarms exist where there is somebody to tell.
const TOPIC: (&str, &str) = (
    "AlarmTopicArn",
    "arn:aws:sns:eu-central-1:000000000000:alarms",
);
const PAUSED: [(&str, &str); 2] = [("MailEnabled", "false"), TOPIC];
const RESUMED: [(&str, &str); 2] = [("MailEnabled", "true"), TOPIC];

/// Waits until this time and a little longer.
async fn pass(time_ms: i64) {
    let left = u64::try_from(time_ms - now_ms()).unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(left) + SETTLED).await;
}

/// Asserts that Bob is told of a task and reminded of it, each once, by this stage.
async fn assert_told_and_reminded_once(team: &Team<'_>, title: &str, sender: &str) {
    let both = async || {
        let mails = team.mails(&team.bob, title).await;
        (mails.len() >= 2).then_some(())
    };
    eventually(&format!("Bob is told and reminded of {title}"), both).await;
    tokio::time::sleep(SETTLED).await;
    let mails = team.mails(&team.bob, title).await;
    let assignments: Vec<&Mail> = mails.iter().filter(|mail| is_assignment(mail)).collect();
    assert_eq!((mails.len(), assignments.len()), (2, 1), "{mails:#?}");
    for mail in &mails {
        assert!(mail.source.contains(sender), "{mail:?}");
    }
}

async fn knows(stack: &Stack, workspace: &str) -> bool {
    let found = stack
        .database()
        .query_opt("SELECT FROM workspaces WHERE id = $1", &[&workspace])
        .await;
    found.expect("the workspaces can be read").is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_stages_live_side_by_side_and_mail_waits_while_it_is_paused_in_one() {
    let Some(first) = Stack::find().await else {
        return;
    };
    let second = SecondStage::new("second").await;
    let stack = second.deploy(&PAUSED).await;
    let team = Founding::new().deliver_in_order(&stack).await;
    assert!(!knows(&first, &team.workspace).await);

    let past = now_ms() + 2_000;
    team.task("Held back", &timestamp(past)).await;
    pass(past).await;
    assert_eq!(stack.waiting("tasks").await, 1, "the message waits");
    assert!(
        stack.mails_to(&team.bob.email).await.is_empty(),
        "mail is paused"
    );

    {
        // Nobody may stop the first stage's queues meanwhile.
        let _running = QUEUES.read().await;
        let beside = Founding::new().deliver_in_order(&first).await;
        let soon = now_ms() + 5_000;
        beside.task("Beside", &timestamp(soon)).await;
        assert_told_and_reminded_once(&beside, "Beside", "no-reply@cairn.example").await;
        assert!(!knows(&stack, &beside.workspace).await);
    }

    second.deploy(&RESUMED).await;
    assert_told_and_reminded_once(&team, "Held back", &second.sender()).await;

    let later = now_ms() + i64::try_from(LATER.as_millis()).expect("a short time");
    team.task("Reminded later", &timestamp(later)).await;
    team.assert_assigned(&team.bob, "Reminded later").await;
    second.deploy(&PAUSED).await;
    assert!(
        now_ms() < later,
        "this machine is too slow for a due time so soon: make LATER longer"
    );
    pass(later).await;
    let mails = team.mails(&team.bob, "Reminded later").await;
    assert_eq!(mails.len(), 1, "mail is paused: {mails:#?}");
    assert_eq!(stack.waiting("reminders").await, 1, "the reminder waits");
    second.deploy(&RESUMED).await;
    assert_told_and_reminded_once(&team, "Reminded later", &second.sender()).await;
    for dead_letters in ["webhooks", "tasks", "reminders"] {
        let dead = stack.waiting(&format!("{dead_letters}-dead-letters")).await;
        assert_eq!(dead, 0, "a pause makes no dead letters of {dead_letters}");
    }

    second.delete().await;
    assert!(
        knows(&stack, &team.workspace).await,
        "data outlives a stack"
    );
    let gone = stack.anonymous("GET", "/api/health").await;
    assert_ne!(gone.status, 200, "{gone}");
    let stays = first.anonymous("GET", "/api/health").await;
    assert_eq!(stays.status, 200, "{stays}");
}
