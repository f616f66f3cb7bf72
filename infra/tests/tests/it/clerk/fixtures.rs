//! What the events that Clerk really sends leave in the database.

use std::sync::Arc;

use cairn_tests::TestDatabase;
use serde_json::{Value, json};
use shared::clerk::Event;

use super::{Follower, fixture};

const ALICE: &str = "user_2yAliceQ7mWc3vTzRk000000000";
const BOB: &str = "user_2yBobN4sLp8hXyJd00000000000";
const ACME: &str = "org_2yAcmeRoboticsT600000000000";

/// All that are followed, in the order in which they happened; of several about one object those that go together.
const STORY: [&str; 12] = [
    "user.created",
    "user.created.unverified_email",
    "user.created.no_identifiers",
    "user.created.phone_only",
    "user.created.oauth_google",
    "organization.created",
    "organizationMembership.created.creator_admin",
    "organizationInvitation.accepted",
    "organizationMembership.created",
    "organizationMembership.updated",
    "user.updated",
    "organization.updated",
];
const ENDINGS: [&str; 4] = [
    "organizationMembership.deleted",
    "user.deleted",
    "user.deleted.external_id",
    "organization.deleted",
];
/// The same objects told otherwise.
const VARIANTS: [&str; 3] = [
    "organization.created.no_slug",
    "organizationMembership.created.custom_role",
    "organizationMembership.created.legacy_role",
];
const NOT_FOLLOWED: [&str; 3] = [
    "organizationInvitation.created",
    "organizationInvitation.created.no_inviter",
    "organizationInvitation.revoked",
];

const MEMBERS: &str = "SELECT concat_ws(' ', w.name, u.display_name, m.role, m.created_at AT TIME ZONE 'UTC')
       FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id JOIN users u ON u.id = m.user_id ORDER BY 1";
const USERS: &str =
    "SELECT concat_ws(' | ', display_name, email, email_verified, email_owner(email) = id,
       created_at AT TIME ZONE 'UTC') FROM users ORDER BY 1";
const WORKSPACES: &str =
    "SELECT concat_ws(' | ', w.name, w.slug, o.display_name, w.created_at AT TIME ZONE 'UTC')
       FROM workspaces w LEFT JOIN users o ON o.id = w.owner_id ORDER BY 1";
/// All that events write.
const EVERYTHING: &str = "SELECT 'users' || t::text FROM users t UNION ALL SELECT 'workspaces' || t::text FROM workspaces t
       UNION ALL SELECT 'members' || t::text FROM workspace_members t UNION ALL SELECT 'seen' || t::text FROM clerk_objects t
       UNION ALL SELECT 'said' || t::text FROM clerk_memberships t ORDER BY 1";

fn all(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| fixture(name)).collect()
}

/// A new database after these events.
async fn after(events: &[Value]) -> Follower {
    let follower = Follower::of(Arc::new(TestDatabase::create().await)).await;
    follower.follow(events).await;
    follower
}

#[tokio::test]
async fn users_are_as_clerk_describes_them() {
    let follower = after(&all(&STORY[..5])).await;
    assert_eq!(
        follower.texts(USERS).await,
        [
            "Alice Nováková | alice@example.com | t | t | 2026-01-01 00:00:00",
            "Bob | bob@example.com | f | 2026-01-01 00:00:00",
            "Gina Rossi | gina@example.com | t | t | 2026-01-01 00:00:00",
            "User | f | 2026-01-01 00:00:00",
            "bare_user | f | 2026-01-01 00:00:00",
        ]
    );
    follower.follow(&[fixture("user.updated")]).await;
    let alice = format!(
        "SELECT concat_ws(' | ', name, email, email_verified) FROM users WHERE id = '{ALICE}'"
    );
    assert_eq!(
        follower.texts(&alice).await,
        ["Alice Svobodová | alice@acme.example | t"]
    );
}

#[tokio::test]
async fn organizations_are_workspaces_of_who_made_them() {
    let follower = after(&all(&["user.created", "organization.created"])).await;
    assert_eq!(
        follower.texts(WORKSPACES).await,
        ["Acme Robotics | acme-robotics | Alice Nováková | 2026-01-01 00:01:00"]
    );
    follower.follow(&[fixture("organization.updated")]).await;
    assert_eq!(
        follower.texts(WORKSPACES).await,
        ["Acme Robotics s.r.o. | acme-robotics-sro | Alice Nováková | 2026-01-01 00:01:00"]
    );
    // Without its maker's own event, and without a slug.
    let follower = after(&all(&["organization.created.no_slug"])).await;
    assert_eq!(
        follower.texts(WORKSPACES).await,
        ["Acme Robotics | acme-robotics-000000 | User | 2026-01-01 00:01:00"]
    );
}

