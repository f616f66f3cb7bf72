//! Who is in a workspace, and who may change that.

use cairn_tests::{TestApp, World};
use serde_json::{Value, json};

use crate::shapes::{assert_new_id, person, texts};

fn members_path(world: &World) -> String {
    format!("/api/workspace/{}/members", world.workspace)
}

#[tokio::test]
async fn members_see_each_other() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let members = app
        .get(&world.workspace_member, &members_path(&world))
        .await
        .data(200);
    assert_eq!(members.as_array().map(Vec::len), Some(7));
    let lead = members
        .as_array()
        .and_then(|all| all.iter().find(|one| one["id"] == world.lead.id.as_str()));
    let mut expected = person(&world.lead);
    expected["role"] = json!("MEMBER");
    assert_eq!(lead, Some(&expected));
    let stranger = app.user("Stranger").await;
    app.get(&stranger, &members_path(&world))
        .await
        .is_refused(403, "Access denied");
}

#[tokio::test]
async fn everybody_has_a_name() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let members = [
        (
            &world.assignee,
            "name = NULL, email = 'Grace.Hopper@example.com'",
            "Grace.Hopper",
        ),
        (&world.bystander, "name = NULL, email = NULL", "User"),
        (
            &world.project_member,
            "name = NULL, email = NULL, image = '', deleted_at = now()",
            "Deleted user",
        ),
    ];
    for (user, change, _) in members {
        let update = format!("UPDATE users SET {change} WHERE id = $1");
        app.database()
            .execute(&update, &[&user.id])
            .await
            .expect("the user is changed");
    }
    let listed = app.get(&world.lead, &members_path(&world)).await.data(200);
    let listed = listed.as_array().expect("a list");
    for (user, _, name) in members {
        let shown = listed
            .iter()
            .find(|one| one["id"] == user.id.as_str())
            .expect("they are members");
        assert_eq!(shown["name"], name);
        assert!(
            shown["email"].is_string() && shown["image"].is_string(),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn an_admin_adds_somebody_by_address_in_any_case() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let newcomer = app.user("Newcomer").await;
    let body = json!({
        "email": format!("  {} ", newcomer.email.to_uppercase()),
        "role": "MEMBER",
        "workspaceId": world.workspace,
        "message": "Welcome",
    });
    let added = app
        .post(&world.admin, "/api/workspace/add-member", &body)
        .await;
    let added = added.says(201, "Member added successfully");
    assert_new_id(&added["id"]);
    let expected = json!({
        "id": added["id"],
        "userId": newcomer.id,
        "workspaceId": world.workspace,
        "role": "MEMBER",
        "message": "Welcome",
        "user": person(&newcomer),
    });
    assert_eq!(added, expected);
    let again = app
        .post(&world.admin, "/api/workspace/add-member", &body)
        .await;
    again.is_refused(400, "User is already a member");
    let listed = app.get(&newcomer, "/api/workspace").await.data(200);
    assert_eq!(texts(&listed, "id"), [world.workspace.as_str()]);
}

#[tokio::test]
async fn adding_is_refused_with_the_contracts_words() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let newcomer = app.user("Newcomer").await;
    let body =
        |email: &str| json!({"email": email, "role": "MEMBER", "workspaceId": world.workspace});
    let path = "/api/workspace/add-member";
    let by_member = app.post(&world.lead, path, &body(&newcomer.email)).await;
    by_member.is_refused(403, "Only workspace admins can perform this action");
    app.post(&world.admin, path, &body("nobody@example.com"))
        .await
        .is_refused(404, "User not found");
    app.post(&world.admin, path, &body("no address at all"))
        .await
        .is_refused(404, "User not found");
}

#[tokio::test]
async fn only_a_verified_address_finds_its_user() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let (honest, claimant) = (app.user("Honest").await, app.user("Claimant").await);
    let claim = "UPDATE users SET email = $1, email_verified = false, version = 9 WHERE id = $2";
    app.database()
        .execute(claim, &[&honest.email, &claimant.id])
        .await
        .expect("the claim is written");
    let body = json!({"email": honest.email, "role": "MEMBER", "workspaceId": world.workspace});
    let added = app
        .post(&world.admin, "/api/workspace/add-member", &body)
        .await
        .data(201);
    assert_eq!(added["userId"], honest.id.as_str());
}

