//! What is here and no longer at Clerk.

use serde_json::json;

use crate::Run;
use crate::database::{Filled, assert_same};
use crate::instance::{Instance, event, user_id};
use crate::stand_in::{StandIn, refusal};

/// A workspace made through our API with a member whom the old system had in it, and a member added through our API to an
/// organization.
const OURS: &str = "
INSERT INTO workspaces (id, name, slug, owner_id) VALUES ('01930000-0000-7000-8000-000000000001', 'Ours', 'ours', 'user_000003');
INSERT INTO workspace_members (id, workspace_id, user_id, role) VALUES
  (gen_random_uuid(), '01930000-0000-7000-8000-000000000001', 'user_000003', 'ADMIN'),
  (gen_random_uuid(), '01930000-0000-7000-8000-000000000001', 'user_000005', 'MEMBER'),
  (gen_random_uuid(), 'org_00001', 'user_000004', 'MEMBER');
INSERT INTO clerk_memberships (workspace_id, user_id, source, version, tie, deleted, role, since)
SELECT workspace_id, user_id, CASE user_id WHEN 'user_000005' THEN 'invitation' ELSE 'api' END, present_version(), '~', false, role,
       created_at
  FROM workspace_members
 WHERE workspace_id = '01930000-0000-7000-8000-000000000001' OR (workspace_id, user_id) = ('org_00001', 'user_000004');
INSERT INTO clerk_objects (kind, id, version, tie)
VALUES ('organization', '01930000-0000-7000-8000-000000000001', present_version(), '~')";

/// Filled, with things of our own; then much was deleted at Clerk, and of nothing of it was told.
async fn after_lost_deletions() -> (StandIn, Filled) {
    let clerk = StandIn::of(Instance::of(12, 4, 1)).await;
    let filled = Filled::empty().await;
    Run::expect(&clerk, &filled, &[]).await;
    filled.execute(OURS).await;
    // Somebody accepted an invitation and was taken out again; only the first was told.
    let invitation = json!({
        "id": "orginv_1", "organization_id": "org_00001", "user_id": user_id(6),
        "role": "org:member", "status": "accepted", "updated_at": 1_767_230_000_000_i64,
    });
    filled
        .follow([event("organizationInvitation.accepted", &invitation)])
        .await;
    clerk.change(|instance| {
        instance.delete_user(&user_id(1));
        instance.delete_organization("org_00002");
        instance
            .memberships
            .retain(|membership| membership["id"] != "orgmem_00003_000007");
    });
    (clerk, filled)
}

#[tokio::test]
async fn lost_deletions_are_reported_and_nothing_else() {
    let (clerk, filled) = after_lost_deletions().await;
    let before = filled.contents().await;
    let run = Run::expect(&clerk, &filled, &[]).await;
    assert_same(&filled.contents().await, &before);
    for line in [
        "missing at Clerk, users: user_000001",
        "missing at Clerk, organizations: org_00002",
        "missing at Clerk, memberships: user_000007 of org_00003",
        "missing at Clerk, memberships: user_000006 of org_00001",
    ] {
        assert!(run.report.contains(line), "{line}\n{}", run.report);
    }
    assert_eq!(run.total("missing"), 4, "{}", run.report);
    assert_eq!(run.total("removed"), 0, "{}", run.report);
}

