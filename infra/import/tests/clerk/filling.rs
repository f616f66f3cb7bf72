//! The first fill: it leaves what Clerk's events would have left.

use std::collections::HashSet;

use serde_json::json;

use crate::Run;
use crate::database::{Filled, assert_same};
use crate::instance::{Instance, changed, organization, user, user_id};
use crate::stand_in::StandIn;

#[tokio::test]
async fn a_first_fill_leaves_what_the_events_would_have_left() {
    let instance = Instance::of(1_200, 40, 2).with_odd_users();
    let told = Filled::empty().await;
    // In an order of their own, some of them twice: what is left does not depend on it.
    let mut events = instance.events();
    events.reverse();
    events.extend_from_within(..100);
    told.follow(events).await;

    let filled = Filled::empty().await;
    let clerk = StandIn::of(instance).await;
    let run = Run::expect(&clerk, &filled, &[]).await;

    assert_same(&filled.contents().await, &told.contents().await);
    let counts = ["users", "organizations", "memberships"].map(|kind| {
        let [seen, changed] = ["seen", "changed"].map(|column| run.count(kind, column));
        assert_eq!(seen, changed, "all {kind} are new\n{}", run.report);
        seen
    });
    assert_eq!(counts, [1_204, 40, 2_400]);
    assert_eq!(run.total("missing"), 0, "{}", run.report);
    // A page holds 500, and the next ones share a few with it.
    let most = 2 + 3 + 1 + 6 + 2 * 3;
    let requests = clerk.requests();
    assert!(requests.len() <= most, "too many requests: {requests:#?}");
}

#[tokio::test]
async fn a_second_fill_changes_nothing() {
    let clerk = StandIn::of(Instance::of(600, 10, 1).with_odd_users()).await;
    let filled = Filled::empty().await;
    Run::expect(&clerk, &filled, &[]).await;
    let (contents, ties) = (filled.contents().await, filled.ties().await);
    let run = Run::expect(&clerk, &filled, &["--connections", "1"]).await;
    assert_same(&filled.contents().await, &contents);
    assert_same(&filled.ties().await, &ties);
    assert_eq!(run.total("changed"), 0, "{}", run.report);
    assert_eq!(run.total("unchanged"), run.total("seen"), "{}", run.report);
}

#[tokio::test]
async fn a_fill_brings_what_changed_since_the_last_one() {
    let clerk = StandIn::of(Instance::of(50, 5, 1)).await;
    let filled = Filled::empty().await;
    Run::expect(&clerk, &filled, &[]).await;
    clerk.change(|instance| {
        instance.users[3] = changed(&instance.users[3], 5, "last_name", "Renamed");
        instance.organizations[1] = changed(&instance.organizations[1], 5, "name", "Renamed");
        instance.memberships[7] = changed(&instance.memberships[7], 5, "role", "org:admin");
    });
    let run = Run::expect(&clerk, &filled, &[]).await;
    assert_eq!(run.total("changed"), 3, "{}", run.report);
    let renamed = "SELECT name FROM users WHERE name LIKE '%Renamed' UNION ALL SELECT name FROM workspaces WHERE name = 'Renamed' \
                   UNION ALL SELECT user_id FROM workspace_members WHERE role = 'ADMIN' ORDER BY 1";
    let admins = [0, 7, 10, 20, 30, 40].map(user_id);
    let names = ["Person Renamed", "Renamed"].map(str::to_owned);
    assert_eq!(
        filled.texts(renamed).await,
        [&names[..], &admins[..]].concat()
    );
}

#[tokio::test]
async fn what_is_made_and_changed_during_the_walk_is_not_overlooked() {
    let clerk = StandIn::of(Instance::of(1_300, 3, 1)).await;
    // The first request counts, the next three are for pages.
    clerk.at_request(3, |instance| {
        instance.users.extend((1_300..1_320).map(user));
        instance.users[10] = changed(&instance.users[10], 5, "last_name", "Renamed");
        instance.organizations.push(organization(3));
    });
    let filled = Filled::empty().await;
    let run = Run::expect(&clerk, &filled, &[]).await;
    assert_eq!(run.count("users", "seen"), 1_320, "{}", run.report);
    assert_eq!(run.count("organizations", "seen"), 4, "{}", run.report);
    let run = Run::expect(&clerk, &filled, &[]).await;
    assert!(run.total("changed") <= 1, "{}", run.report);
    let names = "SELECT name FROM users WHERE id = 'user_000010'";
    assert_eq!(filled.texts(names).await, ["Person Renamed"]);
}

/// Whoever vanishes draws those behind nearer, more of them here than two pages share.
#[tokio::test]
async fn nobody_slips_from_one_page_to_the_last_one() {
    for at in 2..6 {
        let clerk = StandIn::of(Instance::of(1_500, 1, 0)).await;
        clerk.at_request(at, |instance| {
            for number in 0..150 {
                instance.delete_user(&user_id(number * 3));
            }
        });
        let filled = Filled::empty().await;
        let run = Run::expect(&clerk, &filled, &[]).await;
        let found: HashSet<_> = filled
            .texts("SELECT id FROM users")
            .await
            .into_iter()
            .collect();
        clerk.change(|instance| {
            for user in &instance.users {
                let id = user["id"].as_str().expect("an id");
                assert!(found.contains(id), "{id} was overlooked\n{}", run.said);
            }
        });
    }
}

/// The list ends before the page that was to be the last one.
#[tokio::test]
async fn nobody_slips_from_the_last_page() {
    let clerk = StandIn::of(Instance::of(505, 1, 0)).await;
    clerk.at_request(3, |instance| {
        for number in 0..50 {
            instance.delete_user(&user_id(number));
        }
    });
    let filled = Filled::empty().await;
    Run::expect(&clerk, &filled, &[]).await;
    let last = "SELECT id FROM users WHERE id >= 'user_000500' ORDER BY id";
    let expected: Vec<_> = (500..505).map(user_id).collect();
    assert_eq!(filled.texts(last).await, expected);
}

#[tokio::test]
async fn unreadable_objects_are_named_and_do_not_stop_the_walk() {
    let mut instance = Instance::of(20, 2, 1);
    instance.users[4]["updated_at"] = json!("yesterday");
    instance.users[5]["email_addresses"] = json!("person.5@example.com");
    instance.memberships[6]["public_user_data"] = json!(null);
    let mut odd = user(20);
    odd["id"] = json!("Person 20 <person.20@example.com>");
    odd["created_at"] = json!("now");
    instance.users.push(odd);
    let clerk = StandIn::of(instance).await;
    let filled = Filled::empty().await;
    let run = Run::of(&clerk, &filled, &[]).await;
    assert!(!run.success, "{}", run.report);
    for line in [
        "unreadable, users: user_000004: data.updated_at is missing or wrong",
        "unreadable, users: user_000005: data.email_addresses is missing or wrong",
        "unreadable, users: an object with an odd id: data.created_at is missing or wrong",
        "unreadable, memberships: orgmem_00000_000006: data.public_user_data is missing or wrong",
    ] {
        assert!(run.report.contains(line), "{line}\n{}", run.report);
    }
    assert_eq!(run.count("users", "changed"), 18, "{}", run.report);
    assert_eq!(run.count("memberships", "changed"), 19, "{}", run.report);
    assert_eq!(
        run.total("missing"),
        0,
        "what cannot be read is not missing"
    );
}
