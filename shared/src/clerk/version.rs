//! Which of two events about one object is the newer.

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, Error as _};
use uuid::Uuid;

/// Clerk sends milliseconds; smaller numbers than this are seconds. (As milliseconds it is a day in 1973, as seconds one in
/// the year 5138.)
const SMALLEST_MILLIS: i64 = 100_000_000_000;

/// A point in time as Clerk writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Millis(i64);

/// How new something is: by the time `at` and, among equals, by `tie`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    /// Milliseconds since the epoch: the object's `updated_at`, or when it was deleted.
    pub at: i64,
    /// When the event was made, then whether it is a deletion (what was deleted in the same moment stays deleted), then a
    /// hash of the content: arbitrary, but the same everywhere.
    pub tie: String,
}

impl Millis {
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).expect("it was checked to be in range")
    }
}

impl Version {
    pub fn new(at: Millis, event: Millis, deleted: bool, content: &[u8]) -> Self {
        let hash = Uuid::new_v5(&Uuid::NAMESPACE_OID, content).simple();
        Self {
            at: at.0,
            tie: format!("{:015}{}{hash}", event.0, u8::from(deleted)),
        }
    }

    /// The time as it is stored in the rows.
    pub fn timestamp(&self) -> Timestamp {
        Millis(self.at).timestamp()
    }

    /// Orders what several events say of an object on the side, as the events themselves are ordered. Never empty.
    pub fn as_tie(&self) -> String {
        format!("{:015}{}", self.at, self.tie)
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        let millis = if number < SMALLEST_MILLIS {
            number.saturating_mul(1000)
        } else {
            number
        };
        if millis > 0 && Timestamp::from_millisecond(millis).is_ok() {
            Ok(Self(millis))
        } else {
            Err(D::Error::custom("not a time"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(json: &str) -> Result<i64, serde_json::Error> {
        serde_json::from_str::<Millis>(json).map(|millis| millis.0)
    }

    #[test]
    fn seconds_become_milliseconds() {
        assert_eq!(millis("1767225600").ok(), Some(1_767_225_600_000));
        assert_eq!(millis("1767225600018").ok(), Some(1_767_225_600_018));
        assert_eq!(millis("100000000000").ok(), Some(100_000_000_000));
        assert_eq!(millis("99999999999").ok(), Some(99_999_999_999_000));
        for wrong in ["0", "-5", "1e300", "\"2026\"", "null"] {
            millis(wrong).expect_err(wrong);
        }
    }

    #[test]
    fn what_is_later_than_any_time_is_none() {
        // Of its last second, the library takes the beginning only.
        let last = Timestamp::MAX.as_second() * 1000;
        assert_eq!(millis(&last.to_string()).ok(), Some(last));
        assert_eq!(Millis(last).timestamp().as_millisecond(), last);
        for wrong in [last + 1000, i64::MAX] {
            millis(&wrong.to_string()).expect_err("it is too late");
        }
    }

    #[test]
    fn what_is_said_on_the_side_is_as_new_as_the_event() {
        let version = |at, event| Version::new(Millis(at), Millis(event), false, b"");
        let newer_and_newer = [
            version(999, 5),
            version(1_000, 4),
            version(1_767_225_600_000, 3),
            version(1_767_225_600_000, 12),
        ];
        assert!(newer_and_newer.is_sorted());
        let ties = newer_and_newer.map(|version| version.as_tie());
        assert!(ties.is_sorted_by(|one, other| one < other), "{ties:?}");
        assert_eq!(
            version(1_000, 4).timestamp(),
            Timestamp::from_second(1).expect("a time")
        );
    }

    #[test]
    fn equal_times_are_ordered_by_the_event_then_deletions_then_content() {
        let version = |event, deleted, content: &str| {
            Version::new(
                Millis(1_767_225_600_000),
                Millis(event),
                deleted,
                content.as_bytes(),
            )
        };
        let early = 1_767_225_600_001;
        assert!(version(early, true, "a") < version(early + 1, false, "a"));
        assert!(version(early, false, "a") < version(early, true, "b"));
        assert!(version(early, false, "b") < version(early, true, "a"));
        assert_ne!(version(early, false, "a"), version(early, false, "b"));
        assert_eq!(version(early, false, "a"), version(early, false, "a"));
    }
}