#[tokio::test]
async fn lost_deletions_are_made_good_when_asked_for() {
    let (clerk, filled) = after_lost_deletions().await;
    let run = Run::expect(&clerk, &filled, &["--remove-missing"]).await;
    assert_eq!(run.total("missing"), 4, "{}", run.report);
    assert_eq!(run.total("removed"), 4, "{}", run.report);

    let members = "SELECT user_id || ' ' || workspace_id FROM workspace_members ORDER BY 1";
    let expected = [
        "user_000000 org_00000",
        "user_000003 01930000-0000-7000-8000-000000000001",
        "user_000003 org_00003",
        "user_000004 org_00000",
        "user_000004 org_00001",
        "user_000005 01930000-0000-7000-8000-000000000001",
        "user_000005 org_00001",
        "user_000008 org_00000",
        "user_000009 org_00001",
        "user_000011 org_00003",
    ];
    assert_eq!(filled.texts(members).await, expected);
    let deleted = "SELECT id || ' ' || display_name FROM users WHERE deleted_at IS NOT NULL";
    assert_eq!(filled.texts(deleted).await, ["user_000001 Deleted user"]);
    let workspaces = "SELECT id FROM workspaces ORDER BY id";
    let left = [
        "01930000-0000-7000-8000-000000000001",
        "org_00000",
        "org_00001",
        "org_00003",
    ];
    assert_eq!(filled.texts(workspaces).await, left);

    let run = Run::expect(&clerk, &filled, &["--remove-missing"]).await;
    assert_eq!(run.total("missing"), 0, "{}", run.report);
    assert_eq!(run.total("changed"), 0, "{}", run.report);
}

#[tokio::test]
async fn who_comes_back_after_a_removal_is_in_again() {
    let (clerk, filled) = after_lost_deletions().await;
    Run::expect(&clerk, &filled, &["--remove-missing"]).await;
    let again = clerk.change(|instance| {
        let mut again = crate::instance::membership(3, 7);
        again["id"] = json!("orgmem_again");
        instance.memberships.push(again.clone());
        again
    });
    filled
        .follow([event("organizationMembership.created", &again)])
        .await;
    let members = "SELECT role::text FROM workspace_members WHERE user_id = 'user_000007'";
    assert_eq!(filled.texts(members).await, ["MEMBER"]);
    let run = Run::expect(&clerk, &filled, &["--remove-missing"]).await;
    assert_eq!(run.total("missing"), 0, "{}", run.report);
    assert_eq!(filled.texts(members).await, ["MEMBER"]);
}

/// Nothing that Clerk tells ends an accepted invitation, or what the old system told: both name no membership.
#[tokio::test]
async fn who_was_added_here_again_after_the_end_at_clerk_stays() {
    let clerk = StandIn::of(Instance::of(12, 4, 1)).await;
    let filled = Filled::empty().await;
    Run::expect(&clerk, &filled, &[]).await;
    for (user, at) in [(5, 1_767_230_000_000_i64), (6, 1), (9, 1_767_230_000_000)] {
        let invitation = json!({
            "id": "orginv_1", "organization_id": "org_00001", "user_id": user_id(user),
            "role": "org:member", "status": "accepted", "updated_at": at,
        });
        let mut membership = crate::instance::membership(1, user);
        membership["updated_at"] = json!(1_767_240_000_000_i64);
        filled
            .follow([
                json!({"type": "organizationInvitation.accepted", "timestamp": at, "data": invitation}),
                event("organizationMembership.deleted", &membership),
            ])
            .await;
    }
    clerk.change(|instance| {
        let ended = ["orgmem_00001_000005", "orgmem_00001_000009"];
        instance.memberships.retain(|membership| {
            let id = membership["id"].as_str().unwrap_or_default();
            !ended.contains(&id)
        });
    });
    // As functions/workspaces does it, for all but the last.
    filled
        .execute(
            "INSERT INTO workspace_members (id, workspace_id, user_id, role)
             SELECT gen_random_uuid(), 'org_00001', id, 'MEMBER' FROM users WHERE id IN ('user_000005', 'user_000006');
             INSERT INTO clerk_memberships (workspace_id, user_id, source, version, tie, deleted, role, since)
             SELECT workspace_id, user_id, 'api', present_version(), '~', false, role, created_at
               FROM workspace_members WHERE workspace_id = 'org_00001' AND user_id IN ('user_000005', 'user_000006')",
        )
        .await;
    let before = filled.contents().await;
    // Nothing of it counts as missing.
    let arguments = ["--remove-missing", "--at-most", "0"];
    let run = Run::expect(&clerk, &filled, &arguments).await;
    assert_eq!(run.total("missing"), 0, "{}", run.report);
    assert_same(&filled.contents().await, &before);
    let members =
        "SELECT user_id FROM workspace_members WHERE workspace_id = 'org_00001' ORDER BY 1";
    let expected = [1, 5, 6].map(user_id);
    assert_eq!(filled.texts(members).await, expected);
}

