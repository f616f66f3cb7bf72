//! Fields of updates: left out, `null`, or a value. Used with `#[serde(default, deserialize_with = "…")]`.

use serde::de::{Deserialize, Deserializer};

/// For a field that may be left out but not be `null`.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// For a field that may be left out (`None`) and that `null` clears (`Some(None)`).
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
