//! What becomes of mails and of Clerk's events, as the metrics tell it.

use cairn_tests::TestApp;
use serde_json::{Value, json};

use super::{Scene, reminder};
use crate::logs::shape;

/// What a function reported of `metric`, by the values of these dimensions.
fn by(app: &TestApp, function: &str, metric: &str, dimensions: &[&str]) -> Vec<Vec<String>> {
    let lines = app.logs_of(function).into_iter();
    lines
        .inspect(|line| drop(shape::function_of(line)))
        .map(|line| serde_json::from_str(&line).expect("JSON"))
        .filter(|line: &Value| line.get(metric).is_some())
        .map(|line| {
            let value = |name: &&str| line[*name].as_str().expect("a value").to_owned();
            dimensions.iter().map(value).collect()
        })
        .collect()
}

fn deliveries(scene: &Scene, function: &str) -> Vec<Vec<String>> {
    by(&scene.app, function, "Deliveries", &["Kind", "Result"])
}

#[tokio::test]
async fn deliveries_are_counted_by_kind_and_result() {
    let scene = Scene::start().await;
    let task = scene.task(&scene.world.assignee).await;
    scene.follow_up().await;
    // A new due date is no delivery.
    let due = json!({"due_date": "2041-05-04T12:00:00Z"});
    scene.change(task, &due).await;
    scene.follow_up().await;
    let unreachable = "UPDATE users SET email_verified = false WHERE id = $1";
    scene
        .execute(unreachable, &[&scene.world.project_member.id])
        .await;
    scene.task(&scene.world.project_member).await;
    scene.follow_up().await;
    // Of one that is done by then its assignee would have been told, but not of one whose assignee took it.
    let done = scene.task(&scene.world.assignee).await;
    let taken = scene.task(&scene.world.assignee).await;
    let lead = json!({"assigneeId": scene.world.lead.id});
    scene.change(taken, &lead).await;
    for task in [done, taken] {
        scene.change(task, &json!({"status": "DONE"})).await;
    }
    scene.follow_up().await;
    let expected = [
        ["assignment", "sent"],
        ["assignment", "dropped"],
        ["assignment", "dropped"],
    ];
    assert_eq!(deliveries(&scene, "worker"), expected);

    let due = "UPDATE tasks SET due_date = date_trunc('second', now()) - interval '90 seconds'
                WHERE id = $1 RETURNING extract(epoch FROM due_date)::bigint";
    let row = scene.app.database().query_one(due, &[&task]).await;
    let fires = reminder(task, row.expect("the task is due").get(0));
    for _ in 0..2 {
        assert!(
            scene
                .app
                .invoke_with("reminders", std::slice::from_ref(&fires))
                .await
                .is_empty()
        );
    }
    let done = "UPDATE tasks SET status = 'DONE' WHERE id = $1";
    scene.execute(done, &[&task]).await;
    assert!(
        scene
            .app
            .invoke_with("reminders", &[fires])
            .await
            .is_empty()
    );
    let expected = [["reminder", "sent"], ["reminder", "dropped"]];
    assert_eq!(deliveries(&scene, "reminders"), expected);
    let late: Vec<f64> = scene
        .app
        .logs_of("reminders")
        .iter()
        .filter_map(|line| {
            serde_json::from_str::<Value>(line).ok()?["ReminderLatenessSeconds"].as_f64()
        })
        .collect();
    assert!(
        late.iter().all(|seconds| (90.0..120.0).contains(seconds)),
        "{late:?}"
    );
    assert_eq!(late.len(), 2);
    assert_eq!(scene.metric("reminders", "ReminderLate"), [0, 0]);

    // From five minutes on it counts as late.
    let task = scene.task(&scene.world.assignee).await;
    let due = "UPDATE tasks SET due_date = date_trunc('second', now()) - interval '310 seconds'
                WHERE id = $1 RETURNING extract(epoch FROM due_date)::bigint";
    let row = scene.app.database().query_one(due, &[&task]).await;
    let fires = reminder(task, row.expect("the task is due").get(0));
    let failed = scene.app.invoke_with("reminders", &[fires]).await;
    assert!(failed.is_empty());
    assert_eq!(scene.metric("reminders", "ReminderLate"), [0, 0, 1]);
}
