//! What is made of fields that may be missing, empty or odd.

use serde_json::{Value, json};

use super::*;

fn read<T: for<'de> Deserialize<'de>>(value: Value) -> T {
    serde_json::from_value(value).expect("it is readable")
}

/// The address of a user who has these, each given as id, address and verification.
fn email(addresses: &[[Value; 3]], primary: Value) -> (Option<String>, bool) {
    let addresses: Vec<Value> = addresses
        .iter()
        .map(|[id, address, verification]| {
            json!({ "id": id, "email_address": address, "verification": verification })
        })
        .collect();
    let mut user = json!({ "id": "user_1", "email_addresses": addresses });
    user["primary_email_address_id"] = primary;
    read::<User>(user).email()
}

#[test]
fn the_address_is_the_primary_one_as_it_was_verified() {
    let verified = json!({ "status": "verified" });
    let first = [json!("e1"), json!("first@example.com"), verified.clone()];
    let second = [json!("e2"), json!(" Second@Example.com "), verified.clone()];
    let both = [first, second];
    let some = |address: &str, verified| (Some(address.to_owned()), verified);
    assert_eq!(email(&both, json!("e1")), some("first@example.com", true));
    assert_eq!(email(&both, json!("e2")), some("Second@Example.com", true));
    for unknown in [json!("e3"), json!(null)] {
        assert_eq!(email(&both, unknown), (None, false));
    }
    for verification in [json!({ "status": "unverified" }), json!({}), json!(null)] {
        let address = [json!("e1"), json!("ada@example.com"), verification];
        let found = email(&[address], json!("e1"));
        assert_eq!(found, some("ada@example.com", false));
    }
    let nameless = [json!(null), json!("ada@example.com"), verified.clone()];
    assert_eq!(email(&[nameless], json!(null)), (None, false));
    let empty = [json!("e1"), json!(" "), verified];
    assert_eq!(email(&[empty], json!("e1")), (None, false));
}

#[test]
fn an_address_that_is_too_long_for_any_server_is_none() {
    let verified = json!({ "status": "verified" });
    for (length, there) in [(320, true), (321, false)] {
        let address = [json!("e1"), json!("a".repeat(length)), verified.clone()];
        let (found, verified) = email(&[address], json!("e1"));
        assert_eq!((found.is_some(), verified), (there, there), "{length}");
    }
}

#[test]
fn a_name_is_first_and_last_or_the_username() {
    for (first, last, username, expected) in [
        (
            Some("Ada"),
            Some("Lovelace"),
            Some("al"),
            Some("Ada Lovelace"),
        ),
        (Some(" Ada "), None, Some("al"), Some("Ada")),
        (None, Some("Lovelace"), None, Some("Lovelace")),
        (Some(" "), Some(""), Some(" al "), Some("al")),
        (None, None, Some("\0"), None),
        (None, None, None, None),
    ] {
        let names = json!({ "first_name": first, "last_name": last, "username": username });
        let with = |id: &str| {
            let mut names = names.clone();
            names[id] = json!("user_1");
            names
        };
        let expected = expected.map(str::to_owned);
        assert_eq!(read::<User>(with("id")).name(), expected, "{names}");
        let public: PublicUserData = read(with("user_id"));
        assert_eq!(public.name(), expected, "{names}");
    }
}

#[test]
fn text_has_no_blanks_around_it_and_nothing_that_postgresql_refuses() {
    assert_eq!(text(Some(" a\0b ")).as_deref(), Some("ab"));
    for nothing in [None, Some(""), Some(" \n"), Some("\0")] {
        assert_eq!(text(nothing), None);
    }
}

#[test]
fn whoever_made_an_organization_is_a_user_with_an_id_or_nobody() {
    let longest = "u".repeat(255);
    let too_long = "u".repeat(256);
    for (created_by, expected) in [
        (Some("user_1"), Some("user_1")),
        (Some(longest.as_str()), Some(longest.as_str())),
        (Some(too_long.as_str()), None),
        (Some(""), None),
        (None, None),
    ] {
        let organization: Organization = read(json!({ "id": "org_1", "created_by": created_by }));
        assert_eq!(organization.creator().as_deref(), expected);
    }
}

#[test]
fn an_id_is_short_enough_to_be_a_key() {
    for (length, is_id) in [(0, false), (1, true), (255, true), (256, false)] {
        let id = serde_json::from_value::<Id>(json!("x".repeat(length)));
        assert_eq!(id.is_ok(), is_id, "{length}");
    }
    serde_json::from_value::<Id>(json!("a\0b")).expect_err("PostgreSQL does not take it");
}
