//! Lists of tasks: of a project, and the caller's own.

use cairn_tests::{TestApp, World};
use serde_json::{Value, json};

use crate::shapes::{person, short_person, texts};

fn list_path(world: &World) -> String {
    format!("/api/tasks/project/{}/tasks", world.project)
}

#[tokio::test]
async fn the_tasks_of_a_project_come_oldest_first_with_all_comments() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let second = app
        .task(&world.lead, &world.project, &world.assignee, "Second")
        .await;
    app.task(&world.lead, &world.project, &world.lead, "Third")
        .await;
    for number in 1..=12 {
        app.comment(&world.lead, &second, &format!("Remark {number}"))
            .await;
    }
    let listed = app
        .get(&world.workspace_member, &list_path(&world))
        .await
        .data(200);
    assert_eq!(
        texts(&listed, "title"),
        ["Light the fuse", "Second", "Third"]
    );
    let (first, commented) = (&listed[0], &listed[1]);
    let expected = json!({
        "id": world.task,
        "projectId": world.project,
        "title": "Light the fuse",
        "description": null,
        "status": "TODO",
        "type": "TASK",
        "priority": "MEDIUM",
        "assigneeId": world.assignee.id,
        "due_date": "2030-01-01T00:00:00.000Z",
        "createdAt": first["createdAt"],
        "updatedAt": first["updatedAt"],
        "assignee": person(&world.assignee),
        "project": {
            "id": world.project, "name": "Rocket", "status": "ACTIVE", "priority": "MEDIUM",
            "team_lead": world.lead.id, "workspaceId": world.workspace,
        },
        "comments": [{
            "id": world.comment,
            "content": "Mind the wind",
            "taskId": world.task,
            "userId": world.project_member.id,
            "createdAt": first["comments"][0]["createdAt"],
            "updatedAt": first["comments"][0]["updatedAt"],
            "user": short_person(&world.project_member),
        }],
    });
    assert_eq!(first, &expected);
    let remarks: Vec<String> = (1..=12).map(|number| format!("Remark {number}")).collect();
    assert_eq!(texts(&commented["comments"], "content"), remarks);
    assert_eq!(listed[2]["comments"], json!([]));
    let stranger = app.user("Stranger").await;
    app.get(&stranger, &list_path(&world))
        .await
        .is_refused(404, "Project not found");
}

/// Four tasks that differ in everything one can filter by.
async fn assorted(app: &TestApp, world: &World) {
    let path = list_path(world);
    let tasks = [
        json!({"title": "Paint the hull", "type": "FEATURE", "priority": "HIGH", "status": "DONE",
               "assigneeId": world.lead.id, "due_date": "2031-01-01"}),
        json!({"title": "50% off_by_one", "type": "BUG", "priority": "LOW", "status": "IN_PROGRESS",
               "assigneeId": world.assignee.id, "due_date": "2032-01-01", "description": "see the PAINT shop"}),
        json!({"title": "Test", "type": "OTHER", "priority": "LOW", "assigneeId": world.assignee.id,
               "due_date": "2033-01-01T10:00:00Z"}),
    ];
    for task in tasks {
        app.post(&world.lead, &path, &task).await.data(201);
    }
}