#[tokio::test]
async fn an_admin_changes_a_role() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("{}/{}", members_path(&world), world.bystander.id);
    let change = json!({"role": "ADMIN"});
    let refused = app.patch(&world.lead, &path, &change).await;
    refused.is_refused(403, "Only workspace admins can perform this action");
    app.patch(&world.admin, &path, &change)
        .await
        .says(200, "Member updated successfully");
    // The new ADMIN may do the same now.
    app.patch(&world.bystander, &path, &json!({"role": "MEMBER"}))
        .await
        .data(200);
    let missing = format!("{}/user_nobody", members_path(&world));
    app.patch(&world.admin, &missing, &change)
        .await
        .is_refused(404, "Member not found");
    app.delete(&world.admin, &missing)
        .await
        .is_refused(404, "Member not found");
}

#[tokio::test]
async fn somebody_removed_from_a_workspace_is_out_of_its_projects() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let task = format!("/api/tasks/{}", world.task);
    app.get(&world.project_member, &task).await.data(200);
    let path = format!("{}/{}", members_path(&world), world.project_member.id);
    app.delete(&world.admin, &path)
        .await
        .says(200, "Member removed successfully");
    app.get(&world.project_member, &task)
        .await
        .is_refused(404, "Task not found or unauthorized");
    let comments = app
        .get(&world.project_member, &format!("{task}/comments"))
        .await;
    comments.is_refused(404, "Task not found or unauthorized");
    let members = app
        .get(
            &world.lead,
            &format!("/api/projects/{}/members", world.project),
        )
        .await
        .data(200);
    assert!(
        !texts(&members, "userId").contains(&world.project_member.id.as_str()),
        "{members}"
    );
    // Coming back to the workspace does not bring the projects back.
    app.add_to_workspace(
        &world.admin,
        &world.workspace,
        &world.project_member,
        "MEMBER",
    )
    .await;
    app.get(&world.project_member, &task)
        .await
        .is_refused(404, "Task not found or unauthorized");
}

#[tokio::test]
async fn a_member_may_leave_by_itself() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("{}/{}", members_path(&world), world.bystander.id);
    let other = app.delete(&world.workspace_member, &path).await;
    other.is_refused(403, "Only workspace admins can perform this action");
    app.delete(&world.bystander, &path)
        .await
        .says(200, "Member removed successfully");
    assert_eq!(
        app.get(&world.bystander, "/api/workspace").await.data(200),
        json!([])
    );
}

#[tokio::test]
async fn the_last_admin_stays() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path_of = |id: &str| format!("{}/{id}", members_path(&world));
    app.patch(
        &world.owner,
        &path_of(&world.admin.id),
        &json!({"role": "MEMBER"}),
    )
    .await
    .data(200);
    let last = path_of(&world.owner.id);
    let demoted = app
        .patch(&world.owner, &last, &json!({"role": "MEMBER"}))
        .await;
    demoted.is_refused(409, "A workspace needs an admin");
    app.delete(&world.owner, &last)
        .await
        .is_refused(409, "A workspace needs an admin");
    // Staying an ADMIN is no change.
    app.patch(&world.owner, &last, &json!({"role": "ADMIN"}))
        .await
        .data(200);
}

#[tokio::test]
async fn who_leads_a_project_stays_until_it_is_handed_over() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("{}/{}", members_path(&world), world.lead.id);
    let refused = app.delete(&world.admin, &path).await;
    assert_eq!(refused.status, 409, "{refused}");
    let message = refused.json()["message"].clone();
    assert!(
        message.as_str().is_some_and(|text| text.contains("Rocket")),
        "the projects are named: {message}"
    );
    let by_member = app.delete(&world.assignee, &path).await;
    by_member.is_refused(403, "Only workspace admins can perform this action");
    let hand_over = json!({"team_lead": world.assignee.email});
    app.patch(
        &world.admin,
        &format!("/api/projects/{}", world.project),
        &hand_over,
    )
    .await
    .data(200);
    app.delete(&world.admin, &path)
        .await
        .says(200, "Member removed successfully");
    let project = app
        .get(&world.admin, &format!("/api/projects/{}", world.project))
        .await
        .data(200);
    assert_eq!(project["owner"], person(&world.assignee));
    assert_ne!(project["members"], Value::Null);
}

#[tokio::test]
async fn a_lead_who_left_the_workspace_is_not_a_member_whatever_they_lead() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    // As Clerk's events do it, who know nothing of projects.
    let leave = "DELETE FROM workspace_members WHERE workspace_id = $1 AND user_id = $2";
    app.database()
        .execute(leave, &[&world.workspace, &world.lead.id])
        .await
        .expect("the lead leaves");
    let path = format!("{}/{}", members_path(&world), world.lead.id);
    app.delete(&world.admin, &path)
        .await
        .is_refused(404, "Member not found");
}