/// Whoever the invitation brought is still missing at Clerk when both the membership and its end were never told.
#[tokio::test]
async fn an_invitation_newer_than_the_last_membership_is_looked_up() {
    let clerk = StandIn::of(Instance::of(12, 4, 1)).await;
    let filled = Filled::empty().await;
    Run::expect(&clerk, &filled, &[]).await;
    let invitation = json!({
        "id": "orginv_1", "organization_id": "org_00001", "user_id": user_id(5),
        "role": "org:member", "status": "accepted", "updated_at": 1_767_250_000_000_i64,
    });
    let mut membership = crate::instance::membership(1, 5);
    membership["updated_at"] = json!(1_767_240_000_000_i64);
    filled
        .follow([
            event("organizationMembership.deleted", &membership),
            event("organizationInvitation.accepted", &invitation),
        ])
        .await;
    clerk.change(|instance| {
        instance
            .memberships
            .retain(|membership| membership["id"] != "orgmem_00001_000005");
    });
    let run = Run::expect(&clerk, &filled, &["--remove-missing"]).await;
    assert_eq!(run.total("removed"), 1, "{}", run.report);
    let members =
        "SELECT user_id FROM workspace_members WHERE workspace_id = 'org_00001' ORDER BY 1";
    assert_eq!(filled.texts(members).await, [1, 9].map(user_id));
}

#[tokio::test]
async fn what_a_list_does_not_hold_is_asked_for_before_it_is_believed() {
    let clerk = StandIn::of(Instance::of(12, 4, 1)).await;
    let filled = Filled::empty().await;
    Run::expect(&clerk, &filled, &[]).await;
    let before = filled.contents().await;
    clerk.unlist(user_id(2));
    let run = Run::expect(&clerk, &filled, &["--remove-missing"]).await;
    assert_same(&filled.contents().await, &before);
    assert_eq!(run.total("missing"), 0, "{}", run.report);
    assert_eq!(run.count("users", "seen"), 12, "{}", run.report);
}

#[tokio::test]
async fn the_key_of_another_instance_does_nothing() {
    // Of another instance with nothing in it, and of one with users and organizations of its own.
    let mut others = Instance::of(40, 8, 1);
    others.users.drain(..12);
    others.organizations.drain(..4);
    others.memberships.drain(..12);
    for other in [Instance::default(), others] {
        // More than Clerk can be asked about at once, and fewer than are looked up without a question.
        for users in [230, 12, 1] {
            let filled = Filled::empty().await;
            let mut ours = Instance::of(users, 1, 1);
            for user in &mut ours.users {
                let id = user["id"]
                    .as_str()
                    .expect("an id")
                    .replace("user_", "user_our");
                user["id"] = json!(id);
            }
            ours.organizations.clear();
            ours.memberships.clear();
            let clerk = StandIn::of(ours).await;
            Run::expect(&clerk, &filled, &[]).await;
            let before = filled.contents().await;
            let stand_in = StandIn::of(other.clone()).await;
            let arguments = ["--remove-missing", "--at-most", "1000"];
            let run = Run::of(&stand_in, &filled, &arguments).await;
            assert!(!run.success, "{}", run.report);
            let sentence = format!("None of the {users} users here is at Clerk");
            assert!(run.report.contains(&sentence), "{}", run.report);
            assert_same(&filled.contents().await, &before);
            let requests = stand_in.requests();
            assert_eq!(requests.len(), users.div_ceil(100), "{requests:#?}");
        }
    }
}

