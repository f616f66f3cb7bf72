//! Dates: read as another library reads them.

use chrono::DateTime;
use serde_json::Value;
use shared::input::InputDate;

use crate::MARK;

/// The first second of year 1, and the last that both libraries have.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_207_199;

/// A date means what it means to the other library, or there is a reason; and a refusal does not quote it.
pub fn is_read_as_another_library_reads_it(text: &str) {
    let read = serde_json::from_value::<InputDate>(Value::from(text));
    if let Err(error) = &read {
        let told = error.to_string();
        assert!(!told.contains(MARK), "quoted: {told}");
    }
    match (read, DateTime::parse_from_rfc3339(text.trim())) {
        (Ok(InputDate(at)), Ok(other)) => {
            // Both count from the epoch, and round apart before it: so compared to the nanosecond.
            let nanos = i128::from(other.timestamp()) * 1_000_000_000
                + i128::from(other.timestamp_subsec_nanos());
            // A leap second is the second before it to the one, and the one after it to the other.
            let apart = (nanos - at.as_nanosecond()).abs();
            let leap = other.timestamp_subsec_nanos() >= 1_000_000_000;
            let allowed = if leap { 1_000_000_000 } else { 0 };
            assert!(apart <= allowed, "{text} is read as {at}");
        }
        (Err(error), Ok(other)) => {
            // RFC 3339 allows leap seconds, which the libraries take for another moment or for none.
            let leap = text.contains(":60") || other.timestamp_subsec_nanos() >= 1_000_000_000;
            let edge = !(FIRST..=LAST).contains(&other.timestamp());
            let refused_for_a_reason = leap || edge || is_finer_than_a_nanosecond(text);
            assert!(refused_for_a_reason, "{text} was refused: {error}");
        }
        // It takes a day, too, and some forms that RFC 3339 does not have; always a year that can be stored.
        (Ok(InputDate(at)), Err(_)) => assert!(at.as_second() >= FIRST, "{text} is read as {at}"),
        (Err(_), Err(_)) => {}
    }
}

/// RFC 3339 allows any number of digits; what no clock tells is refused rather than cut off.
fn is_finer_than_a_nanosecond(text: &str) -> bool {
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    fraction.bytes().take_while(u8::is_ascii_digit).count() > 9
}

/// The input is the date.
pub fn holds(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        is_read_as_another_library_reads_it(text);
    }
}