#[tokio::test]
async fn a_list_is_filtered_by_any_of_the_filters() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    assorted(&app, &world).await;
    let assignee = format!("assigneeId={}", world.assignee.id);
    let cases: [(&str, &[&str]); 16] = [
        ("status=DONE", &["Paint the hull"]),
        ("status=TODO", &["Light the fuse", "Test"]),
        ("type=BUG", &["50% off_by_one"]),
        ("priority=LOW", &["50% off_by_one", "Test"]),
        ("priority=LOW&type=OTHER", &["Test"]),
        (&assignee, &["Light the fuse", "50% off_by_one", "Test"]),
        ("assigneeId=user_nobody", &[]),
        ("dueBefore=2031-01-01", &["Light the fuse"]),
        ("dueAfter=2032-06-01", &["Test"]),
        (
            "dueAfter=2030-06-01&dueBefore=2031-06-01",
            &["Paint the hull"],
        ),
        ("q=hull", &["Paint the hull"]),
        ("q=HULL", &["Paint the hull"]),
        ("q=%25", &["50% off_by_one"]),
        ("q=y_o", &["50% off_by_one"]),
        ("q=a_n", &[]),
        (
            "q=",
            &["Light the fuse", "Paint the hull", "50% off_by_one", "Test"],
        ),
    ];
    for (query, expected) in cases {
        let path = format!("{}?{query}", list_path(&world));
        let listed = app.get(&world.workspace_member, &path).await.data(200);
        assert_eq!(texts(&listed, "title"), expected, "{query}");
    }
}

#[tokio::test]
async fn filters_that_are_none_are_refused() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    for path in [list_path(&world), "/api/tasks/mine".to_owned()] {
        for (field, value) in [
            ("status", "OPEN"),
            ("type", "bug"),
            ("priority", "URGENT"),
            ("dueBefore", "tomorrow"),
            ("dueAfter", "2030-02-31"),
            ("q", "%00"),
        ] {
            app.get(&world.lead, &format!("{path}?{field}={value}"))
                .await
                .blames(field);
        }
    }
}

#[tokio::test]
async fn everybody_finds_their_own_tasks_over_all_workspaces_by_due_date() {
    let app = TestApp::shared().await;
    let (world, other) = (
        World::create(app.database()).await,
        World::create(app.database()).await,
    );
    let ann = &world.assignee;
    app.add_to_workspace(&other.owner, &other.workspace, ann, "MEMBER")
        .await;
    let add = json!({"email": ann.email});
    app.post(
        &other.lead,
        &format!("/api/projects/{}/add-member", other.project),
        &add,
    )
    .await
    .data(200);
    let elsewhere = json!({"title": "Sooner", "assigneeId": ann.id, "due_date": "2029-01-01"});
    app.post(&other.lead, &list_path(&other), &elsewhere)
        .await
        .data(201);
    let later =
        json!({"title": "Later", "status": "DONE", "assigneeId": ann.id, "due_date": "2035-01-01"});
    app.post(&world.lead, &list_path(&world), &later)
        .await
        .data(201);

    let mine = app.get(ann, "/api/tasks/mine").await.data(200);
    assert_eq!(mine["nextCursor"], Value::Null);
    assert_eq!(
        texts(&mine["items"], "title"),
        ["Sooner", "Light the fuse", "Later"]
    );
    // Each with its own project.
    for listed in mine["items"].as_array().expect("an array") {
        let id = listed["id"].as_str().expect("an id");
        let single = app.get(ann, &format!("/api/tasks/{id}")).await;
        assert_eq!(listed, &single.data(200));
    }
    let open = app
        .get(ann, "/api/tasks/mine?status=TODO&dueAfter=2029-06-01")
        .await
        .data(200);
    assert_eq!(texts(&open["items"], "title"), ["Light the fuse"]);
    let page = app.get(ann, "/api/tasks/mine?limit=2").await.data(200);
    assert_eq!(texts(&page["items"], "title"), ["Sooner", "Light the fuse"]);

    // Who is out of a workspace does not see its tasks any more.
    let leave = format!("/api/workspace/{}/members/{}", other.workspace, ann.id);
    app.delete(ann, &leave).await.data(200);
    let mine = app.get(ann, "/api/tasks/mine").await.data(200);
    assert_eq!(texts(&mine["items"], "title"), ["Light the fuse", "Later"]);
    let nobody = app.user("Nobody").await;
    assert_eq!(
        app.get(&nobody, "/api/tasks/mine").await.data(200),
        json!({"items": [], "nextCursor": null})
    );
}
