//! Events of Clerk that come by the webhook before or after a fill: the newest word counts, whoever brings it.

use serde_json::{Value, json};

use crate::Run;
use crate::database::{Filled, assert_same};
use crate::instance::{Instance, changed, event};
use crate::stand_in::StandIn;

/// What is told of a user, an organization and a membership, `later` milliseconds after their state at Clerk.
fn told(instance: &Instance, later: i64) -> Vec<Value> {
    vec![
        event(
            "user.updated",
            &changed(&instance.users[1], later, "last_name", "Told"),
        ),
        event(
            "organization.updated",
            &changed(&instance.organizations[1], later, "name", "Told"),
        ),
        event(
            "organizationMembership.updated",
            &changed(&instance.memberships[1], later, "role", "org:admin"),
        ),
    ]
}

/// What is stored of these three.
async fn stored(filled: &Filled) -> [String; 3] {
    let texts = filled
        .texts(
            "SELECT name FROM users WHERE id = 'user_000001' UNION ALL SELECT name FROM workspaces WHERE id = 'org_00001' \
             UNION ALL SELECT role::text FROM workspace_members WHERE workspace_id = 'org_00001' AND user_id = 'user_000001'",
        )
        .await;
    texts.try_into().expect("three rows")
}

/// The database after a fill and these events, before or after it.
async fn after(events: &[Value], before_the_fill: bool) -> Filled {
    let clerk = StandIn::of(Instance::of(3, 2, 1)).await;
    let filled = Filled::empty().await;
    if before_the_fill {
        filled.follow(events.to_vec()).await;
    }
    Run::expect(&clerk, &filled, &[]).await;
    if !before_the_fill {
        filled.follow(events.to_vec()).await;
    }
    filled
}

#[tokio::test]
async fn a_newer_event_wins_before_and_after_the_fill() {
    let instance = Instance::of(3, 2, 1);
    for before_the_fill in [true, false] {
        let filled = after(&told(&instance, 1), before_the_fill).await;
        assert_eq!(stored(&filled).await, ["Person Told", "Told", "ADMIN"]);
    }
}

#[tokio::test]
async fn an_older_event_loses_before_and_after_the_fill() {
    let instance = Instance::of(3, 2, 1);
    for before_the_fill in [true, false] {
        let filled = after(&told(&instance, -1), before_the_fill).await;
        assert_eq!(stored(&filled).await, ["Person Nº 1", "Club 1", "MEMBER"]);
    }
}

#[tokio::test]
async fn the_event_of_the_same_version_does_no_harm() {
    let instance = Instance::of(3, 2, 1);
    let expected = after(&[], false).await.contents().await;
    for before_the_fill in [true, false] {
        let filled = after(&instance.events(), before_the_fill).await;
        assert_same(&filled.contents().await, &expected);
    }
}

#[tokio::test]
async fn what_was_said_through_the_api_since_holds() {
    let instance = Instance::of(3, 2, 1);
    let filled = Filled::empty().await;
    filled.follow(instance.events()).await;
    // As functions/workspaces does it: renamed, a member taken out, another one given a role.
    filled
        .execute(
            "UPDATE workspaces SET name = 'Ours' WHERE id = 'org_00001';
             UPDATE clerk_objects SET version = present_version(), tie = '~' WHERE id = 'org_00001';
             INSERT INTO clerk_memberships (workspace_id, user_id, source, version, tie, deleted, role, since)
             SELECT workspace_id, user_id, 'api', present_version(), '~', user_id = 'user_000001',
                    CASE user_id WHEN 'user_000002' THEN 'ADMIN'::workspace_role ELSE role END, created_at
               FROM workspace_members WHERE user_id IN ('user_000001', 'user_000002');
             DELETE FROM workspace_members WHERE user_id = 'user_000001';
             UPDATE workspace_members SET role = 'ADMIN' WHERE user_id = 'user_000002'",
        )
        .await;
    let expected = filled.contents().await;
    let clerk = StandIn::of(instance).await;
    Run::expect(&clerk, &filled, &["--remove-missing"]).await;
    let without_times = |lines: Vec<String>| -> Vec<String> {
        // The time of a membership's last change is told again by its newest word, to the millisecond.
        let kept = lines
            .into_iter()
            .filter(|line| !line.starts_with("member "));
        kept.collect()
    };
    assert_same(
        &without_times(filled.contents().await),
        &without_times(expected),
    );
    let members = "SELECT user_id || ' ' || role FROM workspace_members ORDER BY 1";
    assert_eq!(
        filled.texts(members).await,
        ["user_000000 ADMIN", "user_000002 ADMIN"]
    );
}

/// Somebody who left and came back has two memberships one after the other; only the second one is at Clerk.
#[tokio::test]
async fn who_came_back_stays_when_the_end_of_the_first_time_is_told_late() {
    let instance = Instance::of(3, 2, 1);
    let mut first = instance.memberships[1].clone();
    first["id"] = json!("orgmem_before");
    let earlier = changed(&first, -60_000, "role", "org:admin");
    let clerk = StandIn::of(instance).await;
    let filled = Filled::empty().await;
    filled
        .follow([event("organizationMembership.created", &earlier)])
        .await;
    let run = Run::expect(&clerk, &filled, &["--remove-missing"]).await;
    assert_eq!(run.count("memberships", "removed"), 1, "{}", run.report);
    let mut end = event("organizationMembership.deleted", &earlier);
    end["timestamp"] = json!(earlier["updated_at"].as_i64().expect("a time") + 5_000);
    filled.follow([end]).await;
    assert_eq!(stored(&filled).await, ["Person Nº 1", "Club 1", "MEMBER"]);
}
