//! Batches with records that fail.

use cairn_tests::{AwsProxy, Fault, Operation};
use serde_json::{Value, json};

use super::{Scene, reminder, task_change};

#[tokio::test]
async fn what_is_no_message_ends_in_the_dead_letters_and_holds_nothing_up() {
    let scene = Scene::start().await;
    let aws = scene.app.aws();
    let secret = "ann@example.com";
    let task = scene.task(&scene.world.assignee).await;
    let poison = [
        json!({"task_change": {"outbox_id": secret}}),
        json!({"clerk_event": {"type": "user.created", "data": secret}}),
        reminder(task, 0),
        json!(secret),
    ];
    for message in &poison {
        aws.send(&aws.task_queue.url, message).await;
    }
    let delivered = scene.app.drain("worker", &aws.task_queue).await;
    assert_eq!(delivered.done, 1);
    assert_eq!(scene.mails_to(&scene.world.assignee).await.len(), 1);
    let dead = aws.messages(&aws.task_queue.dead_letters).await;
    assert_eq!(dead.len(), poison.len());
    for logged in scene.app.logs_of("worker") {
        assert!(!logged.contains(secret), "{logged}");
    }
    let causes: Vec<_> = scene
        .app
        .logs_of("worker")
        .into_iter()
        .filter(|line| line.contains("a record failed"))
        .collect();
    assert!(causes.len() >= poison.len(), "{causes:?}");
    assert!(causes.iter().all(|line| line.contains("poison")));

    let wrong = [task_change(task), json!({"clerk_event": {}})];
    let failed = scene.app.invoke_with("reminders", &wrong).await;
    assert_eq!(failed, [0, 1]);
}

/// The first tries come soon, long before the queue would show the message again by itself.
#[tokio::test]
async fn a_failed_record_asks_to_come_back_soon_and_then_less_soon() {
    let proxy = AwsProxy::start();
    let scene = Scene::start_as(|builder| builder.aws_through("worker", &proxy)).await;
    proxy
        .every(Operation::SendEmail)
        .meet(Fault::Refuse(503, "ServiceUnavailable", "try later"));
    scene.task(&scene.world.assignee).await;
    let aws = scene.app.aws();
    scene.app.drain("worker", &aws.task_queue).await;
    let pauses: Vec<Value> = proxy
        .calls(Operation::ChangeMessageVisibility)
        .iter()
        .map(|call| call.body["VisibilityTimeout"].clone())
        .collect();
    assert_eq!(pauses, [5, 20, 60, 180, 1]);
    assert_eq!(aws.messages(&aws.task_queue.dead_letters).await.len(), 1);
}

/// Where the messages cannot be called back early they come back late, which is all.
#[tokio::test]
async fn a_batch_is_answered_though_sqs_is_away() {
    let proxy = AwsProxy::start();
    let scene = Scene::start_as(|builder| builder.aws_through("worker", &proxy)).await;
    proxy
        .next(Operation::SendEmail)
        .meet(Fault::Refuse(503, "ServiceUnavailable", "try later"));
    proxy
        .every(Operation::ChangeMessageVisibility)
        .meet(Fault::Swallow);
    scene.task(&scene.world.assignee).await;
    let delivered = scene.app.drain("worker", &scene.app.aws().task_queue).await;
    assert_eq!((delivered.failed, delivered.done), (1, 1));
    assert_eq!(scene.mails_to(&scene.world.assignee).await.len(), 1);
}
