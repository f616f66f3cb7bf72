//! What the nightly comparison asks Scheduler for, how far it looks, and what becomes of a night that ends early.

use std::time::Duration;

use cairn_dev::lambda_host::Outcome;
use cairn_tests::{AwsProxy, Fault, Moment, Operation};
use serde_json::json;
use uuid::Uuid;

use super::{LATER, Scene, schedule_of};

impl Scene {
    /// Mails of tasks that are gone, sent so long ago that they are to be forgotten.
    async fn old_mails(&self, number: i32) {
        let insert =
            "INSERT INTO deliveries (kind, task_id, user_id, version, claimed_until, sent_at)
             SELECT 'assignment', gen_random_uuid(), $1, 1, now(), now() - interval '31 days'
               FROM generate_series(1, $2::int)";
        self.execute(insert, &[&self.world.assignee.id, &number])
            .await;
    }

    /// The world's own task would remind, too.
    async fn no_other_tasks(&self) {
        self.execute("UPDATE tasks SET status = 'DONE'", &[]).await;
    }
}

#[tokio::test]
async fn nothing_is_asked_of_scheduler_that_need_not_be() {
    let proxy = AwsProxy::start();
    let scene = Scene::start_as(|builder| builder.aws_through("relay", &proxy)).await;
    scene.no_other_tasks().await;
    let calls = || {
        let calls = |operation| proxy.calls(operation).len();
        (
            calls(Operation::CreateSchedule),
            calls(Operation::DeleteSchedule),
        )
    };
    let past = scene.silent_tasks(1).await;
    let due = "UPDATE tasks SET due_date = now() - interval '1 hour' WHERE id = ANY ($1)";
    scene.execute(due, &[&past]).await;
    let tasks = scene.silent_tasks(2).await;
    scene.app.relay("nightly").await;
    assert_eq!(calls(), (2, 0), "what is past is not asked for");
    let away = "UPDATE tasks SET due_date = due_date + interval '1 day' WHERE id = $1";
    scene.execute(away, &[&tasks[0]]).await;
    scene.app.relay("nightly").await;
    assert_eq!(calls(), (3, 1), "the new time is asked for once");
    scene.app.relay("nightly").await;
    assert_eq!(calls(), (3, 1), "all is as it should be");
}

#[tokio::test]
async fn a_schedule_that_is_gone_by_then_is_as_good_as_deleted_and_one_that_stays_has_failed() {
    let proxy = AwsProxy::start();
    let scene = Scene::start_as(|builder| builder.aws_through("relay", &proxy)).await;
    scene.no_other_tasks().await;
    let [gone, stays] = [Uuid::now_v7(), Uuid::now_v7()];
    for nobody in [gone, stays] {
        scene.schedule(&schedule_of(nobody), nobody, LATER.1).await;
    }
    proxy
        .every(Operation::DeleteSchedule)
        .containing(&stays.to_string())
        .meet(Fault::Refuse(400, "ValidationException", "no"));
    let deletion = proxy.next(Operation::DeleteSchedule).hold(Moment::Before);
    let meanwhile = async {
        deletion.reached().await;
        scene.app.aws().delete_schedule(&schedule_of(gone)).await;
        deletion.release();
    };
    tokio::join!(scene.app.relay("nightly"), meanwhile);
    assert_eq!(scene.schedules().await, [schedule_of(stays)]);
    assert_eq!(scene.metric("relay", "ScheduleDeleted"), [1]);
    assert_eq!(scene.metric("relay", "ScheduleRepairFailed"), [1]);
    proxy.heal();
    scene.app.relay("nightly").await;
    assert!(scene.schedules().await.is_empty());
}

