//! Cursors of lists: ours come back as they were, of their own list only; and what somebody made up is nothing, or if it was made
//! with care a place where the list may go on.

use std::fmt::Debug;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use serde_json::value::RawValue;
use shared::paging::{Paging, Position, cursor};
use uuid::Uuid;

/// A list's order by name.
pub type Named = (String, String);
/// A list's order by time.
pub type Dated = (Timestamp, Uuid);
/// A list's order by time, of things with an id of Clerk's.
pub type DatedByText = (Timestamp, String);

/// Where in the list to go on; nothing if the cursor is refused.
pub fn read<P: Position>(list: &str, cursor: &str) -> Option<P> {
    let paging: Paging = serde_json::from_value(json!({"cursor": cursor})).expect("a text");
    paging.part(list).ok()?.after
}

/// What we did not make is refused.
pub fn is_refused(list: &str, text: &str) {
    assert_eq!(read::<Named>(list, text), None);
    assert_eq!(read::<Dated>(list, text), None);
    assert_eq!(read::<DatedByText>(list, text), None);
}

/// What somebody made just as we do, of what they like, is a place that there may be, or nothing.
pub fn says_nothing_impossible(list: &str, position: &RawValue) {
    let forged = cursor(list, position);
    if let Some((name, id)) = read::<Named>(list, &forged) {
        assert!(can_be_stored(&name) && can_be_stored(&id));
        comes_back(list, &(name, id));
    }
    if let Some((at, id)) = read::<Dated>(list, &forged) {
        assert!(has_a_year(at), "{at}");
        comes_back(list, &(at, id));
    }
    if let Some((at, id)) = read::<DatedByText>(list, &forged) {
        assert!(has_a_year(at) && can_be_stored(&id), "{at}");
        comes_back(list, &(at, id));
    }
}

/// The cursor of a place leads to it, in its own list and in no other.
pub fn comes_back<P: Position + PartialEq + Debug>(list: &str, position: &P) {
    let made = cursor(list, position);
    assert_eq!(read::<P>(list, &made).as_ref(), Some(position));
    assert_eq!(read::<P>(&format!("{list}."), &made), None);
    let characters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    assert!(made.chars().all(characters), "not for a URL: {made}");
}

fn can_be_stored(text: &str) -> bool {
    !text.contains('\0')
}

fn has_a_year(at: Timestamp) -> bool {
    (1..=9999).contains(&at.to_zoned(TimeZone::UTC).year())
}

/// The input is the name of a list and, behind the first line break, a cursor or, as JSON, a place.
pub fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (list, rest) = text.split_once('\n').unwrap_or(("", &text));
    is_refused(list, rest);
    if let Ok(position) = serde_json::from_str::<&RawValue>(rest) {
        says_nothing_impossible(list, position);
    }
}
