//! When a task's reminder is due, and what is decided about it.

mod decision;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};

pub use decision::{Arrangement, Facts, Verdict, is_to_be_scheduled, may_be_deleted};

/// How late a reminder may come: one that was held up for longer is not sent.
pub const LATEST: SignedDuration = SignedDuration::from_hours(24);

/// The instant at which the reminder of a task due at `due_date` is sent, in whole seconds.
///
/// A due date with a time of day reminds at that instant, rounded up. One without reminds at `reminder_time` of that day in
/// the workspace's time zone: at the next instant there is where the clocks skip that time (even where they skip the whole
/// day), and at the first of the two where they show it twice.
pub fn remind_at(due_date: Timestamp, timezone: &str, reminder_time: Time) -> Timestamp {
    let exact = match whole_day(due_date) {
        None => due_date,
        Some(day) => {
            instant_of(day.to_datetime(reminder_time), &time_zone(timezone)).unwrap_or(due_date)
        }
    };
    let up = TimestampRound::new()
        .smallest(Unit::Second)
        .mode(RoundMode::Ceil);
    // Only the last second there is cannot be rounded up.
    exact.round(up).unwrap_or(exact)
}

/// The day a due date without a time of day stands for. Such a date is midnight UTC, whatever the workspace's time zone.
pub(crate) fn whole_day(due_date: Timestamp) -> Option<Date> {
    let utc = TimeZone::UTC.to_datetime(due_date);
    (utc.time() == Time::midnight()).then(|| utc.date())
}

/// A workspace's time zone. A name that was known when it was set may be gone from a later time zone database: a mail that
/// is some hours off is better than none.
pub(crate) fn time_zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or_else(|_| {
        tracing::warn!(
            time_zone = name,
            "unknown time zone of a workspace: taking UTC"
        );
        TimeZone::UTC
    })
}

