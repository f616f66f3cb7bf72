//! Clerk has the last word on people, organizations and memberships, whether it speaks before an import or after it.

use serde_json::{Value, json};
use shared::clerk::{Event, apply};
use shared::db::{ConnectionSettings, Database, DatabaseConfig};

use crate::instance::{New, Old, SMALL};

/// Long before the old rows were written: Clerk's own time of a change that the old system took note of later.
const LONG_AGO: i64 = 1_700_000_000_000;

async fn follow(new: &New, events: &[Value]) {
    let connection = ConnectionSettings::parse(&new.url()).expect("the URL of a database");
    let database = Database::new(DatabaseConfig {
        connection,
        prepared_statements: true,
    });
    for event in events {
        let event = Event::parse(&event.to_string()).expect("it can be read");
        let event = event.expect("it is followed");
        apply(&database, &event).await.expect("it is applied");
    }
}

fn user(id: &str, name: &str, address: &str) -> Value {
    json!({"type": "user.updated", "timestamp": LONG_AGO, "data": {
        "id": id, "first_name": name, "updated_at": LONG_AGO, "created_at": LONG_AGO,
        "primary_email_address_id": "idn_1",
        "email_addresses": [{"id": "idn_1", "email_address": address, "verification": {"status": "verified"}}],
    }})
}

fn organization(name: &str) -> Value {
    json!({"type": "organization.updated", "timestamp": LONG_AGO, "data": {
        "id": "org_small", "name": name, "slug": "clerks", "updated_at": LONG_AGO, "created_by": "user_bob",
    }})
}

fn membership(change: &str, id: &str, user: &str, role: &str) -> Value {
    json!({"type": format!("organizationMembership.{change}"), "timestamp": LONG_AGO, "data": {
        "id": id, "role": role, "updated_at": LONG_AGO, "created_at": LONG_AGO,
        "organization": {"id": "org_small", "name": "Clerk's", "slug": "clerks"},
        "public_user_data": {"user_id": user, "first_name": "Clerk's", "image_url": "https://img.example.test/clerk.png"},
    }})
}

fn user_deleted(id: &str) -> Value {
    json!({"type": "user.deleted", "timestamp": LONG_AGO, "data": {"id": id, "deleted": true}})
}

const PEOPLE: &str =
    "SELECT id || ' ' || display_name || ' ' || coalesce(email, '-') || ' ' || coalesce(email_owner(email), '-')
       FROM users ORDER BY id";
const MEMBERS: &str = "SELECT user_id || ' ' || role FROM workspace_members ORDER BY user_id";
const WORKSPACE: &str = "SELECT name || ' ' || slug || ' ' || description || ' ' || admins_manage_projects || ' ' || user_id
                           FROM workspaces JOIN workspace_owners ON workspace_id = id";

#[tokio::test]
async fn addresses_count_until_clerk_says_something_else() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.import(&new.url()).await;
    assert_eq!(
        new.texts(PEOPLE).await,
        [
            "user_ada Ada Admin ada@example.test user_ada",
            "user_bob Bob Lead bob@example.test user_bob",
            "user_cyd Cyd Worker cyd@example.test user_cyd"
        ]
    );
    // Bob's address was given to Cyd, whose own was changed; nobody had told the old system.
    follow(&new, &[user("user_cyd", "Cydney", "bob@example.test")]).await;
    assert_eq!(
        new.texts(PEOPLE).await[1..],
        [
            "user_bob Bob Lead bob@example.test user_cyd",
            "user_cyd Cydney bob@example.test user_cyd"
        ]
    );
}

#[tokio::test]
async fn whatever_clerk_says_after_the_import_wins() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.import(&new.url()).await;
    let events = [
        organization("Clerk's"),
        // Of a membership whose id the old system did not keep.
        membership("deleted", "orgmem_cyd", "user_cyd", "org:member"),
        membership("updated", "orgmem_bob", "user_bob", "org:admin"),
        user_deleted("user_ada"),
    ];
    follow(&new, &events).await;
    let check = async || {
        assert_eq!(new.texts(MEMBERS).await, ["user_bob ADMIN"]);
        assert_eq!(
            new.text(WORKSPACE).await,
            "Clerk's clerks A workspace true user_bob"
        );
        let people = new.texts(PEOPLE).await;
        assert_eq!(people[0], "user_ada Deleted user - -");
        assert_eq!(people[1], "user_bob Clerk's bob@example.test user_bob");
    };
    check().await;
    // Another import, also of what changed there meanwhile, undoes nothing of it.
    old.run(
        r#"UPDATE "User" SET name = 'Old', "updatedAt" = now(); UPDATE "Workspace" SET name = 'Old', "updatedAt" = now();
           UPDATE "WorkspaceMember" SET role = 'MEMBER', message = 'Old'"#,
    )
    .await;
    let before = new.contents().await;
    let report = old.import(&new.url()).await;
    check().await;
    assert_eq!(new.contents().await, before);
    assert_eq!(
        report.of("users", "user_ada"),
        ["kept: was deleted at Clerk"]
    );
    assert_eq!(
        report.of("workspace_members", "11111111-1111-4111-8111-111111111111"),
        ["skipped: is of a user who was deleted at Clerk"]
    );
    assert_eq!(
        report.of("workspace_members", "11111111-1111-4111-8111-333333333333"),
        ["kept: is as Clerk or somebody in Cairn says"]
    );
}

