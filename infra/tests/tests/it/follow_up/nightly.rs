//! At night the relay compares the schedules with the database, and forgets what is old.

use std::collections::BTreeSet;
use std::time::Duration;

use cairn_dev::lambda_host::Outcome;
use cairn_tests::{AwsProxy, Fault, Moment, Operation, Schedule};
use serde_json::json;
use uuid::Uuid;

use super::{LATER, Scene, reminder, schedule_of};

impl Scene {
    /// Tasks that are due [`LATER`], of which nobody heard.
    pub(super) async fn silent_tasks(&self, number: usize) -> Vec<Uuid> {
        let ids: Vec<Uuid> = (0..number).map(|_| Uuid::now_v7()).collect();
        let insert = "INSERT INTO tasks (id, project_id, title, assignee_id, due_date)
                      SELECT id, $2::text::uuid, 'Paint it', $3, to_timestamp($4::bigint) FROM unnest($1::uuid[]) id";
        let (project, assignee) = (&self.world.project, &self.world.assignee.id);
        self.execute(insert, &[&ids, project, assignee, &LATER.1])
            .await;
        ids
    }

    /// Makes the schedule of a reminder as if the worker had.
    pub(super) async fn schedule(&self, name: &str, task: Uuid, remind_at: i64) {
        let schedule = Schedule {
            name: name.to_owned(),
            expression: "at(2040-01-01T00:00:00)".to_owned(),
            target: self.app.aws().reminder_queue.arn.clone(),
            input: reminder(task, remind_at),
        };
        self.app.aws().create_schedule(&schedule).await;
    }

    pub(super) async fn schedule_names(&self) -> BTreeSet<String> {
        self.schedules().await.into_iter().collect()
    }
}

#[tokio::test]
async fn what_is_missing_is_made_and_what_is_wrong_is_deleted() {
    let scene = Scene::start().await;
    // The world's own task would remind, too.
    scene.execute("UPDATE tasks SET status = 'DONE'", &[]).await;
    let tasks = scene.silent_tasks(230).await;
    let done = scene.silent_tasks(1).await[0];
    scene
        .execute("UPDATE tasks SET status = 'DONE' WHERE id = $1", &[&done])
        .await;
    let project_over = "UPDATE projects SET status = 'COMPLETED'";
    scene.execute(project_over, &[]).await;
    scene.app.relay("nightly").await;
    let wanted: BTreeSet<_> = tasks.iter().map(|task| schedule_of(*task)).collect();
    assert_eq!(scene.schedule_names().await, wanted);
    assert_eq!(scene.metric("relay", "others"), [0; 0]);

    // More than a page of each: gone, done, due at another time, never there.
    let (gone, rest) = tasks.split_at(110);
    let (moved, kept) = rest.split_at(5);
    scene
        .execute("DELETE FROM tasks WHERE id = ANY ($1)", &[&gone])
        .await;
    let move_them = "UPDATE tasks SET due_date = due_date + interval '1 hour' WHERE id = ANY ($1)";
    scene.execute(move_them, &[&moved]).await;
    let nobody = Uuid::now_v7();
    scene.schedule(&schedule_of(nobody), nobody, LATER.1).await;
    scene.schedule(&schedule_of(done), done, LATER.1).await;
    scene.schedule("somebody-elses", nobody, LATER.1).await;
    scene.app.relay("nightly").await;
    let mut wanted: BTreeSet<_> = kept.iter().map(|task| schedule_of(*task)).collect();
    wanted.extend(
        moved
            .iter()
            .map(|task| format!("task-{task}-{}", LATER.1 + 3600)),
    );
    wanted.insert("somebody-elses".to_owned());
    assert_eq!(scene.schedule_names().await, wanted);
    assert_eq!(scene.metric("relay", "ScheduleMade"), [230, 5]);
    assert_eq!(scene.metric("relay", "ScheduleDeleted"), [0, 117]);
    // Somebody is told of those that nobody here made.
    assert_eq!(scene.metric("relay", "others"), [1]);

    scene.app.relay("nightly").await;
    assert_eq!(scene.metric("relay", "ScheduleMade"), [230, 5, 0]);
    assert_eq!(scene.metric("relay", "ScheduleDeleted"), [0, 117, 0]);
    assert_eq!(scene.metric("relay", "ScheduleRepairFailed"), [0, 0, 0]);
}