/// `None` where the instant lies beyond the last one that can be written.
fn instant_of(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let found = zone.to_ambiguous_timestamp(local);
    match found.offset() {
        // With the offset that holds after the gap, a time within the gap is an instant before it.
        AmbiguousOffset::Gap { after, .. } => {
            let before_gap = after.to_timestamp(local).ok()?;
            let changes = zone.following(before_gap).map(|change| change.timestamp());
            changes.into_iter().find(|at| zone.to_datetime(*at) > local)
        }
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => found.earlier().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When a due date reminds, in UTC.
    fn reminds(due_date: &str, timezone: &str, reminder_time: &str) -> String {
        let due_date = due_date.parse().expect("an instant");
        let time = reminder_time.parse().expect("a time of day");
        remind_at(due_date, timezone, time).to_string()
    }

    #[test]
    fn a_due_date_with_a_time_of_day_reminds_then_whatever_the_workspace_says() {
        for zone in ["UTC", "Asia/Tokyo", "America/Los_Angeles"] {
            let at = "2027-03-01T09:30:00Z";
            assert_eq!(reminds(at, zone, "08:00"), at, "in {zone}");
        }
    }

    #[test]
    fn parts_of_a_second_are_rounded_up() {
        for (due_date, expected) in [
            ("2027-03-01T09:30:00.000001Z", "2027-03-01T09:30:01Z"),
            ("2027-03-01T09:30:00.999Z", "2027-03-01T09:30:01Z"),
            ("2027-02-28T23:59:59.5Z", "2027-03-01T00:00:00Z"),
            ("1969-12-31T23:59:58.5Z", "1969-12-31T23:59:59Z"),
            ("2027-03-01T00:00:00.001Z", "2027-03-01T00:00:01Z"),
        ] {
            assert_eq!(reminds(due_date, "Asia/Tokyo", "08:00"), expected);
        }
    }

    #[test]
    fn a_day_reminds_at_the_workspaces_time_east_and_west() {
        for (zone, time, expected) in [
            ("UTC", "00:00", "2027-03-01T00:00:00Z"),
            ("UTC", "23:59", "2027-03-01T23:59:00Z"),
            ("Europe/Prague", "08:00", "2027-03-01T07:00:00Z"),
            ("Asia/Kathmandu", "00:00", "2027-02-28T18:15:00Z"),
            ("Pacific/Kiritimati", "00:00", "2027-02-28T10:00:00Z"),
            ("America/Los_Angeles", "08:00", "2027-03-01T16:00:00Z"),
            ("Pacific/Pago_Pago", "23:30", "2027-03-02T10:30:00Z"),
        ] {
            assert_eq!(
                reminds("2027-03-01T00:00:00Z", zone, time),
                expected,
                "{time} in {zone}"
            );
        }
    }

    #[test]
    fn a_time_that_the_clocks_skip_reminds_when_they_have_skipped_it() {
        for (day, zone, time, expected) in [
            // 02:00 to 03:00, at 01:00 UTC.
            (
                "2027-03-28",
                "Europe/Prague",
                "01:59",
                "2027-03-28T00:59:00Z",
            ),
            (
                "2027-03-28",
                "Europe/Prague",
                "02:00",
                "2027-03-28T01:00:00Z",
            ),
            (
                "2027-03-28",
                "Europe/Prague",
                "02:30",
                "2027-03-28T01:00:00Z",
            ),
            (
                "2027-03-28",
                "Europe/Prague",
                "03:00",
                "2027-03-28T01:00:00Z",
            ),
            (
                "2027-03-28",
                "Europe/Prague",
                "03:01",
                "2027-03-28T01:01:00Z",
            ),
            // Half an hour, 02:00 to 02:30.
            (
                "2027-10-03",
                "Australia/Lord_Howe",
                "02:15",
                "2027-10-02T15:30:00Z",
            ),
            // Midnight itself.
            (
                "2026-04-24",
                "Africa/Cairo",
                "00:00",
                "2026-04-23T22:00:00Z",
            ),
            (
                "2026-04-24",
                "Africa/Cairo",
                "00:30",
                "2026-04-23T22:00:00Z",
            ),
        ] {
            let due_date = format!("{day}T00:00:00Z");
            assert_eq!(reminds(&due_date, zone, time), expected, "{time} in {zone}");
        }
    }

    #[test]
    fn a_day_that_a_zone_skipped_reminds_when_the_next_one_begins() {
        // Samoa had no 30 December 2011: it moved to the other side of the date line.
        for time in ["00:00", "08:00", "23:59"] {
            assert_eq!(
                reminds("2011-12-30T00:00:00Z", "Pacific/Apia", time),
                "2011-12-30T10:00:00Z"
            );
        }
    }

    #[test]
    fn a_time_that_the_clocks_show_twice_reminds_the_first_time() {
        for (day, zone, time, expected) in [
            (
                "2027-10-31",
                "Europe/Prague",
                "02:00",
                "2027-10-31T00:00:00Z",
            ),
            (
                "2027-10-31",
                "Europe/Prague",
                "02:30",
                "2027-10-31T00:30:00Z",
            ),
            (
                "2027-10-31",
                "Europe/Prague",
                "03:00",
                "2027-10-31T02:00:00Z",
            ),
            (
                "2027-11-07",
                "America/New_York",
                "01:30",
                "2027-11-07T05:30:00Z",
            ),
        ] {
            let due_date = format!("{day}T00:00:00Z");
            assert_eq!(reminds(&due_date, zone, time), expected, "{time} in {zone}");
        }
    }

    #[test]
    fn a_zone_that_is_not_known_any_more_counts_as_utc() {
        assert_eq!(
            reminds("2027-03-01T00:00:00Z", "Mars/Olympus_Mons", "08:00"),
            "2027-03-01T08:00:00Z"
        );
    }

    #[test]
    fn the_first_and_the_last_days_there_are_remind() {
        // Before there were time zones, clocks showed the sun's time.
        assert_eq!(
            reminds("0001-01-01T00:00:00Z", "Pacific/Kiritimati", "00:00"),
            "0001-01-01T10:29:20Z"
        );
        for zone in ["Pacific/Pago_Pago", "Pacific/Kiritimati"] {
            let last = reminds(&Timestamp::MAX.to_string(), zone, "23:59");
            assert!(last.starts_with("9999-12-30T"), "{last}");
            let last_day = reminds("9999-12-30T00:00:00Z", zone, "23:59");
            assert!(last_day.starts_with("9999-12-30T"), "{last_day}");
        }
    }
}
