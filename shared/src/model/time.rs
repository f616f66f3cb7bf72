//! Instants in answers.

use std::error::Error;
use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Serialize, Serializer};
use tokio_postgres::types::{FromSql, Type};
use utoipa::ToSchema;

/// From which PostgreSQL counts, in microseconds since 1970.
const START_OF_2000: i64 = 946_684_800_000_000;

/// An instant, written in RFC 3339 in UTC with milliseconds, as JavaScript writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-02T08:15:30.120Z")]
pub struct Time(pub Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let at = Offset::UTC.to_datetime(self.0);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let parts: [(Range<usize>, i16); 7] = [
            (0..4, at.year()),
            (5..7, at.month().into()),
            (8..10, at.day().into()),
            (11..13, at.hour().into()),
            (14..16, at.minute().into()),
            (17..19, at.second().into()),
            (20..23, at.millisecond()),
        ];
        for (place, number) in parts {
            // What has no four digits is not in the database: years from 1 to 9999 are let in.
            let mut rest = number.unsigned_abs();
            for digit in text[place].iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
        serializer.serialize_str(std::str::from_utf8(&text).expect("digits are ASCII"))
    }
}

impl<'a> FromSql<'a> for Time {
    fn from_sql(sql_type: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        // As the server sends it. The driver's own way to a `Timestamp` is general arithmetic on spans.
        let since_2000 = i64::from_sql(sql_type, raw)?;
        let microseconds = since_2000.saturating_add(START_OF_2000);
        Ok(Self(Timestamp::from_microsecond(microseconds)?))
    }

    fn accepts(sql_type: &Type) -> bool {
        <Timestamp as FromSql<'_>>::accepts(sql_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_as_javascript_writes_it() {
        for (at, text) in [
            ("2027-03-01T09:30:00Z", "2027-03-01T09:30:00.000Z"),
            ("2024-02-29T23:59:59.9999Z", "2024-02-29T23:59:59.999Z"),
            ("1969-12-31T23:59:59.0015Z", "1969-12-31T23:59:59.001Z"),
            ("0001-01-01T00:00:00.04Z", "0001-01-01T00:00:00.040Z"),
            ("9999-12-30T22:00:00.123456Z", "9999-12-30T22:00:00.123Z"),
        ] {
            let at = Time(at.parse().expect("an instant"));
            let json = serde_json::to_string(&at).expect("JSON");
            assert_eq!(json, format!("\"{text}\""));
        }
    }

    #[test]
    fn an_instant_is_read_as_the_driver_reads_it() {
        for microseconds in [
            0,
            1,
            -1,
            -START_OF_2000,
            845_807_400_123_456,
            -63_082_281_600_000_000,
            252_455_615_999_999_999,
            i64::MAX,
            i64::MIN,
        ] {
            let raw = microseconds.to_be_bytes();
            let driver = Timestamp::from_sql(&Type::TIMESTAMPTZ, &raw);
            let ours = Time::from_sql(&Type::TIMESTAMPTZ, &raw);
            assert_eq!(
                ours.map(|Time(at)| at).ok(),
                driver.ok(),
                "{microseconds} µs after 2000"
            );
        }
    }
}