#[tokio::test]
async fn a_schedule_made_at_night_is_as_good_as_the_workers() {
    let scene = Scene::start().await;
    let task = scene.task(&scene.world.assignee).await;
    scene.follow_up().await;
    let by_worker = scene.app.aws().schedule(&schedule_of(task)).await;
    scene.app.aws().delete_schedule(&schedule_of(task)).await;
    scene.app.relay("nightly").await;
    assert!(by_worker.is_some());
    assert_eq!(
        scene.app.aws().schedule(&schedule_of(task)).await,
        by_worker
    );
}

/// The due date is set away and back while the relay is about to delete its schedule: the worker finds the schedule still there.
#[tokio::test]
async fn a_due_date_set_back_meanwhile_keeps_its_schedule() {
    let proxy = AwsProxy::start();
    let scene = Scene::start_as(|builder| builder.aws_through("relay", &proxy)).await;
    let task = scene.task(&scene.world.assignee).await;
    scene.follow_up().await;
    let away = "UPDATE tasks SET due_date = due_date + interval '1 day' WHERE id = $1";
    scene.execute(away, &[&task]).await;
    let deletion = proxy.next(Operation::DeleteSchedule).hold(Moment::Before);
    let night = scene.app.relay("nightly");
    let meanwhile = async {
        deletion.reached().await;
        scene.change(task, &json!({"due_date": LATER.0})).await;
        scene.follow_up().await;
        deletion.release();
    };
    let both = async { tokio::join!(night, meanwhile) };
    let in_time = tokio::time::timeout(Duration::from_mins(1), both).await;
    assert!(in_time.is_ok(), "the schedule was not to be deleted");
    assert!(scene.schedule_names().await.contains(&schedule_of(task)));
    assert_eq!(scene.metric("relay", "ScheduleDeleted"), [1]);
}

#[tokio::test]
async fn what_scheduler_refuses_is_left_for_the_next_night() {
    let proxy = AwsProxy::start();
    let scene = Scene::start_as(|builder| builder.aws_through("relay", &proxy)).await;
    scene.execute("UPDATE tasks SET status = 'DONE'", &[]).await;
    let tasks = scene.silent_tasks(3).await;
    proxy
        .every(Operation::CreateSchedule)
        .containing(&tasks[0].to_string())
        .meet(Fault::Refuse(400, "ValidationException", "no"));
    scene.app.relay("nightly").await;
    assert_eq!(scene.schedule_names().await.len(), 2);
    assert_eq!(scene.metric("relay", "ScheduleRepairFailed"), [1]);
    proxy.heal();
    scene.app.relay("nightly").await;
    assert_eq!(scene.schedule_names().await.len(), 3);
}

#[tokio::test]
async fn mails_that_stay_are_passed_over_part_by_part() {
    let scene = Scene::start().await;
    let assignee = &scene.world.assignee.id;
    // More than a part of them, some at the same moment, before the one that goes.
    let stay = scene.silent_tasks(4500).await;
    let keep = "INSERT INTO deliveries (kind, task_id, user_id, version, claimed_until, sent_at)
                SELECT 'assignment', task_id, $2, 1, now(), now() - interval '40 days' + n / 1500 * interval '1 day'
                  FROM unnest($1::uuid[]) WITH ORDINALITY AS stay (task_id, n)";
    scene.execute(keep, &[&stay, assignee]).await;
    let go = "INSERT INTO deliveries (kind, task_id, user_id, version, claimed_until, sent_at)
              VALUES ('assignment', $1, $2, 0, now(), now() - interval '31 days')";
    scene.execute(go, &[&stay[0], assignee]).await;
    scene.app.relay("nightly").await;
    assert_eq!(scene.count("SELECT count(*) FROM deliveries").await, 4500);
    assert_eq!(scene.metric("relay", "DeliveryForgotten"), [1]);
}

