//! SQS is away while two hundred tasks are made: nobody notices, and every mail goes out when it is back.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use cairn_tests::{AwsProxy, Fault, Operation, TestApp, World};
use serde_json::json;

const TASKS: usize = 200;
/// Requests at a time.
const CLIENTS: usize = 4;

#[tokio::test]
async fn two_hundred_tasks_made_while_sqs_refuses_are_two_hundred_mails_afterwards() {
    let proxy = AwsProxy::start();
    let app = TestApp::builder()
        .only(&["tasks", "worker", "relay"])
        .environments(CLIENTS)
        .aws_through("tasks", &proxy)
        .start()
        .await;
    let world = World::create(app.database()).await;
    proxy
        .every(Operation::SendMessage)
        .meet(Fault::Refuse(503, "ServiceUnavailable", "away"));
    let path = format!("/api/tasks/project/{}/tasks", world.project);
    let make = async |client: usize| {
        let mut longest = Duration::ZERO;
        for number in 0..TASKS / CLIENTS {
            let title = format!("Task {client}-{number}");
            let body = json!({"title": title, "assigneeId": world.assignee.id, "due_date": "2040-05-04T12:00:00Z"});
            let began = Instant::now();
            let made = app.post(&world.lead, &path, &body).await;
            made.says(201, "Task created successfully");
            longest = longest.max(began.elapsed());
        }
        longest
    };
    let (a, b, c, d) = tokio::join!(make(0), make(1), make(2), make(3));
    let longest = a.max(b).max(c).max(d);
    assert!(longest < Duration::from_secs(3), "one took {longest:?}");
    assert!(!proxy.calls(Operation::SendMessage).is_empty());
    assert!(
        app.aws()
            .messages(&app.aws().task_queue.url)
            .await
            .is_empty(),
        "SQS took nothing"
    );

    proxy.heal();
    app.relay("outbox").await;
    // A quarter of an hour later: what a request had no time left to make due at once.
    app.database()
        .execute(
            "UPDATE outbox SET next_attempt_at = now() WHERE attempts = 0",
            &[],
        )
        .await
        .expect("the outbox can be changed");
    app.relay("outbox").await;
    let delivered = app.drain("worker", &app.aws().task_queue).await;
    assert_eq!((delivered.done, delivered.failed), (TASKS, 0));

    let mails = app.aws().mails_to(&world.assignee.email).await;
    assert_eq!(mails.len(), TASKS);
    let subjects: BTreeSet<_> = mails.iter().map(|mail| &mail.subject).collect();
    assert_eq!(subjects.len(), TASKS, "one for each task");
    let left: i64 = app
        .database()
        .query_one("SELECT count(*) FROM outbox", &[])
        .await
        .expect("the outbox can be read")
        .get(0);
    assert_eq!(left, 0);
    // Nothing comes of messages that arrive once more.
    app.relay("outbox").await;
    app.drain("worker", &app.aws().task_queue).await;
    assert_eq!(app.aws().mails().await.len(), TASKS);
}
