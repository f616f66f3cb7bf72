//! When a due date reminds, told in another way than the system does, with another library and its own time zones: the clocks
//! of the zone are watched minute by minute until they show the time, or have gone past it.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use jiff::Timestamp;

use super::world::ZONES;

thread_local! {
    static SEEN: RefCell<HashMap<(usize, NaiveDateTime), i64>> = RefCell::default();
}

/// The second, since the epoch, at which a task due at `due` reminds.
pub fn reminds_at(due: Timestamp, zone: usize, time: &str) -> i64 {
    let exact = due.as_millisecond();
    if exact.rem_euclid(24 * 60 * 60 * 1000) != 0 {
        return exact.div_euclid(1000) + i64::from(exact.rem_euclid(1000) > 0);
    }
    let day = DateTime::<Utc>::from_timestamp_millis(exact).expect("a date of this century");
    let time = time.parse::<chrono::NaiveTime>().expect("a time of day");
    first_shown(zone, day.date_naive().and_time(time))
}

fn first_shown(zone: usize, local: NaiveDateTime) -> i64 {
    SEEN.with_borrow_mut(|seen| {
        *seen.entry((zone, local)).or_insert_with(|| {
            let clocks: Tz = ZONES[zone].parse().expect("a time zone");
            // No zone is further ahead.
            let mut at = local.and_utc() - TimeDelta::hours(15);
            while at.with_timezone(&clocks).naive_local() < local {
                at += TimeDelta::minutes(1);
            }
            at.timestamp()
        })
    })
}
