//! Clerk's events: each is read or refused, in the same way by whoever only asks whether it is followed, and what is read of it
//! can be stored.

use jiff::Timestamp;
use shared::clerk::Event;

use crate::{MARK, holds_nul};

/// The longest that may be said of an event that cannot be read: the place of a field, not what stands there.
const LONGEST_REFUSAL: usize = 300;

/// The event is read or refused, and everybody agrees on which.
pub fn is_read_or_refused(text: &str) {
    match (Event::parse(text), Event::is_followed(text)) {
        (Ok(event), Ok(followed)) => {
            assert_eq!(event.is_some(), followed);
            let Some(event) = event else { return };
            let read = format!("{event:?}");
            assert!(!holds_nul(&read), "cannot be stored: {read}");
            assert!(event.made_at().is_none_or(|at| at >= Timestamp::UNIX_EPOCH));
        }
        (Err(one), Err(other)) => {
            assert_eq!(one, other);
            let told = one.to_string();
            assert!(
                !told.contains(MARK) && told.len() < LONGEST_REFUSAL,
                "quoted: {told}"
            );
        }
        (parsed, followed) => panic!("{:?} and {:?}", parsed.is_ok(), followed.is_ok()),
    }
}

/// The input is the event.
pub fn holds(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        is_read_or_refused(text);
    }
}
