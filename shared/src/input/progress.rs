//! How far a project is.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use utoipa::ToSchema;

/// A percentage; a fraction is rounded, what is out of range is clamped: the client's slider sends both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = f64, example = 40)]
pub struct Progress(pub i32);

impl<'de> Deserialize<'de> for Progress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ProgressVisitor;
        #[expect(
            clippy::cast_precision_loss,
            reason = "whatever is far out of range is clamped"
        )]
        impl Visitor<'_> for ProgressVisitor {
            type Value = Progress;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number from 0 to 100")
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Progress, E> {
                self.visit_f64(value as f64)
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Progress, E> {
                self.visit_f64(value as f64)
            }

            #[expect(clippy::cast_possible_truncation, reason = "it is from 0 to 100")]
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Progress, E> {
                Ok(Progress(value.round().clamp(0.0, 100.0) as i32))
            }
        }
        deserializer.deserialize_any(ProgressVisitor)
    }
}
