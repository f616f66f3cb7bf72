//! SES fails, refuses, or its answer is lost.

use cairn_tests::{Fault, Moment, Operation};
use serde_json::{Value, json};

use super::Scene;

const SECOND_MAIL: &str = "PossibleSecondMail";
/// What SES says of a sender that nobody verified.
const NOT_VERIFIED: Fault = Fault::Refuse(
    400,
    "MessageRejected",
    "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: ann.assignee@example.com",
);

#[tokio::test]
async fn ses_failing_three_times_and_then_working_sends_one_mail() {
    let scene = Scene::start().await;
    let failures = [
        Fault::Refuse(500, "InternalFailure", "Internal failure"),
        Fault::Refuse(503, "ServiceUnavailable", "Try again"),
        Fault::Refuse(400, "LimitExceededException", "Too much today"),
    ];
    for fault in failures {
        scene.aws.next(Operation::SendEmail).meet(fault);
    }
    let task = scene.task().await;
    let delivered = scene.app.drain("worker", scene.task_queue()).await;
    assert_eq!((delivered.failed, delivered.done), (3, 1));
    scene.all_is_well(&task, 1, "after three failures").await;
    assert_eq!(scene.metric("worker", SECOND_MAIL), 0);
}

#[tokio::test]
async fn ses_asking_for_less_haste_is_asked_again_at_once() {
    let scene = Scene::start().await;
    scene
        .aws
        .next(Operation::SendEmail)
        .times(2)
        .meet(Fault::Refuse(429, "TooManyRequestsException", "Slow down"));
    let task = scene.task().await;
    let delivered = scene.app.drain("worker", scene.task_queue()).await;
    assert_eq!((delivered.failed, delivered.done), (0, 1));
    scene.all_is_well(&task, 1, "after two throttlings").await;
}

#[tokio::test]
async fn while_ses_fails_for_good_the_message_goes_to_the_dead_letters_and_a_redrive_sends_the_mail()
 {
    let scene = Scene::start().await;
    scene.aws.every(Operation::SendEmail).meet(NOT_VERIFIED);
    let task = scene.task().await;
    let delivered = scene.app.drain("worker", scene.task_queue()).await;
    assert_eq!((delivered.failed, delivered.done), (5, 0));
    assert_eq!(
        scene
            .app
            .aws()
            .messages(&scene.task_queue().dead_letters)
            .await,
        [json!({"task_change": {"outbox_id": task.outbox_id}})]
    );
    assert_eq!(scene.promises().await, 1, "the promise stays");

    let logs = scene.app.logs_of("worker");
    let causes = logs
        .iter()
        .filter(|line| line.contains("not verified") && line.contains(&task.outbox_id.to_string()));
    assert_eq!(causes.count(), 5, "each failure is in the log: {logs:?}");
    let address = |line: &&String| line.contains("ann.assignee") || line.contains(&task.title);
    assert_eq!(logs.iter().find(address), None, "nothing private is");

    scene.aws.heal();
    scene.app.aws().redrive(scene.task_queue()).await;
    scene.app.drain("worker", scene.task_queue()).await;
    scene.all_is_well(&task, 1, "after the redrive").await;
    assert_eq!(scene.metric("worker", SECOND_MAIL), 0);
}

#[tokio::test]
async fn a_reminder_that_ses_does_not_take_goes_to_the_dead_letters_and_a_redrive_sends_it() {
    let scene = Scene::start().await;
    scene.aws.every(Operation::SendEmail).meet(NOT_VERIFIED);
    let task = scene.task_with_reminder().await;
    let delivered = scene.app.drain("reminders", scene.reminder_queue()).await;
    assert_eq!((delivered.failed, delivered.done), (5, 0));
    scene.aws.heal();
    scene.app.aws().redrive(scene.reminder_queue()).await;
    scene.app.drain("reminders", scene.reminder_queue()).await;
    assert_eq!(scene.mails_about(&task).await.len(), 1);
    assert_eq!(scene.metric("reminders", SECOND_MAIL), 0);
}

