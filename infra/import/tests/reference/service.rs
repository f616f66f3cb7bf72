//! An imported workspace in service: its people see it, the reminders to come are scheduled, and nobody is mailed about what
//! they know.

use cairn_tests::{Aws, TestApp, User};
use serde_json::json;

use crate::instance::{
    COMMENT, Old, PROJECT, SMALL, TASK_DONE, TASK_OVERDUE, TASK_TO_COME, run, texts,
};

/// Somebody of the small database.
fn person(id: &str, name: &str, email: &str) -> User {
    User {
        id: id.to_owned(),
        name: name.to_owned(),
        email: email.to_owned(),
        image: String::new(),
    }
}

async fn moved_in() -> (TestApp, Old) {
    let (app, old) = (
        TestApp::builder().with_events().start().await,
        Old::with(SMALL).await,
    );
    old.import(&database_url(&app).await).await;
    (app, old)
}

/// The URL of the functions' database.
async fn database_url(app: &TestApp) -> String {
    let name = texts(app.database(), "SELECT current_database()::text")
        .await
        .remove(0);
    let server = cairn_tests::required_variable("CAIRN_TEST_DATABASE_URL");
    let (server, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{server}/{name}")
}

/// Lets relay and worker do what is to be done.
async fn follow_up(app: &TestApp) {
    // Every promise is due at some time in the next seconds.
    run(app.database(), "UPDATE outbox SET next_attempt_at = now()").await;
    app.relay("outbox").await;
    app.drain("worker", &app.aws().task_queue).await;
    let left = texts(app.database(), "SELECT id::text FROM outbox").await;
    assert!(left.is_empty(), "promises are left: {left:?}");
}

async fn schedules(aws: &Aws) -> Vec<String> {
    aws.schedules()
        .await
        .into_iter()
        .map(|schedule| schedule.name)
        .collect()
}

#[tokio::test]
async fn people_find_what_they_had() {
    let (app, _old) = moved_in().await;
    let (ada, cyd) = (
        person("user_ada", "Ada Admin", "ada@example.test"),
        person("user_cyd", "Cyd Worker", "cyd@example.test"),
    );
    let workspaces = app.get(&ada, "/api/workspace").await.data(200);
    assert_eq!(
        workspaces,
        json!([{
            "id": "org_small", "name": "Small", "slug": "small", "image_url": "https://img.example.test/w.png", "role": "ADMIN",
            "owner": {"id": "user_ada", "name": "Ada Admin", "email": "ada@example.test",
                      "imageUrl": "https://img.example.test/ada.png"},
        }])
    );
    let projects = app
        .get(&cyd, "/api/projects/workspace/org_small/projects")
        .await
        .data(200);
    assert_eq!(projects[0]["id"], PROJECT);
    assert_eq!(projects[0]["owner"]["name"], "Bob Lead");
    assert_eq!(projects[0]["createdAt"], "2026-01-03T08:00:00.000Z");
    assert_eq!(projects[0]["members"].as_array().map(Vec::len), Some(2));
    assert_eq!(projects[0]["tasks"].as_array().map(Vec::len), Some(3));
    let task = app
        .get(&cyd, &format!("/api/tasks/{TASK_TO_COME}"))
        .await
        .data(200);
    assert_eq!(task["title"], "To come");
    assert_eq!(task["due_date"], "2099-03-01T09:30:00.000Z");
    assert_eq!(task["assignee"]["email"], "cyd@example.test");
    let comments = app
        .get(&cyd, &format!("/api/comments/task/{TASK_TO_COME}/comments"))
        .await
        .data(200);
    assert_eq!(comments[0]["id"], COMMENT);
    assert_eq!(comments[0]["content"], "Mind the wind");
    assert_eq!(comments[1]["user"]["name"], "Cyd Worker");
    // In the old system ADMINs managed all projects.
    let changed = app
        .patch(
            &ada,
            &format!("/api/projects/{PROJECT}"),
            &json!({"progress": 60}),
        )
        .await;
    changed.says(200, "Project updated successfully");
}

#[tokio::test]
async fn reminders_are_scheduled_and_nobody_is_mailed() {
    let (app, old) = moved_in().await;
    let bob = person("user_bob", "Bob Lead", "bob@example.test");
    follow_up(&app).await;
    let to_come = [format!("task-{TASK_TO_COME}-4076040600")];
    assert_eq!(schedules(app.aws()).await, to_come);
    assert!(app.aws().mails().await.is_empty());

    // The night finds nothing to repair, and what it forgets does not come up again: another due date tells nobody of the
    // assignment.
    run(
        app.database(),
        "UPDATE deliveries SET sent_at = now() - interval '60 days'",
    )
    .await;
    app.relay("nightly").await;
    assert_eq!(schedules(app.aws()).await, to_come);
    for task in [TASK_OVERDUE, TASK_TO_COME] {
        let due = json!({"due_date": "2099-05-01T10:00:00Z"});
        app.patch(&bob, &format!("/api/tasks/{task}"), &due)
            .await
            .says(200, "Task updated successfully");
    }
    let reopened = app
        .patch(
            &bob,
            &format!("/api/tasks/{TASK_DONE}"),
            &json!({"status": "TODO"}),
        )
        .await;
    reopened.says(200, "Task updated successfully");
    follow_up(&app).await;
    assert!(app.aws().mails().await.is_empty());
    assert_eq!(schedules(app.aws()).await.len(), 4);

    // Who is given a task now does hear of it.
    let given = json!({"assigneeId": "user_cyd"});
    app.patch(&bob, &format!("/api/tasks/{TASK_DONE}"), &given)
        .await
        .says(200, "Task updated successfully");
    follow_up(&app).await;
    let mails = app.aws().mails().await;
    assert_eq!(mails.len(), 1);
    assert!(
        mails[0].to[0].contains("cyd@example.test"),
        "{:?}",
        mails[0].to
    );

    // Another import promises nothing again.
    old.import(&database_url(&app).await).await;
    follow_up(&app).await;
    assert_eq!(app.aws().mails().await.len(), 1);
    assert_eq!(schedules(app.aws()).await.len(), 4);
}

#[tokio::test]
async fn what_the_old_system_has_reminded_of_is_not_reminded_of_again() {
    let app = TestApp::builder().with_events().start().await;
    let old = Old::with(SMALL).await;
    // Both are to come when they are imported first. Of one somebody in Cairn then sets the date, to the same time and a little.
    old.run(&format!(
        r#"UPDATE "Task" SET status = 'TODO', due_date = date_trunc('second', now() AT TIME ZONE 'UTC') + interval '20 seconds'
            WHERE id IN ('{TASK_OVERDUE}', '{TASK_DONE}')"#
    ))
    .await;
    let url = database_url(&app).await;
    let report = old.import(&url).await;
    assert_eq!(report.json["reminders"], 3);
    let ours = format!(
        "UPDATE tasks SET due_date = due_date + interval '1 second', due_set_at = now(), updated_at = now() WHERE id = '{TASK_DONE}'"
    );
    run(app.database(), &ours).await;
    let promises = "SELECT task_id::text FROM outbox ORDER BY 1";
    let before = texts(app.database(), promises).await;

    // The worker is paused; the time comes; and then everybody changes over.
    tokio::time::sleep(std::time::Duration::from_secs(22)).await;
    old.import(&url).await;
    assert_eq!(texts(app.database(), promises).await, before);
    follow_up(&app).await;
    app.drain("reminders", &app.aws().reminder_queue).await;
    let mails = app.aws().mails().await;
    let addressees: Vec<_> = mails.iter().map(|mail| &mail.to).collect();
    assert_eq!(mails.len(), 1, "{addressees:?}");
    assert!(
        mails[0].to[0].contains("bob@example.test"),
        "of the date set in Cairn: {addressees:?}"
    );
    let to_come = [format!("task-{TASK_TO_COME}-4076040600")];
    assert_eq!(schedules(app.aws()).await, to_come);
}
