//! Who is in a project, and who may change that.

use cairn_tests::{TestApp, World};
use serde_json::json;

use crate::shapes::{assert_new_id, person, texts};

#[tokio::test]
async fn workspace_members_see_who_is_in_a_project() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/projects/{}/members", world.project);
    let members = app.get(&world.workspace_member, &path).await.data(200);
    let mut ids = texts(&members, "userId");
    ids.sort_unstable();
    let mut expected = [
        world.lead.id.as_str(),
        &world.assignee.id,
        &world.project_member.id,
    ];
    expected.sort_unstable();
    assert_eq!(ids, expected);
    let lead = members.as_array().and_then(|all| {
        all.iter()
            .find(|one| one["userId"] == world.lead.id.as_str())
    });
    let lead = lead.expect("the lead is a member");
    assert_new_id(&lead["id"]);
    let expected = json!({
        "id": lead["id"], "projectId": world.project, "userId": world.lead.id, "user": person(&world.lead),
    });
    assert_eq!(lead, &expected);
    let stranger = app.user("Stranger").await;
    app.get(&stranger, &path)
        .await
        .is_refused(404, "Project not found or access denied");
}

#[tokio::test]
async fn the_lead_adds_somebody_from_the_workspace() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/projects/{}/add-member", world.project);
    let body = json!({"email": world.bystander.email.to_uppercase()});
    let added = app
        .post(&world.lead, &path, &body)
        .await
        .says(200, "Member added successfully");
    assert_new_id(&added["newMember"]["id"]);
    let expected = json!({
        "userId": world.bystander.id,
        "projectId": world.project,
        "newMember": {"id": added["newMember"]["id"], "user": person(&world.bystander)},
    });
    assert_eq!(added, expected);
    app.post(&world.lead, &path, &body)
        .await
        .is_refused(400, "User already in project");
    let task = format!("/api/tasks/{}", world.task);
    app.get(&world.bystander, &task).await.data(200);
}

#[tokio::test]
async fn adding_is_refused_with_the_contracts_words() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/projects/{}/add-member", world.project);
    let stranger = app.user("Stranger").await;
    let body = |email: &str| json!({"email": email});
    let unknown = app
        .post(&world.lead, &path, &body("nobody@example.com"))
        .await;
    unknown.is_refused(404, "User not found");
    let foreign = app.post(&world.lead, &path, &body(&stranger.email)).await;
    foreign.is_refused(400, "User is not part of the workspace");
    let outside = app
        .post(&stranger, &path, &body(&world.bystander.email))
        .await;
    outside.is_refused(404, "Project not found or access denied");
    for user in [
        &world.owner,
        &world.admin,
        &world.assignee,
        &world.workspace_member,
    ] {
        let refused = app.post(user, &path, &body(&world.bystander.email)).await;
        refused.is_refused(403, "Only Team Lead can perform this action");
    }
}

#[tokio::test]
async fn the_lead_removes_somebody_and_may_repeat_it() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let member = &world.project_member;
    let path = format!("/api/projects/{}/member/{}", world.project, member.id);
    let refused = app.delete(&world.assignee, &path).await;
    refused.is_refused(403, "Only Team Lead can perform this action");
    let expected = json!({"projectId": world.project, "memberId": member.id});
    assert_eq!(
        app.delete(&world.lead, &path)
            .await
            .says(200, "Member removed successfully"),
        expected
    );
    app.get(member, &format!("/api/tasks/{}", world.task))
        .await
        .is_refused(404, "Task not found or unauthorized");
    app.delete(&world.lead, &path)
        .await
        .says(200, "Member already removed");
    let lead = format!("/api/projects/{}/member/{}", world.project, world.lead.id);
    app.delete(&world.lead, &lead)
        .await
        .is_refused(400, "Team lead cannot be removed");
    let stranger = app.user("Stranger").await;
    app.delete(&stranger, &path)
        .await
        .is_refused(404, "Project not found or access denied");
}
