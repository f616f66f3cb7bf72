//! Which reminder is scheduled, and which goes out at once.

use cairn_tests::{AwsProxy, Operation};
use serde_json::json;

use super::{LATER, Scene, reminder, schedule_of};

#[tokio::test]
async fn the_due_time_is_scheduled_once_and_sends_the_reminder() {
    let scene = Scene::start().await;
    let task = scene.task(&scene.world.assignee).await;
    scene.follow_up().await;
    let schedules = scene.app.aws().schedules().await;
    assert_eq!(schedules.len(), 1);
    let schedule = &schedules[0];
    assert_eq!(schedule.name, schedule_of(task));
    assert_eq!(schedule.expression, "at(2040-05-04T12:00:00)");
    assert_eq!(schedule.target, scene.app.aws().reminder_queue.arn);
    assert_eq!(schedule.input, reminder(task, LATER.1));
}

/// What Scheduler cannot put on the queue within a day would be dropped there as too late.
#[tokio::test]
async fn scheduler_tries_for_a_day_and_then_leaves_the_reminder_with_the_dead_letters() {
    let proxy = AwsProxy::start();
    let scene = Scene::start_as(|builder| builder.aws_through("worker", &proxy)).await;
    scene.task(&scene.world.assignee).await;
    scene.follow_up().await;
    let calls = proxy.calls(Operation::CreateSchedule);
    assert_eq!(calls.len(), 1);
    let target = &calls[0].body["Target"];
    assert_eq!(
        target["RetryPolicy"],
        json!({"MaximumEventAgeInSeconds": 86_400})
    );
    let dead_letters = target["DeadLetterConfig"]["Arn"].as_str();
    assert!(dead_letters.is_some_and(|arn| !arn.is_empty()), "{target}");
}

#[tokio::test]
async fn part_of_a_second_is_rounded_up() {
    let scene = Scene::start().await;
    let task = scene
        .task_due(&scene.world.assignee, "2040-05-04T11:59:59.001Z")
        .await;
    scene.follow_up().await;
    assert_eq!(scene.schedules().await, [schedule_of(task)]);
}

#[tokio::test]
async fn a_day_is_scheduled_at_the_workspaces_time_and_follows_its_changes() {
    let scene = Scene::start().await;
    let path = format!("/api/workspace/{}", scene.world.workspace);
    let task = scene.task_due(&scene.world.assignee, "2040-05-04").await;
    scene.follow_up().await;
    let set = async |settings| {
        scene
            .app
            .patch(&scene.world.owner, &path, &json!({"settings": settings}))
            .await
            .data(200);
        scene.app.relay("outbox").await;
        scene.follow_up().await;
    };
    set(json!({"timezone": "Europe/Prague", "reminder_time": "08:30"})).await;
    let [midnight, morning] = [2_219_702_400, 2_219_725_800];
    let names = [midnight, morning].map(|at: i64| format!("task-{task}-{at}"));
    let scheduled = scene.schedules().await;
    assert!(
        names.iter().all(|name| scheduled.contains(name)),
        "{scheduled:?}"
    );
}

#[tokio::test]
async fn another_due_date_is_another_schedule() {
    let scene = Scene::start().await;
    let task = scene
        .task_due(&scene.world.assignee, "2041-01-01T10:00:00Z")
        .await;
    scene.follow_up().await;
    scene.change(task, &json!({"due_date": LATER.0})).await;
    scene.follow_up().await;
    let scheduled = scene.schedules().await;
    assert_eq!(scheduled.len(), 2);
    assert!(scheduled.contains(&schedule_of(task)));
}

#[tokio::test]
async fn a_task_that_is_opened_again_is_scheduled_again() {
    let scene = Scene::start().await;
    let task = scene.task(&scene.world.assignee).await;
    scene.change(task, &json!({"status": "DONE"})).await;
    scene.follow_up().await;
    assert!(scene.schedules().await.is_empty());
    scene.change(task, &json!({"status": "TODO"})).await;
    scene.follow_up().await;
    assert_eq!(scene.schedules().await, [schedule_of(task)]);
}