#[tokio::test]
async fn whatever_clerk_said_before_the_import_stays() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    let events = [
        membership("updated", "orgmem_bob", "user_bob", "org:admin"),
        membership("deleted", "orgmem_cyd", "user_cyd", "org:member"),
        organization("Clerk's"),
        user_deleted("user_ada"),
    ];
    follow(&new, &events).await;
    let report = old.import(&new.url()).await;
    assert_eq!(new.texts(MEMBERS).await, ["user_bob ADMIN"]);
    // What Clerk does not know is filled in.
    assert_eq!(
        new.text(WORKSPACE).await,
        "Clerk's clerks A workspace true user_bob"
    );
    let people = new.texts(PEOPLE).await;
    assert_eq!(people[0], "user_ada Deleted user - -");
    assert_eq!(people[1], "user_bob Clerk's bob@example.test user_bob");
    assert_eq!(
        report.of("users", "user_bob"),
        ["was known by its id before, and is completed"]
    );
    assert_eq!(
        report.of("workspaces", "org_small"),
        ["was in Cairn before, and is completed"]
    );
    assert_eq!(
        report.count("tasks", "inserted"),
        3,
        "also of those who are gone"
    );
    let before = new.contents().await;
    old.import(&new.url()).await;
    assert_eq!(new.contents().await, before);
}

#[tokio::test]
async fn what_clerk_said_of_a_workspace_stays_also_if_it_says_the_same_time() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.import(&new.url()).await;
    let changed_at =
        "SELECT floor(extract(epoch FROM updated_at) * 1000)::bigint::text FROM workspaces";
    let changed_at: i64 = new.text(changed_at).await.parse().expect("milliseconds");
    let mut said = organization("Clerk's");
    said["data"]["updated_at"] = json!(changed_at);
    follow(&new, &[said]).await;
    old.run(r#"UPDATE "Workspace" SET name = 'Old', "updatedAt" = now()"#)
        .await;
    let report = old.import(&new.url()).await;
    assert_eq!(report.count("workspaces", "kept"), 1);
    assert_eq!(
        new.text(WORKSPACE).await,
        "Clerk's clerks A workspace true user_bob"
    );
}

#[tokio::test]
async fn members_whom_admins_added_are_not_clerks() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.import(&new.url()).await;
    let said =
        "SELECT user_id || ' ' || source FROM clerk_memberships WHERE version = 0 ORDER BY user_id";
    let of_whom = async || new.texts(said).await;
    assert_eq!(
        of_whom().await,
        ["user_ada invitation", "user_bob api", "user_cyd invitation"]
    );
    // They stand once, whatever an earlier import found.
    old.run(
        r#"UPDATE "WorkspaceMember" SET message = CASE "userId" WHEN 'user_cyd' THEN 'Hello' ELSE '' END"#,
    )
    .await;
    old.import(&new.url()).await;
    assert_eq!(
        of_whom().await,
        ["user_ada invitation", "user_bob invitation", "user_cyd api"]
    );
    // What Clerk itself says of such a member wins.
    follow(
        &new,
        &[membership(
            "deleted",
            "orgmem_cyd",
            "user_cyd",
            "org:member",
        )],
    )
    .await;
    assert_eq!(
        new.texts(MEMBERS).await,
        ["user_ada ADMIN", "user_bob MEMBER"]
    );
}

#[tokio::test]
async fn a_deleted_workspace_does_not_come_back() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    let deleted = json!({"type": "organization.deleted", "timestamp": LONG_AGO, "data": {"id": "org_small", "deleted": true}});
    follow(&new, &[deleted]).await;
    let report = old.import(&new.url()).await;
    assert_eq!(
        report.of("workspaces", "org_small"),
        ["kept: was deleted in Cairn"]
    );
    assert_eq!(
        report.fates(),
        [
            "comments: 2 skipped",
            "project_members: 2 skipped",
            "projects: 1 skipped",
            "tasks: 3 skipped",
            "users: 3 inserted",
            "workspace_members: 3 skipped",
            "workspaces: 1 kept"
        ]
    );
    assert_eq!(new.texts("SELECT id FROM workspaces").await, [""; 0]);
}

#[tokio::test]
async fn a_late_word_about_an_imported_membership_is_heard_whatever_came_between() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.import(&new.url()).await;
    // Out, and in again.
    let events = [
        membership("created", "orgmem_cyd_2", "user_cyd", "org:admin"),
        membership("deleted", "orgmem_cyd_1", "user_cyd", "org:member"),
    ];
    follow(&new, &events).await;
    assert_eq!(
        new.texts(MEMBERS).await,
        ["user_ada ADMIN", "user_bob MEMBER", "user_cyd ADMIN"]
    );
    follow(
        &new,
        &[membership(
            "deleted",
            "orgmem_cyd_2",
            "user_cyd",
            "org:admin",
        )],
    )
    .await;
    assert_eq!(
        new.texts(MEMBERS).await,
        ["user_ada ADMIN", "user_bob MEMBER"]
    );
}