#[tokio::test]
async fn an_address_that_ses_refuses_is_given_up_and_counted() {
    let scene = Scene::start().await;
    let suppressed = Fault::Refuse(400, "MessageRejected", "Address is on the suppression list");
    scene.aws.every(Operation::SendEmail).meet(suppressed);
    let task = scene.task().await;
    let delivered = scene.app.drain("worker", scene.task_queue()).await;
    assert_eq!((delivered.failed, delivered.done), (0, 1));
    scene
        .all_is_well(&task, 0, "an address that is refused")
        .await;
    assert_eq!(scene.metric("worker", "MailRefused"), 1);
    let logs = scene.app.logs_of("worker");
    let told = |line: &String| line.contains("WARN") && line.contains(&task.id);
    assert!(logs.iter().any(told), "the log names the task: {logs:?}");

    // Sending it again would change nothing, and is not tried.
    scene.aws.heal();
    let message = json!({"task_change": {"outbox_id": task.outbox_id}});
    assert_eq!(scene.app.invoke_with("worker", &[message]).await, [0; 0]);
    assert_eq!(scene.mails_about(&task).await.len(), 0);
}

/// What becomes of a call whose answer does not come, and how many mails that makes.
const LOST: [(Fault, usize); 4] = [
    (Fault::LoseAnswer, 2),
    (Fault::Reset, 1),
    (Fault::SwallowAnswer, 2),
    (Fault::Swallow, 1),
];

#[tokio::test]
async fn a_lost_answer_of_ses_makes_at_most_one_more_mail_and_is_counted() {
    let scene = Scene::start().await;
    for (count, (fault, mails)) in (1..).zip(LOST) {
        let case = format!("{fault:?}");
        scene.aws.next(Operation::SendEmail).meet(fault);
        let task = scene.task().await;
        let delivered = scene.app.drain("worker", scene.task_queue()).await;
        assert_eq!((delivered.failed, delivered.done), (1, 1), "{case}");
        scene.all_is_well(&task, mails, &case).await;
        assert_eq!(scene.metric("worker", SECOND_MAIL), count, "{case}");
    }
}

#[tokio::test]
async fn a_lost_answer_of_ses_makes_at_most_one_more_reminder_and_is_counted() {
    let scene = Scene::start().await;
    for (count, (fault, mails)) in (1..).zip(LOST) {
        let case = format!("{fault:?}");
        scene.aws.next(Operation::SendEmail).meet(fault);
        let task = scene.task_with_reminder().await;
        let delivered = scene.app.drain("reminders", scene.reminder_queue()).await;
        assert_eq!((delivered.failed, delivered.done), (1, 1), "{case}");
        assert_eq!(scene.mails_about(&task).await.len(), mails, "{case}");
        assert_eq!(scene.metric("reminders", SECOND_MAIL), count, "{case}");
    }
}

/// SQS delivers a message now and then twice, also at the same time.
#[tokio::test]
async fn a_mail_that_one_worker_is_sending_is_not_sent_by_another() {
    let scene = Scene::start_as(|builder| builder.environments(2)).await;
    let task = scene.task_with_reminder().await;
    let assignment = json!({"task_change": {"outbox_id": task.outbox_id}});
    let reminder = scene.app.aws().messages(&scene.reminder_queue().url).await;
    for (function, message) in [("worker", &assignment), ("reminders", &reminder[0])] {
        let before = scene.mails_about(&task).await.len();
        let message = std::slice::from_ref::<Value>(message);
        let hold = scene.aws.next(Operation::SendEmail).hold(Moment::Before);
        let second = async {
            hold.reached().await;
            let failed = scene.app.invoke_with(function, message).await;
            assert_eq!(failed, [0], "the second of {function} fails and comes back");
            hold.release();
        };
        let (failed, ()) = tokio::join!(scene.app.invoke_with(function, message), second);
        assert_eq!(failed, [0; 0], "the first of {function} does its work");
        assert_eq!(scene.app.invoke_with(function, message).await, [0; 0]);
        assert_eq!(
            scene.mails_about(&task).await.len(),
            before + 1,
            "{function}"
        );
        assert_eq!(scene.metric(function, SECOND_MAIL), 0, "{function}");
    }
}
