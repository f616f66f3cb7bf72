//! A function is killed at each of its steps, and its messages are delivered again.

use cairn_tests::kills::{Step, Stop, WORKER_STEPS};

use super::Scene;

const SECOND_MAIL: &str = "PossibleSecondMail";

fn mails_after(step: Step) -> usize {
    if step == Step::AfterSending { 2 } else { 1 }
}

/// Whether nobody knows what became of a mail.
fn leaves_doubt(step: Step) -> bool {
    matches!(step, Step::BeforeSending | Step::AfterSending)
}

#[tokio::test]
async fn a_worker_killed_at_any_step_loses_nothing_and_repeats_only_what_is_counted() {
    let scene = Scene::start().await;
    let mut doubts = 0;
    for step in WORKER_STEPS {
        let case = format!("{step:?}");
        let task = scene.task().await;
        let stop = Stop::at(step, &scene.app, &scene.aws, &task.promised()).await;
        let (killed, ()) = tokio::join!(
            scene.app.deliver("worker", scene.task_queue()),
            stop.and_kill(&scene.app, "worker")
        );
        assert_eq!((killed.failed, killed.done), (1, 0), "{case}");

        let again = scene.app.deliver("worker", scene.task_queue()).await;
        if leaves_doubt(step) {
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
        scene.all_is_well(&task, mails_after(step), &case).await;
        assert_eq!(scene.metric("worker", SECOND_MAIL), doubts, "{case}");
    }
}

#[tokio::test]
async fn a_worker_killed_in_the_middle_of_a_batch_loses_nothing_of_it() {
    let scene = Scene::start().await;
    let mut more = 0;
    for step in WORKER_STEPS {
        let case = format!("in a batch, {step:?}");
        let tasks = [scene.task().await, scene.task().await, scene.task().await];
        let stop = Stop::at(step, &scene.app, &scene.aws, &tasks[1].promised()).await;
        let (killed, ()) = tokio::join!(
            scene.app.deliver("worker", scene.task_queue()),
            stop.and_kill(&scene.app, "worker")
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
        let stop = Stop::at(step, &scene.app, &scene.aws, &task.promised()).await;
        let (killed, ()) = tokio::join!(
            scene.app.deliver("reminders", scene.reminder_queue()),
            stop.and_kill(&scene.app, "reminders")
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
            mails_after(step),
            "{step:?}"
        );
        assert_eq!(scene.metric("reminders", SECOND_MAIL), doubts, "{step:?}");
    }
}