#[tokio::test]
async fn one_user_who_is_known_is_enough() {
    let clerk = StandIn::of(Instance::of(230, 4, 1)).await;
    let filled = Filled::empty().await;
    Run::expect(&clerk, &filled, &[]).await;
    clerk.change(|instance| {
        for number in 0..229 {
            instance.delete_user(&user_id(number));
        }
    });
    let before = filled.contents().await;
    // So much is not looked up without being told to.
    let run = Run::of(&clerk, &filled, &["--remove-missing"]).await;
    assert!(!run.success, "{}", run.report);
    assert!(run.report.contains("--at-most 229"), "{}", run.report);
    assert_same(&filled.contents().await, &before);
    let looked_up = |path: &String| path.starts_with("/v1/users/user_");
    assert!(!clerk.requests().iter().any(looked_up));

    let arguments = ["--remove-missing", "--at-most", "229"];
    let run = Run::expect(&clerk, &filled, &arguments).await;
    assert_eq!(run.total("removed"), 229, "{}", run.report);
    let left = "SELECT id FROM users WHERE deleted_at IS NULL";
    assert_eq!(filled.texts(left).await, [user_id(229)]);
}

/// A proxy, or an address that is not Clerk's, may answer 404 to everything.
#[tokio::test]
async fn a_404_that_is_not_of_clerk_is_no_deletion() {
    use axum::http::StatusCode;
    use axum::response::IntoResponse as _;

    let (clerk, filled) = after_lost_deletions().await;
    let before = filled.contents().await;
    clerk.mishap(|_, path| {
        let looked_up = path.contains("user_") || path.contains("org_");
        looked_up.then(|| (StatusCode::NOT_FOUND, "<h1>Not found</h1>").into_response())
    });
    let run = Run::of(&clerk, &filled, &["--remove-missing"]).await;
    assert!(!run.success, "{}", run.report);
    assert!(run.said.contains("status 404"), "{}", run.said);
    assert_same(&filled.contents().await, &before);
}

/// Clerk itself also says 404 of other things than of what was asked for.
#[tokio::test]
async fn a_404_with_another_code_is_no_deletion() {
    use axum::http::StatusCode;

    let (clerk, filled) = after_lost_deletions().await;
    let before = filled.contents().await;
    for code in ["endpoint_not_found", "instance_not_found"] {
        clerk.mishap(move |_, path| {
            let looked_up = path.contains("user_") || path.contains("org_");
            looked_up.then(|| refusal(StatusCode::NOT_FOUND, code))
        });
        let run = Run::of(&clerk, &filled, &["--remove-missing"]).await;
        assert!(!run.success, "{}", run.report);
        let sentence = format!("status 404, {code}");
        assert!(run.said.contains(&sentence), "{}", run.said);
        assert_same(&filled.contents().await, &before);
    }
}

#[tokio::test]
async fn an_organization_that_was_deleted_here_stays_deleted_and_is_named() {
    let clerk = StandIn::of(Instance::of(12, 4, 1)).await;
    let filled = Filled::empty().await;
    Run::expect(&clerk, &filled, &[]).await;
    // As functions/workspaces does it.
    filled
        .execute(
            "UPDATE clerk_objects SET version = present_version(), tie = '~', deleted = true WHERE id = 'org_00002';
             DELETE FROM workspaces WHERE id = 'org_00002';
             DELETE FROM clerk_memberships WHERE workspace_id = 'org_00002'",
        )
        .await;
    let before = filled.contents().await;
    let run = Run::expect(&clerk, &filled, &["--remove-missing"]).await;
    assert_same(&filled.contents().await, &before);
    let line = "deleted here and still at Clerk, organizations: org_00002";
    assert!(run.report.contains(line), "{}", run.report);
}
