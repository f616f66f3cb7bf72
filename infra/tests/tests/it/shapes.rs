//! Parts of the contract's objects that many answers hold.

use cairn_tests::User;
use serde_json::{Value, json};

/// A person, in full.
pub fn person(user: &User) -> Value {
    json!({"id": user.id, "name": user.name, "email": user.email, "image": user.image})
}

/// A person, in short.
pub fn short_person(user: &User) -> Value {
    json!({"id": user.id, "name": user.name, "image": user.image})
}

/// Asserts that a value is an instant as the contract writes it: RFC 3339, UTC with `Z`, milliseconds.
#[track_caller]
pub fn assert_instant(value: &Value) {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let form: Vec<&str> = text.split(['-', 'T', ':', '.', 'Z']).collect();
    let lengths: Vec<usize> = form.iter().map(|part| part.len()).collect();
    assert_eq!(
        lengths,
        [4, 2, 2, 2, 2, 2, 3, 0],
        "{text} is not like 2027-03-01T09:30:00.000Z"
    );
    assert!(
        form[..7].iter().all(|part| digits(part)),
        "{text} is not like 2027-03-01T09:30:00.000Z"
    );
}

/// Asserts that a value is a UUIDv7, as the ids are that this backend makes.
#[track_caller]
pub fn assert_new_id(value: &Value) {
    let id: uuid::Uuid = value
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("{value} is no UUID"));
    assert_eq!(id.get_version_num(), 7, "{id}");
}

/// The texts in an array of objects, by field.
pub fn texts<'v>(array: &'v Value, field: &str) -> Vec<&'v str> {
    let items = array
        .as_array()
        .unwrap_or_else(|| panic!("{array} is no array"));
    items
        .iter()
        .map(|item| {
            item[field]
                .as_str()
                .unwrap_or_else(|| panic!("no {field} in {item}"))
        })
        .collect()
}
