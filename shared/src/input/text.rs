//! Text that people write.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use utoipa::PartialSchema;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::too_many;

/// Text of `MIN` to `MAX` characters (Unicode scalar values) after trimming, without NUL, which PostgreSQL can't store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// The text, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, trimmed.
    pub fn into_string(self) -> String {
        self.0
    }

    fn parse(text: &str) -> Result<Self, Cow<'static, str>> {
        let text = text.trim();
        if text.contains('\0') {
            return Err("must not contain NUL characters".into());
        }
        let length = text.chars().count();
        if length > MAX {
            return Err(too_many(MAX, "characters").into());
        }
        if length < MIN {
            return Err("must not be blank".into());
        }
        Ok(Self(text.to_owned()))
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor<const MIN: usize, const MAX: usize>;
        impl<const MIN: usize, const MAX: usize> Visitor<'_> for TextVisitor<MIN, MAX> {
            type Value = Text<MIN, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Text::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

impl<const MIN: usize, const MAX: usize> PartialSchema for Text<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .min_length((MIN > 0).then_some(MIN))
            .max_length(Some(MAX))
            .into()
    }
}

impl<const MIN: usize, const MAX: usize> utoipa::ToSchema for Text<MIN, MAX> {
    /// Each length is a schema of its own.
    fn name() -> Cow<'static, str> {
        format!("Text{MIN}To{MAX}").into()
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn characters_are_counted_after_trimming() {
        assert_eq!(
            Text::<1, 3>::parse("  é🚀x ")
                .expect("three characters")
                .as_str(),
            "é🚀x"
        );
        assert!(Text::<1, 3>::parse("four").is_err());
        assert!(Text::<1, 3>::parse(" \n").is_err());
        assert!(Text::<0, 3>::parse(" ").is_ok());
        assert!(Text::<0, 9>::parse("a\0b").is_err());
    }
}
