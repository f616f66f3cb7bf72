//! Scheduler fails, or its answer is lost.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cairn_tests::{Fault, Moment, Operation};
use serde_json::json;

use super::Scene;

const PAUSE: Duration = Duration::from_millis(100);

/// An instant some seconds from now, as the API takes it.
pub fn in_seconds(seconds: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let at = now.expect("a time after 1970").as_secs() + seconds;
    let at = i64::try_from(at).expect("a time of this age");
    jiff::Timestamp::from_second(at)
        .expect("a time of this age")
        .to_string()
}

impl Scene {
    /// Waits until every schedule has fired, and does what the reminders are for.
    pub(super) async fn let_all_schedules_fire(&self) {
        loop {
            let waiting = !self.app.aws().schedules().await.is_empty();
            self.app.drain("reminders", self.reminder_queue()).await;
            if !waiting {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// How many reminders of a task were sent.
    pub(super) async fn reminders_of(&self, task: &super::Task) -> usize {
        let mails = self.mails_about(task).await;
        let reminders = mails
            .iter()
            .filter(|mail| mail.subject.starts_with("Due: "));
        reminders.count()
    }
}

#[tokio::test]
async fn a_lost_answer_of_scheduler_makes_no_second_reminder() {
    let scene = Scene::start().await;
    // Scheduler's client asks again by itself, up to three times in all.
    for (lost, failed) in [(1, 0), (3, 1)] {
        scene
            .aws
            .next(Operation::CreateSchedule)
            .times(lost)
            .meet(Fault::LoseAnswer);
        let task = scene.task_due(&in_seconds(4)).await;
        let delivered = scene.app.drain("worker", scene.task_queue()).await;
        assert_eq!(
            (delivered.failed, delivered.done),
            (failed, 1),
            "{lost} lost"
        );
        assert_eq!(scene.promises().await, 0, "{lost} lost");
        scene.let_all_schedules_fire().await;
        assert_eq!(scene.reminders_of(&task).await, 1, "{lost} lost");
        assert_eq!(scene.mails_about(&task).await.len(), 2, "{lost} lost");
    }
}

#[tokio::test]
async fn while_scheduler_fails_the_message_comes_back_and_the_mail_does_not() {
    let scene = Scene::start().await;
    let (busy, denied) = ("Rate exceeded", "not authorized to perform: iam:PassRole");
    // With what the log calls it: only what somebody has to mend is an error.
    for (fault, kind) in [
        (Fault::Refuse(429, "ThrottlingException", busy), "retry"),
        (Fault::Refuse(429, "TooManyRequests", busy), "retry"),
        (Fault::Refuse(400, "ThrottlingException", busy), "retry"),
        (
            Fault::Refuse(500, "InternalServerException", "Internal error"),
            "retry",
        ),
        (
            Fault::Refuse(403, "AccessDeniedException", denied),
            "misconfigured",
        ),
    ] {
        let case = format!("{fault:?}");
        scene.aws.every(Operation::CreateSchedule).meet(fault);
        let task = scene.task().await;
        let delivered = scene.app.deliver("worker", scene.task_queue()).await;
        assert_eq!((delivered.failed, delivered.done), (1, 0), "{case}");
        assert_eq!(scene.mails_about(&task).await.len(), 1, "{case}");
        assert_eq!(scene.promises().await, 1, "{case}: the promise stays");
        let logs = scene.app.logs_of("worker");
        let told = logs.iter().find(|line| {
            line.contains("a record failed") && line.contains(&task.outbox_id.to_string())
        });
        let named = format!("\"kind\":\"{kind}\"");
        assert!(
            told.is_some_and(|line| line.contains(&named)),
            "{case}: {told:?}"
        );
        scene.aws.heal();
        scene.app.drain("worker", scene.task_queue()).await;
        scene.all_is_well(&task, 1, &case).await;
    }
    assert_eq!(scene.metric("worker", "PossibleSecondMail"), 0);
}

/// The first try is lost on the way until the time has passed, and Scheduler takes no schedule for the past.
#[tokio::test]
async fn a_time_that_passes_on_the_way_to_scheduler_reminds_at_once() {
    let scene = Scene::start().await;
    let first = scene
        .aws
        .next(Operation::CreateSchedule)
        .hold(Moment::Before);
    let past = Fault::Refuse(400, "ValidationException", "the time is in the past");
    scene.aws.next(Operation::CreateSchedule).meet(past);
    let task = scene.task_due(&in_seconds(3)).await;
    let passes = async {
        first.reached().await;
        let is_past = format!(
            "SELECT count(*) FROM tasks WHERE id = '{}' AND due_date < now()",
            task.id
        );
        while scene.count(&is_past).await == 0 {
            tokio::time::sleep(PAUSE).await;
        }
        first.discard();
    };
    let (delivered, ()) = tokio::join!(scene.app.deliver("worker", scene.task_queue()), passes);
    assert_eq!((delivered.failed, delivered.done), (0, 1));
    assert!(scene.schedules_of(&task).await.is_empty());
    assert_eq!(scene.promises().await, 0);
    scene.app.drain("reminders", scene.reminder_queue()).await;
    assert_eq!(scene.reminders_of(&task).await, 1);
}

#[tokio::test]
async fn while_scheduler_fails_for_good_the_message_goes_to_the_dead_letters() {
    let scene = Scene::start().await;
    let refused = Fault::Refuse(403, "AccessDeniedException", "no iam:PassRole");
    scene.aws.every(Operation::CreateSchedule).meet(refused);
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
    let logs = scene.app.logs_of("worker");
    assert!(
        logs.iter().any(|line| line.contains("iam:PassRole")),
        "the cause is in the log: {logs:?}"
    );
    scene.aws.heal();
    scene.app.aws().redrive(scene.task_queue()).await;
    scene.app.drain("worker", scene.task_queue()).await;
    scene.all_is_well(&task, 1, "after the redrive").await;
}
