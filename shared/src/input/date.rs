//! Dates as clients write them: RFC 3339, or `YYYY-MM-DD` for midnight UTC; `""` means "not given".

use std::fmt;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use utoipa::PartialSchema;
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};

/// An instant a client gave, from year 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputDate(pub Timestamp);

struct DateVisitor;

impl Visitor<'_> for DateVisitor {
    /// `None` for `""` and `null`.
    type Value = Option<InputDate>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date: RFC 3339 or YYYY-MM-DD")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text.trim() {
            "" => Ok(None),
            text => parse(text)
                .map(Some)
                .ok_or_else(|| de::Error::invalid_value(de::Unexpected::Other("text"), &self)),
        }
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

fn parse(text: &str) -> Option<InputDate> {
    let at = match text.parse::<Timestamp>() {
        Ok(at) => at,
        Err(_) if text.len() == "YYYY-MM-DD".len() => text
            .parse::<civil::Date>()
            .ok()?
            .to_zoned(TimeZone::UTC)
            .ok()?
            .timestamp(),
        Err(_) => return None,
    };
    (at.to_zoned(TimeZone::UTC).year() >= 1).then_some(InputDate(at))
}

impl<'de> Deserialize<'de> for InputDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(DateVisitor)?
            .ok_or_else(|| de::Error::invalid_value(de::Unexpected::Other("nothing"), &DateVisitor))
    }
}

/// For a field that may be left out, `null` or `""`: all three give `None`.
pub fn optional_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<InputDate>, D::Error> {
    deserializer.deserialize_any(DateVisitor)
}

/// For an update of a nullable date: `null` and `""` clear it (`Some(None)`), leaving it out does not (`None`).
pub fn patched_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<InputDate>>, D::Error> {
    deserializer.deserialize_any(DateVisitor).map(Some)
}

/// For an update of a date that is not nullable: `""` leaves it as it is, `null` is refused.
pub fn date_unless_blank<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<InputDate>, D::Error> {
    struct NotNull;
    impl Visitor<'_> for NotNull {
        type Value = Option<InputDate>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            DateVisitor.expecting(f)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            DateVisitor.visit_str(text)
        }
    }
    deserializer.deserialize_any(NotNull)
}

impl PartialSchema for InputDate {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339, or YYYY-MM-DD for midnight UTC"))
            .examples([serde_json::json!("2027-03-01T09:30:00Z")])
            .into()
    }
}

impl utoipa::ToSchema for InputDate {}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn rfc_3339_and_plain_days_are_dates() {
        let utc = |text| parse(text).map(|date| date.0.to_string());
        assert_eq!(utc("2027-03-01").as_deref(), Some("2027-03-01T00:00:00Z"));
        assert_eq!(
            utc("2027-03-01T09:30:00+05:45").as_deref(),
            Some("2027-03-01T03:45:00Z")
        );
        assert_eq!(utc("2028-02-29").as_deref(), Some("2028-02-29T00:00:00Z"));
    }

    #[test]
    fn what_is_no_day_or_no_instant_is_refused() {
        for text in [
            "tomorrow",
            "2027-02-31",
            "2027-02-29",
            "0000-01-01",
            "0000-01-01T00:00:00Z",
            "300000-01-01",
            "+300000-01-01T00:00:00Z",
            "-000001-01-01",
            "2027-03-01T10:00:00",
            "1767225600000",
            "20270301",
            "2027-W01",
            "2027-03-01T25:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text} was accepted");
        }
    }
}
