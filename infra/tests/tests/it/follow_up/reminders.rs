//! A reminder fires: is it still wanted?

use cairn_tests::{Mail, User};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Scene, reminder};

impl Scene {
    /// A task of the assignee's that is due now, or was some seconds ago; it with its reminder.
    async fn due_task(&self, seconds_ago: i32) -> (Uuid, Value) {
        let task = self.task(&self.world.assignee).await;
        (task, self.is_due(task, seconds_ago).await)
    }

    async fn is_due(&self, task: Uuid, seconds_ago: i32) -> Value {
        let due = "UPDATE tasks SET due_date = date_trunc('second', now()) - make_interval(secs => $2::int)
                    WHERE id = $1 RETURNING extract(epoch FROM due_date)::bigint";
        let row = self
            .app
            .database()
            .query_one(due, &[&task, &seconds_ago])
            .await
            .expect("the task is due");
        reminder(task, row.get(0))
    }

    /// A reminder fires.
    async fn remind(&self, fires: &Value) {
        let messages = std::slice::from_ref(fires);
        let failed = self.app.invoke_with("reminders", messages).await;
        assert!(failed.is_empty(), "{fires} failed");
    }

    async fn reminders_to(&self, user: &User) -> Vec<Mail> {
        self.mails_to(user).await
    }
}

#[tokio::test]
async fn a_reminder_that_is_due_is_sent_once_however_often_it_fires() {
    let scene = Scene::start().await;
    let (task, fires) = scene.due_task(1).await;
    for _ in 0..3 {
        scene.remind(&fires).await;
    }
    let mails = scene.reminders_to(&scene.world.assignee).await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].subject.contains("Paint it"));
    assert!(mails[0].body_text.contains(&task.to_string()));
}

#[tokio::test]
async fn a_late_reminder_is_sent_up_to_a_day_late() {
    let scene = Scene::start().await;
    let (_, fires) = scene.due_task(23 * 3600).await;
    scene.remind(&fires).await;
    assert_eq!(scene.reminders_to(&scene.world.assignee).await.len(), 1);
    let (_, fires) = scene.due_task(24 * 3600 + 60).await;
    scene.remind(&fires).await;
    assert_eq!(scene.reminders_to(&scene.world.assignee).await.len(), 1);
}

#[tokio::test]
async fn a_reminder_that_is_not_wanted_any_more_is_dropped() {
    let scene = Scene::start().await;
    // Each makes the reminder unwanted; each is undone afterwards.
    for (what, unwanted, wanted) in [
        (
            "the task is done",
            "UPDATE tasks SET status = 'DONE'",
            "UPDATE tasks SET status = 'IN_PROGRESS'",
        ),
        (
            "it is due at another time",
            "UPDATE tasks SET due_date = due_date - interval '1 second'",
            "UPDATE tasks SET due_date = due_date + interval '1 second'",
        ),
        (
            "the project is completed",
            "UPDATE projects SET status = 'COMPLETED'",
            "UPDATE projects SET status = 'ON_HOLD'",
        ),
        (
            "the project is cancelled",
            "UPDATE projects SET status = 'CANCELLED'",
            "UPDATE projects SET status = 'PLANNING'",
        ),
        (
            "the assignee has no address",
            "UPDATE users SET email = concat('-', email), email_verified = false",
            "UPDATE users SET email = substr(email, 2), email_verified = true",
        ),
        (
            "the assignee is deleted",
            "UPDATE users SET deleted_at = now(), name = NULL, email = NULL, image = ''",
            "UPDATE users SET deleted_at = NULL, name = id, email = concat(id, '@example.com')",
        ),
    ] {
        let (_, fires) = scene.due_task(1).await;
        scene.execute(unwanted, &[]).await;
        scene.remind(&fires).await;
        assert_eq!(scene.app.aws().mails().await.len(), 0, "{what}");
        assert_eq!(
            scene.count("SELECT count(*) FROM deliveries").await,
            0,
            "{what}"
        );
        scene.execute(wanted, &[]).await;
    }
    let (gone, fires) = scene.due_task(1).await;
    let delete = "DELETE FROM tasks WHERE id = $1";
    scene.execute(delete, &[&gone]).await;
    scene.remind(&fires).await;
    let (_, fires) = scene.due_task(1).await;
    let leave = "DELETE FROM workspace_members WHERE user_id = $1";
    scene.execute(leave, &[&scene.world.assignee.id]).await;
    scene.remind(&fires).await;
    assert_eq!(scene.app.aws().mails().await.len(), 0);
    let dropped = scene.app.logs_of("reminders");
    let dropped = dropped
        .iter()
        .filter(|line| line.contains("a reminder is dropped"));
    assert_eq!(dropped.count(), 8);
}

#[tokio::test]
async fn a_reminder_goes_to_whose_task_it_is_now() {
    let scene = Scene::start().await;
    let (task, _) = scene.due_task(1).await;
    let new = &scene.world.project_member;
    scene.change(task, &json!({"assigneeId": new.id})).await;
    let fires = scene.is_due(task, 1).await;
    scene.remind(&fires).await;
    assert_eq!(scene.reminders_to(&scene.world.assignee).await.len(), 0);
    assert_eq!(scene.reminders_to(new).await.len(), 1);
}

#[tokio::test]
async fn a_reminder_that_fires_early_goes_back_until_it_is_due() {
    let scene = Scene::start().await;
    let task = scene.task(&scene.world.assignee).await;
    let fires = scene.is_due(task, -3).await;
    scene.remind(&fires).await;
    assert_eq!(scene.app.aws().mails().await.len(), 0);
    assert_eq!(scene.reminder_messages().await, [fires]);
    let queue = &scene.app.aws().reminder_queue;
    assert!(
        scene.app.aws().receive(&queue.url).await.is_empty(),
        "it is held back"
    );
    scene.app.drain("reminders", queue).await;
    assert_eq!(scene.reminders_to(&scene.world.assignee).await.len(), 1);

    let task = scene.task(&scene.world.assignee).await;
    let fires = scene.is_due(task, -7200).await;
    scene.remind(&fires).await;
    assert_eq!(scene.reminder_messages().await, [fires]);
}

#[tokio::test]
async fn another_reminder_time_does_not_remind_of_the_same_due_date_twice() {
    let scene = Scene::start().await;
    let task = scene.task(&scene.world.assignee).await;
    // Due today, in a workspace where it is noon.
    let due = "UPDATE tasks SET due_date = date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' WHERE id = $1
               RETURNING extract(epoch FROM due_date)::bigint, extract(hour FROM now() AT TIME ZONE 'UTC')::bigint";
    let row = scene.app.database().query_one(due, &[&task]).await;
    let row = row.expect("the task is due today");
    let (midnight, hour): (i64, i64) = (row.get(0), row.get(1));
    let zone = format!("Etc/GMT{:+}", hour - 12);
    for (time, hours) in [("10:00", 10), ("11:00", 11), ("10:00", 10)] {
        let set = "UPDATE workspaces SET timezone = $1, reminder_time = $2::text::time";
        scene.execute(set, &[&zone, &time]).await;
        let remind_at = midnight + (hour - 12 + hours) * 3600;
        scene.remind(&reminder(task, remind_at)).await;
        assert_eq!(scene.reminders_to(&scene.world.assignee).await.len(), 1);
    }
}
