//! `/api/tasks`: single tasks, and deleting several.

use cairn_tests::{TestApp, User, World};
use serde_json::{Value, json};

use crate::shapes::{assert_instant, assert_new_id, person};

fn list_path(world: &World) -> String {
    format!("/api/tasks/project/{}/tasks", world.project)
}

fn project_of(world: &World) -> Value {
    json!({
        "id": world.project,
        "name": "Rocket",
        "status": "ACTIVE",
        "priority": "MEDIUM",
        "team_lead": world.lead.id,
        "workspaceId": world.workspace,
    })
}

#[tokio::test]
async fn the_lead_makes_a_task() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let body = json!({
        "title": " Build it ",
        "description": "Of steel",
        "type": "FEATURE",
        "status": "IN_PROGRESS",
        "priority": "HIGH",
        "assigneeId": world.assignee.id,
        "due_date": "2030-05-04T12:00:00+02:00",
    });
    let made = app
        .post(&world.lead, &list_path(&world), &body)
        .await
        .says(201, "Task created successfully");
    assert_new_id(&made["id"]);
    assert_instant(&made["createdAt"]);
    let expected = json!({
        "id": made["id"],
        "projectId": world.project,
        "title": "Build it",
        "description": "Of steel",
        "status": "IN_PROGRESS",
        "type": "FEATURE",
        "priority": "HIGH",
        "assigneeId": world.assignee.id,
        "due_date": "2030-05-04T10:00:00.000Z",
        "createdAt": made["createdAt"],
        "updatedAt": made["createdAt"],
        "assignee": person(&world.assignee),
        "project": project_of(&world),
    });
    assert_eq!(made, expected);
    let id = made["id"].as_str().expect("an id");
    assert_eq!(
        app.get(&world.assignee, &format!("/api/tasks/{id}"))
            .await
            .data(200),
        expected
    );
}

#[tokio::test]
async fn a_task_needs_title_assignee_and_due_date_only() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let body = json!({"title": "Plain", "assigneeId": world.lead.id, "due_date": "2030-05-04"});
    let made = app
        .post(&world.lead, &list_path(&world), &body)
        .await
        .data(201);
    let defaults =
        json!({"description": null, "status": "TODO", "type": "TASK", "priority": "MEDIUM"});
    for (field, value) in defaults.as_object().expect("an object") {
        assert_eq!(&made[field], value, "{field}");
    }
    assert_eq!(made["due_date"], "2030-05-04T00:00:00.000Z");
}

#[tokio::test]
async fn making_a_task_is_refused_with_the_contracts_words() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let stranger = app.user("Stranger").await;
    let path = list_path(&world);
    let valid = json!({"title": "X", "assigneeId": world.assignee.id, "due_date": "2030-05-04"});
    let with = |field: &str, value: Value| {
        let mut body = valid.clone();
        body[field] = value;
        body
    };
    for user in [
        &world.owner,
        &world.admin,
        &world.assignee,
        &world.workspace_member,
    ] {
        app.post(user, &path, &valid)
            .await
            .is_refused(403, "Only Team Lead can perform this action");
    }
    app.post(&stranger, &path, &valid)
        .await
        .is_refused(404, "Project not found");
    let blank = app
        .post(&world.lead, &path, &with("title", json!("  ")))
        .await;
    blank.is_refused(400, "Title is required");
    for date in [
        json!("tomorrow"),
        json!("2030-02-31"),
        json!(null),
        json!(""),
    ] {
        let refused = app.post(&world.lead, &path, &with("due_date", date)).await;
        refused.is_refused(400, "Valid due date is required");
    }
    for user in [
        &world.workspace_member,
        &stranger,
        &User::unsynced("Nobody"),
    ] {
        let refused = app
            .post(&world.lead, &path, &with("assigneeId", json!(user.id)))
            .await;
        refused.is_refused(400, "Assignee is not part of this project");
    }
}

#[tokio::test]
async fn project_members_and_admins_read_a_task() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/tasks/{}", world.task);
    for user in [
        &world.owner,
        &world.admin,
        &world.lead,
        &world.assignee,
        &world.project_member,
    ] {
        let task = app.get(user, &path).await.data(200);
        assert_eq!(task["project"], project_of(&world));
        assert_eq!(task.get("comments"), None);
    }
    let stranger = app.user("Stranger").await;
    for user in [&world.workspace_member, &stranger] {
        app.get(user, &path)
            .await
            .is_refused(404, "Task not found or unauthorized");
    }
}

#[tokio::test]
async fn lead_and_assignee_update_parts_of_a_task_by_patch_and_put() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/tasks/{}", world.task);
    for (user, method) in [(&world.lead, "PATCH"), (&world.assignee, "PUT")] {
        let change = |body: Value| app.request(user, method, &path).json(&body);
        let body = json!({
            "title": method, "description": "Text", "status": "DONE", "type": "BUG", "priority": "LOW",
            "due_date": "2031-01-01",
        });
        let changed = change(body).await.says(200, "Task updated successfully");
        assert_eq!(
            (&changed["title"], &changed["due_date"]),
            (&json!(method), &json!("2031-01-01T00:00:00.000Z"))
        );
        let cleared = change(json!({"description": null, "due_date": ""}))
            .await
            .data(200);
        assert_eq!(cleared["description"], Value::Null);
        assert_eq!(
            cleared["due_date"], "2031-01-01T00:00:00.000Z",
            "an empty date means not given"
        );
        assert_eq!(app.get(user, &path).await.data(200), cleared);
        change(json!({"assigneeId": null}))
            .await
            .blames("assigneeId");
        change(json!({"due_date": null})).await.blames("due_date");
    }
}