#[tokio::test]
async fn a_time_that_was_past_when_it_was_set_does_not_remind() {
    let scene = Scene::start().await;
    for due_date in ["2020-01-01T10:00:00Z", "2020-01-01"] {
        scene.task_due(&scene.world.assignee, due_date).await;
    }
    let moved = scene.task(&scene.world.assignee).await;
    scene
        .change(moved, &json!({"due_date": "2021-01-01T10:00:00Z"}))
        .await;
    scene.follow_up().await;
    assert!(scene.schedules().await.is_empty());
    assert!(scene.reminder_messages().await.is_empty());
    assert_eq!(scene.mails_to(&scene.world.assignee).await.len(), 3);
}

#[tokio::test]
async fn a_time_that_passed_before_the_workers_turn_reminds_at_once_but_not_after_a_day() {
    let scene = Scene::start().await;
    for (hours_late, reminds) in [(1_i64, true), (23, true), (25, false)] {
        let task = scene.task(&scene.world.assignee).await;
        let due = format!(
            "UPDATE tasks SET due_date = date_trunc('second', now()) - interval '{hours_late} hours',
                    due_set_at = now() - interval '{} hours', created_at = now() - interval '3 days'
              WHERE id = $1",
            hours_late + 1
        );
        scene.execute(&due, &[&task]).await;
        let promised =
            "UPDATE outbox SET created_at = now() - interval '3 days' WHERE task_id = $1";
        scene.execute(promised, &[&task]).await;
        scene.follow_up().await;
        let messages = scene.reminder_messages().await;
        let reminders = messages
            .iter()
            .filter(|message| message["reminder"]["task_id"] == json!(task))
            .count();
        assert_eq!(
            reminders == 1,
            reminds,
            "{hours_late} hours late: {messages:?}"
        );
    }
    assert!(scene.schedules().await.is_empty());
}

/// A promise made by a changed setting is younger than the due date.
#[tokio::test]
async fn a_time_that_was_past_when_its_reminder_was_moved_does_not_remind() {
    let scene = Scene::start().await;
    let task = scene.task(&scene.world.assignee).await;
    let due = "UPDATE tasks SET due_date = now() - interval '1 minute', due_set_at = now() - interval '1 hour' WHERE id = $1";
    scene.execute(due, &[&task]).await;
    scene.follow_up().await;
    assert!(scene.reminder_messages().await.is_empty());
}

/// The promise of the due date comes late, and is older than the setting.
#[tokio::test]
async fn a_setting_that_moves_a_reminder_into_the_past_ends_it_also_for_older_promises() {
    let scene = Scene::start().await;
    let world = &scene.world;
    let task = scene.task(&world.assignee).await;
    // Its reminder is still to come in the west of the world, and passed less than a day ago in the east.
    let due = "UPDATE tasks
                  SET due_date = date_trunc('day', now() + interval '14 hours', 'UTC'), due_set_at = now() - interval '3 days'
                WHERE id = $1";
    scene.execute(due, &[&task]).await;
    let promised = "UPDATE outbox SET created_at = now() - interval '3 days' WHERE task_id = $1";
    scene.execute(promised, &[&task]).await;
    let west = "UPDATE workspaces SET timezone = 'Pacific/Pago_Pago' WHERE id = $1";
    scene.execute(west, &[&world.workspace]).await;
    let path = format!("/api/workspace/{}", world.workspace);
    let east = json!({"settings": {"timezone": "Pacific/Kiritimati"}});
    scene.app.patch(&world.owner, &path, &east).await.data(200);
    scene.follow_up().await;
    assert!(scene.reminder_messages().await.is_empty());
    assert!(scene.schedules().await.is_empty());
}
