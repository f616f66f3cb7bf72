//! Instants in answers.

use std::error::Error;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use tokio_postgres::types::{FromSql, Type};
use utoipa::ToSchema;

/// An instant, written in RFC 3339 in UTC with milliseconds, as JavaScript writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2027-03-01T09:30:00.000Z")]
pub struct Time(pub Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.3}", self.0))
    }
}

impl<'a> FromSql<'a> for Time {
    fn from_sql(sql_type: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Timestamp::from_sql(sql_type, raw).map(Self)
    }

    fn accepts(sql_type: &Type) -> bool {
        <Timestamp as FromSql<'_>>::accepts(sql_type)
    }
}