#[tokio::test]
async fn memberships_bring_what_they_need_and_custom_roles_are_members() {
    let creator = "Acme Robotics Alice Nováková ADMIN 2026-01-01 00:01:00.007";
    let bob = "Acme Robotics Bob MEMBER 2026-01-01 00:03:00";
    for membership in [
        "organizationMembership.created",
        "organizationMembership.created.custom_role",
        "organizationMembership.created.legacy_role",
    ] {
        let events = all(&["organizationMembership.created.creator_admin", membership]);
        let follower = after(&events).await;
        assert_eq!(follower.texts(MEMBERS).await, [creator, bob]);
        // Nobody else has said anything of the workspace and its people.
        assert_eq!(
            follower.texts(WORKSPACES).await,
            ["Acme Robotics | acme-robotics | 2026-01-01 00:01:00"]
        );
        follower
            .follow(&[fixture("organizationMembership.updated")])
            .await;
        assert_eq!(
            follower.texts(MEMBERS).await,
            [creator, &bob.replace("MEMBER", "ADMIN")]
        );
        follower
            .follow(&[fixture("organizationMembership.deleted")])
            .await;
        assert_eq!(follower.texts(MEMBERS).await, [creator]);
    }
}

#[tokio::test]
async fn an_accepted_invitation_makes_a_member_before_anything_else_is_known() {
    let follower = after(&all(&["organizationInvitation.accepted"])).await;
    assert_eq!(
        follower.texts(MEMBERS).await,
        ["Workspace User MEMBER 2026-01-01 00:02:59.99"]
    );
    follower.follow(&all(&STORY)).await;
    assert_eq!(
        follower.texts(MEMBERS).await,
        [
            "Acme Robotics s.r.o. Alice Svobodová ADMIN 2026-01-01 00:01:00.007",
            "Acme Robotics s.r.o. Bob ADMIN 2026-01-01 00:03:00",
        ]
    );
}

/// Each time somebody is in an organization has an id of its own, and ends by it, however late Clerk says so.
#[tokio::test]
async fn the_end_of_a_former_membership_does_not_end_the_present_one() {
    let membership = |what: &str, id: &str| {
        let mut event = fixture(&format!("organizationMembership.{what}"));
        event["data"]["id"] = id.into();
        event
    };
    let former = membership("deleted", "orgmem_former");
    let present = membership("created", "orgmem_present");
    for events in [
        [former.clone(), present.clone()],
        [present.clone(), former.clone()],
    ] {
        let follower = after(&events).await;
        let late = [membership("updated", "orgmem_former")];
        for again in [&late[..], &events] {
            follower.follow(again).await;
            assert_eq!(
                follower.texts(MEMBERS).await,
                ["Acme Robotics Bob MEMBER 2026-01-01 00:03:00"]
            );
        }
        follower
            .follow(&[membership("deleted", "orgmem_present")])
            .await;
        assert_eq!(follower.texts(MEMBERS).await, [""; 0]);
    }
}

#[tokio::test]
async fn a_deleted_user_leaves_an_empty_row_and_no_memberships() {
    let follower = after(&all(&STORY)).await;
    follower
        .follow(&all(&["user.deleted", "user.deleted.external_id"]))
        .await;
    let left = format!(
        "SELECT concat_ws(' | ', display_name, coalesce(name, email, 'nothing'), image, version, deleted_at AT TIME ZONE 'UTC')
           FROM users WHERE id IN ('{ALICE}', '{BOB}')"
    );
    let deleted = "Deleted user | nothing |  | 1767312000000 | 2026-01-02 00:00:00";
    assert_eq!(follower.texts(&left).await, [deleted, deleted]);
    assert!(follower.texts(MEMBERS).await.is_empty());
    assert!(
        follower
            .texts("SELECT user_id FROM clerk_memberships")
            .await
            .is_empty()
    );
    // The workspace stays, for an administrator to see to; it names who made it.
    assert_eq!(
        follower.texts(WORKSPACES).await,
        ["Acme Robotics s.r.o. | acme-robotics-sro | Deleted user | 2026-01-01 00:01:00"]
    );
    // Nothing that is late brings anybody back.
    follower.follow(&all(&STORY)).await;
    assert_eq!(follower.texts(&left).await, [deleted, deleted]);
    assert!(follower.texts(MEMBERS).await.is_empty());
}

#[tokio::test]
async fn a_deleted_organization_takes_everything_along_and_stays_away() {
    let follower = after(&all(&STORY)).await;
    let project = format!(
        "INSERT INTO projects (id, workspace_id, name, team_lead)
         VALUES ('01936f2e-8a50-7c3e-9b1a-5d0f3c6a7b21', '{ACME}', 'P', '{ALICE}') RETURNING id::text"
    );
    follower.texts(&project).await;
    follower.follow(&all(&["organization.deleted"])).await;
    for _ in 0..2 {
        for empty in [
            MEMBERS,
            WORKSPACES,
            "SELECT id::text FROM projects",
            "SELECT user_id FROM clerk_memberships",
        ] {
            assert_eq!(follower.texts(empty).await, [""; 0], "{empty}");
        }
        follower.follow(&all(&STORY)).await;
        follower.follow(&all(&VARIANTS)).await;
    }
}

