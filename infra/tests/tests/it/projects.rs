//! `/api/projects`: the projects themselves.

use cairn_tests::{TestApp, World};
use serde_json::{Value, json};

use crate::shapes::{assert_instant, assert_new_id, person, texts};

#[tokio::test]
async fn a_project_is_made_with_everything_that_is_given() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let mut body = json!({
        "workspaceId": world.workspace,
        "name": " Difference Engine ",
        "description": "Brass",
        "status": "IN_PROGRESS",
        "priority": "HIGH",
        "progress": 49.6,
        "start_date": "2030-01-01",
        "end_date": "2030-06-30T22:00:00+02:00",
        "team_lead": world.lead.email.to_uppercase(),
        "team_members": [world.assignee.email, world.assignee.email, world.bystander.email],
    });
    for path in [
        "/api/projects".to_owned(),
        format!("/api/projects/workspace/{}", world.workspace),
    ] {
        let made = app
            .post(&world.admin, &path, &body)
            .await
            .says(201, "Project created successfully");
        assert_new_id(&made["id"]);
        assert_instant(&made["createdAt"]);
        let mut members = made["members"].as_array().expect("members").clone();
        for member in &members {
            assert_new_id(&member["id"]);
        }
        members.sort_by_key(|member| member["user"]["id"].to_string());
        let users: Vec<&Value> = members.iter().map(|member| &member["user"]).collect();
        let mut expected_users = [
            person(&world.lead),
            person(&world.assignee),
            person(&world.bystander),
        ];
        expected_users.sort_by_key(|user| user["id"].to_string());
        assert_eq!(users, expected_users.each_ref());
        let expected = json!({
            "id": made["id"],
            "name": "Difference Engine",
            "description": "Brass",
            "status": "IN_PROGRESS",
            "priority": "HIGH",
            "progress": 50,
            "start_date": "2030-01-01T00:00:00.000Z",
            "end_date": "2030-06-30T20:00:00.000Z",
            "team_lead": world.lead.id,
            "workspaceId": world.workspace,
            "createdAt": made["createdAt"],
            "updatedAt": made["createdAt"],
            "owner": person(&world.lead),
            "members": made["members"],
            "tasks": [],
        });
        assert_eq!(made, expected);
        let read = app.get(
            &world.workspace_member,
            &format!("/api/projects/{}", made["id"].as_str().expect("an id")),
        );
        assert_eq!(read.await.data(200), expected);
        // The second path says the workspace itself.
        body.as_object_mut()
            .expect("an object")
            .remove("workspaceId");
    }
}

#[tokio::test]
async fn a_project_needs_a_name_and_a_lead_only() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let body = json!({
        "workspaceId": world.workspace, "name": "Plain", "team_lead": world.lead.email, "start_date": "", "end_date": "",
    });
    let made = app
        .post(&world.owner, "/api/projects", &body)
        .await
        .data(201);
    assert_eq!(made["description"], Value::Null);
    assert_eq!(made["start_date"], Value::Null);
    assert_eq!(made["end_date"], Value::Null);
    assert_eq!(made["progress"], 0);
    assert_eq!(made["members"].as_array().map(Vec::len), Some(1));
    assert_eq!(made["members"][0]["user"], person(&world.lead));
}

#[tokio::test]
async fn making_a_project_is_refused_with_the_contracts_words() {
    let app = TestApp::shared().await;
    let (world, other) = (
        World::create(app.database()).await,
        World::create(app.database()).await,
    );
    let valid = json!({"workspaceId": world.workspace, "name": "X", "team_lead": world.lead.email});
    let with = |field: &str, value: Value| {
        let mut body = valid.clone();
        body[field] = value;
        body
    };
    let path = "/api/projects";
    let by_member = app.post(&world.lead, path, &valid).await;
    by_member.is_refused(403, "Only workspace admins can perform this action");
    // Who is refused anyway is not told whose addresses are unknown.
    let with_strangers = with("team_members", json!(["nobody@example.com"]));
    app.post(&world.lead, path, &with_strangers)
        .await
        .is_refused(403, "Only workspace admins can perform this action");
    app.post(&other.owner, path, &with_strangers)
        .await
        .is_refused(404, "Workspace not found");
    app.post(&other.owner, path, &valid)
        .await
        .is_refused(404, "Workspace not found");
    let unknown = app
        .post(
            &world.admin,
            path,
            &with("workspaceId", json!("org_nothing")),
        )
        .await;
    unknown.is_refused(404, "Workspace not found");
    for lead in ["nobody@example.com", "", other.lead.email.as_str()] {
        let refused = app
            .post(&world.admin, path, &with("team_lead", json!(lead)))
            .await;
        refused.is_refused(404, "Team lead not found");
    }
    let strangers = json!([world.assignee.email, other.lead.email, "nobody@example.com"]);
    let refused = app
        .post(&world.admin, path, &with("team_members", strangers))
        .await;
    assert_eq!(refused.status, 400, "{refused}");
    assert!(
        refused.json()["errors"]["team_members"].is_string(),
        "{refused}"
    );
    let text = refused.to_string();
    assert!(
        text.contains(&other.lead.email) && text.contains("nobody@example.com"),
        "{text}"
    );
    assert!(
        !text.contains(&world.assignee.email),
        "only the strangers are named: {text}"
    );
}

