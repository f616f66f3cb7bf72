//! What events say of the objects they are about.

use super::*;

fn change(kind: &str, data: &Value) -> Change {
    let parsed = parse(&event(kind, data)).expect("it is readable");
    parsed.expect("it is followed").change
}

fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).expect("a time")
}

#[test]
fn an_event_says_what_it_is_and_when_it_was_made() {
    let user = json!({ "id": "user_1" });
    let parsed = parse(&event("user.updated", &user)).expect("readable");
    let parsed = parsed.expect("followed");
    assert_eq!(parsed.kind(), "user.updated");
    assert_eq!(parsed.made_at(), Some(moment(AT + 7)));
}

#[test]
fn of_a_user_their_name_address_and_picture() {
    let data = json!({
        "id": "user_1", "first_name": "Ada", "last_name": "Lovelace", "image_url": "https://img.example/ada",
        "email_addresses": [
            { "id": "e1", "email_address": "ada@example.com", "verification": { "status": "verified" } },
        ],
        "primary_email_address_id": "e1", "created_at": AT - 5, "updated_at": AT,
    });
    let Change::User(user) = change("user.created", &data) else {
        panic!("it is about a user")
    };
    assert_eq!(user.id.as_str(), "user_1");
    assert_eq!(user.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(user.email.as_deref(), Some("ada@example.com"));
    assert!(user.email_verified);
    assert_eq!(user.image, "https://img.example/ada");
    assert_eq!(user.created_at, moment(AT - 5));
    assert_eq!(user.version.timestamp(), moment(AT));
}

#[test]
fn of_an_organization_its_name_slug_picture_and_maker() {
    let data = json!({
        "id": "org_1", "name": "Acme", "slug": "acme", "image_url": "https://img.example/acme",
        "created_by": "user_1", "created_at": AT - 5, "updated_at": AT,
    });
    let Change::Organization(acme) = change("organization.updated", &data) else {
        panic!("it is about an organization")
    };
    assert_eq!(acme.id.as_str(), "org_1");
    assert_eq!((acme.name.as_str(), acme.slug.as_str()), ("Acme", "acme"));
    assert_eq!(acme.image_url, "https://img.example/acme");
    let maker = acme.created_by.as_ref().map(UserId::as_str);
    assert_eq!(maker, Some("user_1"));
    assert_eq!(acme.created_at, moment(AT - 5));
    assert_eq!(acme.version.timestamp(), moment(AT));
}

#[test]
fn what_has_no_name_gets_one() {
    for data in [
        json!({ "id": "org_1" }),
        json!({ "id": "org_1", "name": " ", "slug": "" }),
    ] {
        let Change::Organization(nameless) = change("organization.created", &data) else {
            panic!("it is about an organization")
        };
        assert_eq!(nameless.name, "Workspace");
        assert_eq!(nameless.slug, "workspace-org1");
        assert_eq!(nameless.created_at, moment(AT + 7));
    }
}

#[test]
fn of_what_was_deleted_which_it_was_and_when() {
    let data = json!({ "id": "gone_1", "deleted": true });
    match change("user.deleted", &data) {
        Change::UserDeleted(id, version) => {
            assert_eq!((id.as_str(), version.at), ("gone_1", AT + 7));
        }
        other => panic!("{other:?}"),
    }
    match change("organization.deleted", &data) {
        Change::OrganizationDeleted(id, version) => {
            assert_eq!((id.as_str(), version.at), ("gone_1", AT + 7));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn of_a_membership_both_sides() {
    let data = json!({
        "id": "orgmem_1", "role": "org:admin", "created_at": AT - 5, "updated_at": AT,
        "organization": { "id": "org_1", "name": "Acme", "image_url": "https://img.example/acme", "created_at": AT - 9 },
        "public_user_data": {
            "user_id": "user_1", "first_name": "Ada", "last_name": null, "image_url": "https://img.example/ada",
        },
    });
    for (kind, deleted) in [
        ("organizationMembership.created", false),
        ("organizationMembership.updated", false),
        ("organizationMembership.deleted", true),
    ] {
        let Change::Membership(membership) = change(kind, &data) else {
            panic!("it is about a membership")
        };
        assert_eq!(membership.deleted, deleted, "{kind}");
        assert_eq!(membership.source, Source::Clerk("orgmem_1".to_owned()));
        assert_eq!(membership.role, WorkspaceRole::Admin);
        assert_eq!(membership.since, moment(AT - 5));
        assert_eq!(membership.workspace_id.as_str(), "org_1");
        assert_eq!(membership.workspace_name, "Acme");
        assert_eq!(membership.workspace_slug, "acme-org1");
        assert_eq!(membership.workspace_image, "https://img.example/acme");
        assert_eq!(membership.workspace_created_at, moment(AT - 9));
        assert_eq!(membership.user_id.as_str(), "user_1");
        assert_eq!(membership.user_name.as_deref(), Some("Ada"));
        assert_eq!(membership.user_image, "https://img.example/ada");
    }
}

#[test]
fn of_an_accepted_invitation_a_membership_and_nothing_else() {
    let data = json!({
        "id": "inv_1", "organization_id": "org_1", "user_id": "user_1", "role": "org:admin", "updated_at": AT,
    });
    let Change::Membership(membership) = change("organizationInvitation.accepted", &data) else {
        panic!("it is about a membership")
    };
    assert_eq!(membership.source, Source::Invitation);
    assert!(!membership.deleted);
    assert_eq!(membership.role, WorkspaceRole::Admin);
    assert_eq!(membership.since, moment(AT));
    assert_eq!(membership.workspace_id.as_str(), "org_1");
    assert_eq!(membership.workspace_name, "Workspace");
    assert_eq!(membership.workspace_slug, "workspace-org1");
    assert_eq!(membership.user_id.as_str(), "user_1");
    assert_eq!(membership.user_name, None);
}