#[tokio::test]
async fn nobody_else_updates_a_task() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/tasks/{}", world.task);
    let body = json!({"title": "Mine"});
    for user in [
        &world.owner,
        &world.admin,
        &world.project_member,
        &world.workspace_member,
    ] {
        app.patch(user, &path, &body)
            .await
            .is_refused(403, "Unauthorized to update this task");
    }
    let stranger = app.user("Stranger").await;
    app.patch(&stranger, &path, &body)
        .await
        .is_refused(404, "Task not found");
}

#[tokio::test]
async fn only_the_lead_gives_a_task_to_somebody_else() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/tasks/{}", world.task);
    let to = |user: &User| json!({"assigneeId": user.id});
    let refused = app
        .patch(&world.assignee, &path, &to(&world.project_member))
        .await;
    refused.is_refused(403, "Only Team Lead can perform this action");
    // Naming the present assignee changes nothing.
    app.patch(&world.assignee, &path, &to(&world.assignee))
        .await
        .data(200);
    let outside = app
        .patch(&world.lead, &path, &to(&world.workspace_member))
        .await;
    outside.is_refused(400, "Assignee is not part of this project");
    let given = app
        .patch(&world.lead, &path, &to(&world.project_member))
        .await
        .data(200);
    assert_eq!(given["assignee"], person(&world.project_member));
    let former = app
        .patch(&world.assignee, &path, &json!({"title": "X"}))
        .await;
    former.is_refused(403, "Unauthorized to update this task");
}

#[tokio::test]
async fn assignments_are_counted() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/tasks/{}", world.task);
    for (body, assignments) in [
        (json!({"title": "Another title"}), 1),
        (json!({"assigneeId": world.assignee.id}), 1),
        (json!({"assigneeId": world.project_member.id}), 2),
        (json!({"assigneeId": world.project_member.id}), 2),
        (json!({"assigneeId": world.assignee.id}), 3),
    ] {
        app.patch(&world.lead, &path, &body).await.data(200);
        let count = "SELECT assignment FROM tasks WHERE id::text = $1";
        let row = app
            .database()
            .query_one(count, &[&world.task])
            .await
            .expect("the task is there");
        assert_eq!(row.get::<_, i32>(0), assignments, "after {body}");
    }
}

#[tokio::test]
async fn only_the_lead_deletes_a_task() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/tasks/{}", world.task);
    for user in [
        &world.owner,
        &world.admin,
        &world.assignee,
        &world.project_member,
        &world.workspace_member,
    ] {
        app.delete(user, &path)
            .await
            .is_refused(403, "Only Team Lead can perform this action");
    }
    let stranger = app.user("Stranger").await;
    app.delete(&stranger, &path)
        .await
        .is_refused(404, "Task not found");
    app.delete(&world.lead, &path)
        .await
        .says(200, "1 tasks deleted successfully");
    app.delete(&world.lead, &path)
        .await
        .is_refused(404, "Task not found");
}

#[tokio::test]
async fn the_lead_deletes_several_tasks_at_once_or_none() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let second = app
        .task(&world.lead, &world.project, &world.lead, "Second")
        .await;
    let third = app
        .task(&world.lead, &world.project, &world.lead, "Third")
        .await;
    let delete = |user: &User, ids: Value| {
        app.delete(user, "/api/tasks")
            .json(&json!({"taskIds": ids}))
    };

    for ids in [json!([]), json!(null), json!("x"), json!({})] {
        delete(&world.lead, ids)
            .await
            .is_refused(400, "taskIds must be a non-empty array");
    }
    let unknown = delete(&world.lead, json!([second, uuid::Uuid::now_v7()])).await;
    unknown.is_refused(404, "Some tasks not found");
    let no_id = delete(&world.lead, json!([second, "no id at all"])).await;
    no_id.is_refused(404, "Some tasks not found");
    let refused = delete(&world.assignee, json!([second])).await;
    refused.is_refused(403, "Only Team Lead can perform this action");

    let other = app
        .project(&world.admin, &world.workspace, &world.lead, &[])
        .await;
    let elsewhere = app
        .task(&world.lead, &other, &world.lead, "Elsewhere")
        .await;
    let mixed = delete(&world.lead, json!([second, elsewhere])).await;
    mixed.is_refused(400, "All tasks must belong to same project");
    for id in [&second, &elsewhere] {
        app.get(&world.lead, &format!("/api/tasks/{id}"))
            .await
            .data(200);
    }
    let deleted = delete(
        &world.lead,
        json!([second, third, second.to_uppercase(), second]),
    )
    .await;
    deleted.says(200, "2 tasks deleted successfully");
    app.get(&world.lead, &format!("/api/tasks/{second}"))
        .await
        .is_refused(404, "Task not found or unauthorized");
}