#[tokio::test]
async fn an_end_before_the_start_is_refused_also_against_the_stored_one() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let body = json!({
        "workspaceId": world.workspace, "name": "X", "team_lead": world.lead.email,
        "start_date": "2030-02-02", "end_date": "2030-02-01",
    });
    app.post(&world.admin, "/api/projects", &body)
        .await
        .blames("end_date");
    let path = format!("/api/projects/{}", world.project);
    let both = json!({"start_date": "2030-02-02", "end_date": "2030-02-03"});
    app.patch(&world.lead, &path, &both).await.data(200);
    let refused = app
        .patch(&world.lead, &path, &json!({"end_date": "2030-02-01"}))
        .await;
    assert_eq!(refused.status, 400, "{refused}");
    let refused = app
        .patch(&world.lead, &path, &json!({"start_date": "2030-02-04"}))
        .await;
    assert_eq!(refused.status, 400, "{refused}");
    // The same day is no contradiction, and an open end is none.
    app.patch(&world.lead, &path, &json!({"end_date": "2030-02-02"}))
        .await
        .data(200);
    app.patch(
        &world.lead,
        &path,
        &json!({"end_date": null, "start_date": "2031-01-01"}),
    )
    .await
    .data(200);
}

#[tokio::test]
async fn the_list_is_newest_first_with_members_and_tasks_under_both_paths() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    for name in ["Second", "Third"] {
        let body =
            json!({"workspaceId": world.workspace, "name": name, "team_lead": world.lead.email});
        app.post(&world.admin, "/api/projects", &body)
            .await
            .data(201);
    }
    let base = format!("/api/projects/workspace/{}", world.workspace);
    let listed = app.get(&world.workspace_member, &base).await.data(200);
    assert_eq!(texts(&listed, "name"), ["Third", "Second", "Rocket"]);
    assert_eq!(
        app.get(&world.workspace_member, &format!("{base}/projects"))
            .await
            .data(200),
        listed
    );
    let rocket = &listed[2];
    let by_id = app
        .get(
            &world.workspace_member,
            &format!("/api/projects/{}", world.project),
        )
        .await
        .data(200);
    assert_eq!(rocket, &by_id);
    assert_eq!(rocket["members"].as_array().map(Vec::len), Some(3));
    let task = &rocket["tasks"][0];
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
        "createdAt": task["createdAt"],
        "updatedAt": task["updatedAt"],
        "assignee": person(&world.assignee),
    });
    assert_eq!(rocket["tasks"], json!([expected]));
    let stranger = app.user("Stranger").await;
    app.get(&stranger, &base)
        .await
        .is_refused(403, "Access denied");
    app.get(&stranger, &format!("{base}/projects"))
        .await
        .is_refused(403, "Access denied");
    let one = app
        .get(&stranger, &format!("/api/projects/{}", world.project))
        .await;
    one.is_refused(404, "Project not found or access denied");
}

#[tokio::test]
async fn the_lead_updates_parts_of_a_project_by_patch_and_put() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/projects/{}", world.project);
    for method in ["PATCH", "PUT"] {
        let change = |body: Value| app.request(&world.lead, method, &path).json(&body);
        let body = json!({
            "name": method, "description": "Text", "status": "ON_HOLD", "priority": "LOW", "progress": 99_999,
            "start_date": "2030-01-01", "end_date": "2030-12-31",
        });
        let changed = change(body).await.says(200, "Project updated successfully");
        assert_eq!(changed["name"], method);
        assert_eq!(changed["progress"], 100);
        assert_eq!(changed["status"], "ON_HOLD");
        assert_eq!(changed["members"].as_array().map(Vec::len), Some(3));
        assert_eq!(texts(&changed["tasks"], "title"), ["Light the fuse"]);
        let cleared = change(json!({"description": null, "start_date": "", "end_date": null}))
            .await
            .data(200);
        assert_eq!(cleared["name"], method, "what is left out stays");
        for field in ["description", "start_date", "end_date"] {
            assert_eq!(cleared[field], Value::Null, "{field}");
        }
        assert_eq!(app.get(&world.lead, &path).await.data(200), cleared);
        change(json!({"progress": -3})).await.data(200);
        change(json!({"status": "DONE"}))
            .await
            .is_refused(400, "Invalid status value");
        change(json!({"priority": "urgent"}))
            .await
            .is_refused(400, "Invalid priority value");
    }
}