/// With half a minute left nothing further is begun.
#[tokio::test]
async fn what_there_is_no_time_for_is_left_for_the_next_night() {
    let scene = Scene::start_as(|builder| builder.timeout(Duration::from_secs(25))).await;
    scene.no_other_tasks().await;
    scene.silent_tasks(2).await;
    let nobody = Uuid::now_v7();
    scene.schedule(&schedule_of(nobody), nobody, LATER.1).await;
    scene.old_mails(2001).await;
    scene.app.relay("nightly").await;
    assert_eq!(scene.schedules().await, [schedule_of(nobody)]);
    assert_eq!(scene.metric("relay", "ScheduleMade"), [0]);
    assert_eq!(scene.metric("relay", "ScheduleDeleted"), [0]);
    assert_eq!(scene.metric("relay", "ScheduleRepairFailed"), [3]);
    assert_eq!(scene.metric("relay", "DeliveryForgotten"), [2000]);
}

#[tokio::test]
async fn old_mails_are_forgotten_however_many_they_are() {
    let scene = Scene::start().await;
    scene.old_mails(4001).await;
    scene.app.relay("nightly").await;
    assert_eq!(scene.count("SELECT count(*) FROM deliveries").await, 0);
    assert_eq!(scene.metric("relay", "DeliveryForgotten"), [4001]);
}

/// Tasks are read a page at a time, 5,000 of them. Those on the first one here are past.
#[tokio::test]
async fn a_task_beyond_the_first_page_is_scheduled() {
    let scene = Scene::start().await;
    scene.no_other_tasks().await;
    let past = scene.silent_tasks(5000).await;
    let due = "UPDATE tasks SET due_date = now() - interval '1 hour' WHERE id = ANY ($1)";
    scene.execute(due, &[&past]).await;
    let task = scene.silent_tasks(1).await[0];
    scene.app.relay("nightly").await;
    assert_eq!(scene.schedules().await, [schedule_of(task)]);
}

/// Its due date is the midnight that it began with in UTC.
#[tokio::test]
async fn a_day_that_has_begun_is_scheduled_where_its_reminder_is_still_to_come() {
    let scene = Scene::start().await;
    scene.no_other_tasks().await;
    let west =
        "UPDATE workspaces SET timezone = 'Etc/GMT+12', reminder_time = '23:59' WHERE id = $1";
    scene.execute(west, &[&scene.world.workspace]).await;
    let task = scene.silent_tasks(1).await[0];
    let due = "UPDATE tasks SET due_date = date_trunc('day', now(), 'UTC') WHERE id = $1
               RETURNING extract(epoch FROM due_date)::bigint";
    let row = scene.app.database().query_one(due, &[&task]).await;
    let midnight: i64 = row.expect("the task is due today").get(0);
    scene.app.relay("nightly").await;
    let at = midnight + (23 * 60 + 59) * 60 + 12 * 3600;
    assert_eq!(scene.schedules().await, [format!("task-{task}-{at}")]);
}

#[tokio::test]
async fn a_job_that_cannot_be_finished_fails_and_is_named_in_the_log() {
    let proxy = AwsProxy::start();
    let scene = Scene::start_as(|builder| builder.aws_through("relay", &proxy)).await;
    let denied = Fault::Refuse(403, "AccessDeniedException", "no scheduler:ListSchedules");
    proxy.every(Operation::ListSchedules).meet(denied);
    let away = "ALTER TABLE outbox RENAME COLUMN attempts TO somewhere_else";
    scene.execute(away, &[]).await;
    for (job, cause) in [
        ("nightly", "no scheduler:ListSchedules"),
        ("outbox", "SQLSTATE 42703"),
    ] {
        let invoked = scene.app.invoke("relay", &json!({"job": job})).await;
        assert!(
            !matches!(invoked.outcome, Outcome::Answer(_)),
            "{invoked:?}"
        );
        let named = format!("\"job\":\"{job}\"");
        let logs = scene.app.logs_of("relay");
        let told = logs.iter().any(|line| {
            line.contains("\"ERROR\"") && line.contains(&named) && line.contains(cause)
        });
        assert!(told, "{job}: {logs:#?}");
    }
}