#[tokio::test]
async fn what_cannot_be_forgotten_keeps_nothing_else() {
    let scene = Scene::start().await;
    let yesterday = "INSERT INTO daily_use (user_id, day, writings) VALUES ($1, '2026-01-02', 1)";
    scene.execute(yesterday, &[&scene.world.lead.id]).await;
    let broken = "ALTER TABLE deliveries RENAME COLUMN sent_at TO settled_at";
    scene.execute(broken, &[]).await;
    let night = scene.app.invoke("relay", &json!({"job": "nightly"})).await;
    assert!(matches!(night.outcome, Outcome::Failed(_)), "{night:?}");
    assert_eq!(scene.count("SELECT count(*) FROM daily_use").await, 0);
    assert_eq!(
        scene.schedule_names().await.len(),
        1,
        "the world's task reminds"
    );
}

#[tokio::test]
async fn what_is_old_is_forgotten_unless_it_still_keeps_a_mail_from_being_repeated() {
    let scene = Scene::start().await;
    let assignee = &scene.world.assignee.id;
    let [task, gone] = [scene.silent_tasks(1).await[0], Uuid::now_v7()];
    let due = LATER.1;
    let insert = "INSERT INTO deliveries (kind, task_id, user_id, version, claimed_until, sent_at)
                  VALUES ($1, $2, $3, $4, now() - make_interval(days => $5),
                          CASE WHEN $6 THEN now() - make_interval(days => $5) END)";
    // Kind, task, user, version, days ago, and whether it was sent.
    for (kind, task, user, version, days, sent) in [
        ("assignment", task, assignee.as_str(), 1_i64, 31, true),
        ("assignment", task, assignee, 0, 31, true),
        ("assignment", task, assignee, -1, 31, false),
        ("assignment", task, "user_other", 1, 31, true),
        ("assignment", gone, assignee, 1, 31, true),
        ("assignment", gone, assignee, 2, 29, true),
        ("assignment", gone, assignee, 3, 29, false),
        ("reminder", task, assignee, due, 31, true),
        ("reminder", task, assignee, due + 1, 31, true),
        ("reminder", gone, assignee, due, 31, true),
    ] {
        scene
            .execute(insert, &[&kind, &task, &user, &version, &days, &sent])
            .await;
    }
    let bury = "INSERT INTO outbox (id, kind, task_id, next_attempt_at, dead_at)
                VALUES (gen_random_uuid(), 'task_change', $1, now(), now() - make_interval(days => $2))";
    for days in [29, 31] {
        scene.execute(bury, &[&gone, &days]).await;
    }
    let used = "INSERT INTO daily_use (user_id, day, writings)
                SELECT $1, (now() AT TIME ZONE 'UTC')::date - ago, 1 FROM generate_series(0, 4) ago";
    scene.execute(used, &[assignee]).await;
    scene.app.relay("nightly").await;
    let rows = scene
        .app
        .database()
        .query(
            "SELECT kind || ' ' || version || CASE WHEN task_id = $1 THEN '' ELSE ' of a task that is gone' END
               FROM deliveries ORDER BY 1",
            &[&task],
        )
        .await
        .expect("the deliveries can be read");
    let left: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        left,
        [
            "assignment 1".to_owned(),
            "assignment 2 of a task that is gone".to_owned(),
            "assignment 3 of a task that is gone".to_owned(),
            format!("reminder {due}"),
        ]
    );
    assert_eq!(scene.count("SELECT count(*) FROM outbox").await, 1);
    let days = "SELECT count(*) FROM daily_use";
    assert_eq!(scene.count(days).await, 2, "today and yesterday stay");
    assert_eq!(scene.metric("relay", "days"), [3]);
    assert_eq!(scene.metric("relay", "DeliveryForgotten"), [6]);
    assert_eq!(scene.metric("relay", "OutboxForgotten"), [1]);
}