#[tokio::test]
async fn in_reverse_twice_or_both_it_is_the_same() {
    for endings in [0, 1, 4] {
        let mut events = all(&STORY);
        events.extend(all(&ENDINGS[..endings]));
        let ordered = after(&events).await.texts(EVERYTHING).await;
        assert!(ordered.len() >= 8, "{ordered:#?}");
        let twice: Vec<Value> = events
            .iter()
            .flat_map(|event| [event.clone(), event.clone()])
            .collect();
        let again = [events.clone(), events.clone()].concat();
        let reverse = |mut events: Vec<Value>| {
            events.reverse();
            events
        };
        for other in [
            reverse(events),
            reverse(twice.clone()),
            reverse(again.clone()),
            twice,
            again,
        ] {
            assert_eq!(after(&other).await.texts(EVERYTHING).await, ordered);
        }
    }
}

/// Times are milliseconds; an instance that sends seconds is understood.
#[tokio::test]
async fn seconds_are_understood() {
    fn in_seconds(value: &mut Value) {
        match value {
            Value::Object(fields) => fields.values_mut().for_each(in_seconds),
            Value::Array(items) => items.iter_mut().for_each(in_seconds),
            Value::Number(number) => {
                if let Some(millis) = number.as_i64().filter(|millis| *millis > 1_000_000_000_000) {
                    *value = (millis / 1000).into();
                }
            }
            _ => {}
        }
    }
    let mut events = all(&STORY);
    events.iter_mut().for_each(in_seconds);
    let follower = after(&events).await;
    assert_eq!(
        follower.texts(MEMBERS).await,
        [
            "Acme Robotics s.r.o. Alice Svobodová ADMIN 2026-01-01 00:01:00",
            "Acme Robotics s.r.o. Bob ADMIN 2026-01-01 00:03:00",
        ]
    );
}

#[test]
fn every_fixture_is_followed_or_known_not_to_be() {
    let mut known: Vec<&str> = [&STORY[..], &ENDINGS, &VARIANTS].concat();
    for name in &known {
        let event = Event::parse(&fixture(name).to_string())
            .expect(name)
            .expect(name);
        assert!(
            name.starts_with(event.kind()),
            "{name} is read as {}",
            event.kind()
        );
    }
    for name in NOT_FOLLOWED {
        let event = Event::parse(&fixture(name).to_string()).expect(name);
        assert!(event.is_none(), "{name}");
    }
    known.extend(NOT_FOLLOWED);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/clerk");
    for file in std::fs::read_dir(folder).expect("the fixtures") {
        let name = file.expect("a file").file_name();
        let name = name.to_string_lossy();
        let name = name.trim_end_matches(".json");
        assert!(
            name == "signing_vectors" || known.contains(&name),
            "{name} is tested nowhere: add it to one of the lists above"
        );
    }
}

/// What is of no use may be anything, as long as it is JSON.
#[tokio::test]
async fn odd_values_are_taken_as_none() {
    let user = |id: &str, data: Value| {
        let mut event =
            json!({"type": "user.created", "timestamp": 1_767_225_600_036_i64, "data": data});
        event["data"]["id"] = id.into();
        event["data"]["updated_at"] = json!(1_767_225_600_018_i64);
        event
    };
    let address = |address: &str| json!([{"id": "idn_1", "email_address": address, "verification": {"status": "verified"}}]);
    let follower = after(&[
        user("user_nothing", json!({})),
        user(
            "user_nul",
            json!({"first_name": "A\u{0}da", "last_name": "\u{0}"}),
        ),
        user(
            "user_long",
            json!({
                "first_name": "Ann",
                "primary_email_address_id": "idn_1",
                "email_addresses": address(&format!("{}@example.com", "x".repeat(9_000))),
            }),
        ),
        user(
            "user_other",
            json!({"first_name": "Eve", "email_addresses": address("eve@example.com")}),
        ),
        user(
            "user_blank",
            json!({"first_name": " ", "last_name": "", "username": " bob ", "image_url": null}),
        ),
    ])
    .await;
    assert_eq!(
        follower
            .texts("SELECT concat_ws(' | ', id, display_name, email, image) FROM users ORDER BY 1")
            .await,
        [
            "user_blank | bob | ",
            "user_long | Ann | ",
            "user_nothing | User | ",
            "user_nul | Ada | ",
            "user_other | Eve | ",
        ]
    );
}