#[tokio::test]
async fn only_the_lead_updates_and_others_are_told_so() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/projects/{}", world.project);
    let body = json!({"name": "Mine"});
    for user in [
        &world.owner,
        &world.admin,
        &world.assignee,
        &world.workspace_member,
    ] {
        app.patch(user, &path, &body)
            .await
            .is_refused(403, "Only Team Lead can perform this action");
    }
    let stranger = app.user("Stranger").await;
    app.patch(&stranger, &path, &body)
        .await
        .is_refused(404, "Project not found or access denied");
}

#[tokio::test]
async fn a_project_is_handed_over_to_one_of_its_members() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/projects/{}", world.project);
    let to = |user: &cairn_tests::User| json!({"team_lead": user.email});
    let outside = app
        .patch(&world.lead, &path, &to(&world.workspace_member))
        .await;
    outside.is_refused(400, "Team lead must be a project member");
    let nobody = app
        .patch(
            &world.lead,
            &path,
            &json!({"team_lead": "nobody@example.com"}),
        )
        .await;
    nobody.is_refused(400, "Team lead must be a project member");
    let handed = app
        .patch(&world.lead, &path, &to(&world.assignee))
        .await
        .data(200);
    assert_eq!(handed["team_lead"], world.assignee.id.as_str());
    assert_eq!(handed["owner"], person(&world.assignee));
    let former = app.patch(&world.lead, &path, &to(&world.lead)).await;
    former.is_refused(403, "Only Team Lead can perform this action");
    // An ADMIN hands over, and does nothing else with that.
    for (field, value) in [
        ("name", json!("Mine")),
        ("description", Value::Null),
        ("status", json!("COMPLETED")),
        ("priority", json!("LOW")),
        ("progress", json!(100)),
        ("start_date", json!("2030-01-01")),
        ("end_date", json!("2030-01-01")),
    ] {
        let mut more = to(&world.lead);
        more[field] = value;
        let admin = app.patch(&world.admin, &path, &more).await;
        admin.is_refused(403, "Only Team Lead can perform this action");
    }
    app.put(&world.admin, &path, &to(&world.lead))
        .await
        .says(200, "Project updated successfully");
}

#[tokio::test]
async fn lead_or_admin_deletes_a_project() {
    let app = TestApp::shared().await;
    for by_lead in [true, false] {
        let world = World::create(app.database()).await;
        let path = format!("/api/projects/{}", world.project);
        let refused = app.delete(&world.assignee, &path).await;
        refused.is_refused(403, "Only admin or team lead can perform this action");
        let stranger = app.user("Stranger").await;
        app.delete(&stranger, &path)
            .await
            .is_refused(404, "Project not found");
        let user = if by_lead { &world.lead } else { &world.admin };
        app.delete(user, &path)
            .await
            .says(200, "Project deleted successfully");
        app.delete(user, &path)
            .await
            .is_refused(404, "Project not found");
        app.get(&world.lead, &format!("/api/tasks/{}", world.task))
            .await
            .is_refused(404, "Task not found or unauthorized");
    }
}

#[tokio::test]
async fn where_the_workspace_says_so_an_admin_has_the_leads_rights() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let settings = json!({"settings": {"admins_manage_projects": true}});
    app.patch(
        &world.owner,
        &format!("/api/workspace/{}", world.workspace),
        &settings,
    )
    .await
    .data(200);
    let project = format!("/api/projects/{}", world.project);
    app.patch(&world.admin, &project, &json!({"name": "By the ADMIN"}))
        .await
        .data(200);
    app.task(&world.admin, &world.project, &world.assignee, "From above")
        .await;
    app.patch(
        &world.admin,
        &format!("/api/tasks/{}", world.task),
        &json!({"status": "DONE"}),
    )
    .await
    .data(200);
    app.delete(&world.admin, &format!("/api/tasks/{}", world.task))
        .await
        .data(200);
    let add = json!({"email": world.bystander.email});
    app.post(&world.admin, &format!("{project}/add-member"), &add)
        .await
        .data(200);
    // Other people have not gained anything.
    let refused = app
        .patch(&world.assignee, &project, &json!({"name": "X"}))
        .await;
    refused.is_refused(403, "Only Team Lead can perform this action");
}

#[tokio::test]
async fn a_lead_deleted_at_clerk_is_still_named() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let deletion =
        "UPDATE users SET name = NULL, email = NULL, image = '', deleted_at = now() WHERE id = $1";
    app.database()
        .execute(deletion, &[&world.lead.id])
        .await
        .expect("the deletion is written");
    let gone = "DELETE FROM workspace_members WHERE user_id = $1";
    app.database()
        .execute(gone, &[&world.lead.id])
        .await
        .expect("the membership is removed");
    let read = app
        .get(&world.admin, &format!("/api/projects/{}", world.project))
        .await
        .data(200);
    assert_eq!(
        read["owner"],
        json!({"id": world.lead.id, "name": "Deleted user", "email": "", "image": ""})
    );
    let hand_over = json!({"team_lead": world.assignee.email});
    app.patch(
        &world.admin,
        &format!("/api/projects/{}", world.project),
        &hand_over,
    )
    .await
    .data(200);
}
