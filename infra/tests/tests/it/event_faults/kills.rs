//! A function is killed at each of its steps, and its messages are delivered again.

use cairn_tests::{Hold, Moment, Operation};

use super::lock::Lock;
use super::{Scene, Task};

const SECOND_MAIL: &str = "PossibleSecondMail";

/// Where the worker is killed.
#[derive(Clone, Copy, Debug)]
enum Step {
    BeforeReading,
    /// The mail is claimed, and SES did not get it.
    BeforeSending,
    /// SES took it, and it is not marked as sent. The one case in which a mail goes out twice.
    AfterSending,
    BeforeScheduling,
    AfterScheduling,
    /// All is done but that the promise is crossed out.
    BeforeDeleting,
}

const STEPS: [Step; 6] = [
    Step::BeforeReading,
    Step::BeforeSending,
    Step::AfterSending,
    Step::BeforeScheduling,
    Step::AfterScheduling,
    Step::BeforeDeleting,
];

impl Step {
    fn mails(self) -> usize {
        if matches!(self, Self::AfterSending) {
            2
        } else {
            1
        }
    }

    /// Whether nobody knows what became of a mail.
    fn leaves_doubt(self) -> bool {
        matches!(self, Self::BeforeSending | Self::AfterSending)
    }
}

/// What makes the worker stop at a step.
enum Stop {
    Call(Hold),
    Statement(Lock),
}

impl Stop {
    async fn at(step: Step, scene: &Scene, task: &Task) -> Self {
        let call = |operation, moment, containing: &str| {
            let call = scene.aws.next(operation).containing(containing);
            Self::Call(call.hold(moment))
        };
        let (mail, schedule) = (Operation::SendEmail, Operation::CreateSchedule);
        match step {
            Step::BeforeReading => Self::Statement(Lock::on_outbox(&scene.app).await),
            Step::BeforeSending => call(mail, Moment::Before, &task.title),
            Step::AfterSending => call(mail, Moment::After, &task.title),
            Step::BeforeScheduling => call(schedule, Moment::Before, &task.id),
            Step::AfterScheduling => call(schedule, Moment::After, &task.id),
            Step::BeforeDeleting => Self::Statement(
                Lock::on_promise(&scene.app, task.outbox_id)
                    .await
                    .expect("the promise is there"),
            ),
        }
    }

    /// Kills the function when it is there.
    async fn and_kill(self, scene: &Scene, function: &str) {
        match self {
            Self::Call(hold) => {
                hold.reached().await;
                scene.app.kill(function);
                hold.discard();
            }
            Self::Statement(lock) => {
                lock.reached(&scene.app).await;
                scene.app.kill(function);
                lock.drop_waiting(&scene.app).await;
                lock.release().await;
            }
        }
    }
}

#[tokio::test]
async fn a_worker_killed_at_any_step_loses_nothing_and_repeats_only_what_is_counted() {
    let scene = Scene::start().await;
    let mut doubts = 0;
    for step in STEPS {
        let case = format!("{step:?}");
        let task = scene.task().await;
        let stop = Stop::at(step, &scene, &task).await;
        let (killed, ()) = tokio::join!(
            scene.app.deliver("worker", scene.task_queue()),
            stop.and_kill(&scene, "worker")
        );
        assert_eq!((killed.failed, killed.done), (1, 0), "{case}");

        let again = scene.app.deliver("worker", scene.task_queue()).await;
        if step.leaves_doubt() {
            doubts += 1;
            assert_eq!(
                (again.failed, again.done),
                (1, 0),
                "{case}: the claim holds"
            );
            scene.a_minute_passes().await;
            let at_last = scene.app.deliver("worker", scene.task_queue()).await;
            assert_eq!((at_last.failed, at_last.done), (0, 1), "{case}");
        } else {
            assert_eq!((again.failed, again.done), (0, 1), "{case}");
        }
        scene.all_is_well(&task, step.mails(), &case).await;
        assert_eq!(scene.metric("worker", SECOND_MAIL), doubts, "{case}");
    }
}

#[tokio::test]
async fn a_worker_killed_in_the_middle_of_a_batch_loses_nothing_of_it() {
    let scene = Scene::start().await;
    let mut more = 0;
    for step in STEPS {
        let case = format!("in a batch, {step:?}");
        let tasks = [scene.task().await, scene.task().await, scene.task().await];
        let stop = Stop::at(step, &scene, &tasks[1]).await;
        let (killed, ()) = tokio::join!(
            scene.app.deliver("worker", scene.task_queue()),
            stop.and_kill(&scene, "worker")
        );
        assert_eq!((killed.failed, killed.done), (3, 0), "{case}");
        scene.a_minute_passes().await;
        scene.app.drain("worker", scene.task_queue()).await;
        for (number, task) in tasks.iter().enumerate() {
            let case = format!("{case}, task {number}");
            let mails = scene.mails_about(task).await.len();
            // Marks wait for company: a mail that SES took in the last half second before the death may be sent again.
            assert!((1..=2).contains(&mails), "{mails} mails, {case}");
            more += mails - 1;
            scene.all_is_well(task, mails, &case).await;
        }
        let counted = scene.metric("worker", SECOND_MAIL);
        assert!(
            u64::try_from(more).is_ok_and(|more| more <= counted),
            "{more} mails came twice and {counted} are counted, {case}"
        );
    }
}

#[tokio::test]
async fn the_reminders_killed_at_any_step_lose_nothing_and_repeat_only_what_is_counted() {
    let scene = Scene::start().await;
    let mut doubts = 0;
    for step in [Step::BeforeSending, Step::AfterSending] {
        let task = scene.task_with_reminder().await;
        let stop = Stop::at(step, &scene, &task).await;
        let (killed, ()) = tokio::join!(
            scene.app.deliver("reminders", scene.reminder_queue()),
            stop.and_kill(&scene, "reminders")
        );
        assert_eq!((killed.failed, killed.done), (1, 0), "{step:?}");
        doubts += 1;
        let early = scene.app.deliver("reminders", scene.reminder_queue()).await;
        assert_eq!(
            (early.failed, early.done),
            (1, 0),
            "{step:?}: the claim holds"
        );
        scene.a_minute_passes().await;
        scene.app.drain("reminders", scene.reminder_queue()).await;
        assert_eq!(
            scene.mails_about(&task).await.len(),
            step.mails(),
            "{step:?}"
        );
        assert_eq!(scene.metric("reminders", SECOND_MAIL), doubts, "{step:?}");
    }
}
