//! `Idempotency-Key`: a request that is repeated creates nothing more.

use cairn_tests::{TestApp, World};
use serde_json::{Value, json};

/// The requests that create something: path, body, and a body that differs.
fn creations(world: &World) -> [(String, Value, Value); 5] {
    let project = |name: &str| json!({"workspaceId": world.workspace, "name": name, "team_lead": world.lead.email});
    let task = |title: &str| json!({"title": title, "assigneeId": world.lead.id, "due_date": "2030-01-01"});
    [
        (
            "/api/workspace".to_owned(),
            json!({"name": "One"}),
            json!({"name": "Two"}),
        ),
        ("/api/projects".to_owned(), project("One"), project("Two")),
        (
            format!("/api/projects/workspace/{}", world.workspace),
            project("One"),
            project("Two"),
        ),
        (
            format!("/api/tasks/project/{}/tasks", world.project),
            task("One"),
            task("Two"),
        ),
        (
            format!("/api/tasks/{}/comments", world.task),
            json!({"message": "One"}),
            json!({"message": "Two"}),
        ),
    ]
}

/// The owner leads nothing: for these tests they lead the project too, so that one person may create everything.
async fn world_of_one(app: &TestApp) -> World {
    let mut world = World::create(app.database()).await;
    let promotion = "UPDATE workspace_members SET role = 'ADMIN' WHERE user_id = $1";
    app.database()
        .execute(promotion, &[&world.lead.id])
        .await
        .expect("the role is written");
    world.owner = world.lead.clone();
    world
}

#[tokio::test]
async fn the_same_key_answers_with_what_was_created_first() {
    let app = TestApp::shared().await;
    let world = world_of_one(&app).await;
    for (path, body, another) in creations(&world) {
        let create = |body: &Value, key: &str| {
            app.post(&world.lead, &path, body)
                .header("idempotency-key", key)
        };
        let first = create(&body, "key-1").await.data(201);
        let repeated = create(&body, "key-1").await.data(201);
        assert_eq!(repeated["id"], first["id"], "{path}");
        let different = create(&another, "key-1").await.data(201);
        assert_eq!(
            different, first,
            "what was created first, unchanged: {path}"
        );
        let second = create(&body, "key-2").await.data(201);
        assert_ne!(second["id"], first["id"], "{path}");
        let without = app.post(&world.lead, &path, &body).await.data(201);
        assert_ne!(without["id"], first["id"], "{path}");
    }
    let tasks = "SELECT count(*) FROM tasks WHERE project_id::text = $1";
    let count: i64 = app
        .database()
        .query_one(tasks, &[&world.project])
        .await
        .expect("the tasks are counted")
        .get(0);
    assert_eq!(count, 4, "the first one of the world and three more");
}

#[tokio::test]
async fn keys_of_different_people_and_routes_do_not_meet() {
    let app = TestApp::shared().await;
    let (ada, bob) = (app.user("Ada").await, app.user("Bob").await);
    let mut ids = Vec::new();
    for user in [&ada, &bob] {
        let made = app
            .post(user, "/api/workspace", &json!({"name": "One"}))
            .header("idempotency-key", "same")
            .await;
        ids.push(made.data(201)["id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
    let world = World::create(app.database()).await;
    for task in [
        &world.task,
        &app.task(&world.lead, &world.project, &world.lead, "Other")
            .await,
    ] {
        let path = format!("/api/tasks/{task}/comments");
        let made = app
            .post(&world.lead, &path, &json!({"message": "One"}))
            .header("idempotency-key", "same")
            .await;
        assert_eq!(
            made.data(201)["taskId"],
            task.as_str(),
            "a key belongs to the whole path"
        );
    }
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let app = TestApp::shared().await;
    let world = world_of_one(&app).await;
    let (longest, too_long) = ("k".repeat(255), "k".repeat(256));
    for (path, body, _) in creations(&world) {
        let create = |key: &str| {
            app.post(&world.lead, &path, &body)
                .header("idempotency-key", key)
        };
        create(&longest).await.data(201);
        for key in ["", too_long.as_str(), "schlüssel", "a\tb"] {
            let refused = create(key).await;
            assert_eq!(refused.status, 400, "the key {key:?}: {refused}");
        }
    }
}

#[tokio::test]
async fn a_key_does_not_get_around_a_lost_right() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/tasks/{}/comments", world.task);
    let create = || {
        app.post(&world.project_member, &path, &json!({"message": "One"}))
            .header("idempotency-key", "k")
    };
    create().await.data(201);
    let remove = format!(
        "/api/projects/{}/member/{}",
        world.project, world.project_member.id
    );
    app.delete(&world.lead, &remove).await.data(200);
    create()
        .await
        .is_refused(404, "Task not found or you are not authorized to comment");
}
