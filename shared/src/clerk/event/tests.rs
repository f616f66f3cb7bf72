//! What is read of events, and what is refused.

mod changes;

use serde_json::json;

use super::*;

const AT: i64 = 1_767_225_600_000;

fn parse(event: &Value) -> Result<Option<Event>, String> {
    Event::parse(&event.to_string()).map_err(|error| error.to_string())
}

fn event(kind: &str, data: &Value) -> Value {
    json!({ "type": kind, "timestamp": AT + 7, "data": data })
}

#[test]
fn an_error_names_the_field_and_not_what_stands_in_it() {
    let wrong = |data: Value| parse(&event("user.created", &data)).expect_err("it is wrong");
    assert_eq!(
        wrong(json!({ "id": "user_1", "updated_at": "ada@example.com" })),
        "data.updated_at is missing or wrong"
    );
    let addresses = json!({ "id": "user_1", "email_addresses": [{ "email_address": 7 }] });
    assert_eq!(
        wrong(addresses),
        "data.email_addresses[0].email_address is missing or wrong"
    );
    for id in [
        json!(""),
        json!(null),
        json!("a\u{0}b"),
        json!("x".repeat(256)),
    ] {
        assert_eq!(wrong(json!({ "id": id })), "data.id is missing or wrong");
    }
    for text in [
        "",
        "{",
        "ada@example.com",
        "[]",
        "{}",
        "{\"type\": \"user.created\"}",
    ] {
        let error = Event::parse(text).expect_err(text).to_string();
        assert!(!error.contains("ada"), "{error}");
    }
}

#[test]
fn what_nobody_follows_is_none() {
    for kind in [
        "session.created",
        "user.createdAtEdge",
        "organizationInvitation.created",
        "",
    ] {
        let parsed = parse(&event(kind, &json!({ "id": "x" })));
        assert!(parsed.expect(kind).is_none(), "{kind}");
    }
    // Who accepted is not known yet.
    let accepted = json!({ "organization_id": "org_1", "user_id": null, "role": "org:admin" });
    let parsed = parse(&event("organizationInvitation.accepted", &accepted));
    assert!(parsed.expect("it is readable").is_none());
}

#[test]
fn a_version_is_the_objects_and_for_want_of_it_the_events() {
    let version = |event: &Value| match parse(event).expect("readable").expect("followed").change {
        Change::User(user) => user.version.at,
        Change::UserDeleted(_, version) => version.at,
        Change::Membership(membership) => membership.version.at,
        other => panic!("{other:?}"),
    };
    let saved = json!({ "id": "user_1", "updated_at": AT });
    assert_eq!(version(&event("user.updated", &saved)), AT);
    assert_eq!(
        version(&event("user.updated", &json!({ "id": "user_1" }))),
        AT + 7
    );
    assert_eq!(version(&event("user.deleted", &saved)), AT + 7);
    let without_time = json!({ "type": "user.updated", "data": saved });
    assert_eq!(version(&without_time), AT);
    let membership = json!({
        "id": "orgmem_1",
        "organization": { "id": "org_1" },
        "public_user_data": { "user_id": "user_1" },
        "updated_at": AT,
    });
    let changed = event("organizationMembership.updated", &membership);
    assert_eq!(version(&changed), AT);
    let ended = event("organizationMembership.deleted", &membership);
    assert_eq!(version(&ended), AT + 7);
}

/// The webhook asks only this, and must refuse and drop exactly what the worker would.
#[test]
fn what_is_followed_is_what_is_read() {
    let user = json!({ "id": "user_1", "updated_at": AT });
    for event in [
        event("user.created", &user),
        event("user.deleted", &user),
        event("session.created", &user),
        event("user.created", &json!({ "id": 7 })),
        event("user.created", &json!([])),
        json!({ "type": "user.created", "timestamp": "now", "data": user }),
        json!({ "type": "user.created" }),
        json!({ "timestamp": AT, "data": user }),
        json!([user]),
    ] {
        let text = event.to_string();
        let parsed = Event::parse(&text).map(|event| event.is_some());
        assert_eq!(Event::is_followed(&text), parsed, "{text}");
    }
    let broken = "{\"type\": \"user.created\", \"data\": {\"id\": \"\\ud800\"}}";
    Event::is_followed(broken).expect_err("half a character");
}

/// Otherwise a repetition that came another way, or through another serialisation, would count as another event.
#[test]
fn the_same_content_is_the_same_version() {
    let one = r#"{"type":"user.created","timestamp":1767225600000,"data":{"id":"user_1","first_name":"\uffffA"}}"#;
    let other = "{ \"data\": { \"first_name\": \"\u{ffff}A\", \"id\": \"user_1\" },
        \"timestamp\": 1767225600, \"type\": \"user.created\" }";
    let version = |text: &str| match Event::parse(text)
        .expect("readable")
        .expect("followed")
        .change
    {
        Change::User(user) => user.version,
        other => panic!("{other:?}"),
    };
    assert_eq!(version(one), version(other));
}

#[test]
fn only_clerks_own_administrators_are() {
    for (name, expected) in [
        (Some("org:admin"), WorkspaceRole::Admin),
        (Some("admin"), WorkspaceRole::Admin),
        (Some("org:billing_manager"), WorkspaceRole::Member),
        (Some("basic_member"), WorkspaceRole::Member),
        (Some("org:administrator"), WorkspaceRole::Member),
        (None, WorkspaceRole::Member),
    ] {
        assert_eq!(role(name), expected, "{name:?}");
    }
}
