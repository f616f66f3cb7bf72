//! The part of a workspace's name that stands in addresses.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use utoipa::ToSchema;

use super::Text;

const LONGEST: usize = 64;

/// `[a-z0-9-]{1,64}`. Not unique: it is for display.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, pattern = "^[a-z0-9-]{1,64}$", example = "harbor-studio")]
pub struct Slug(String);

impl Slug {
    /// The slug for a workspace that was given none: from its name, told from others of that name by the end of its id.
    pub fn of(name: &str, id: &str) -> Self {
        let tail: String = id
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let tail = &tail[tail.len().saturating_sub(6)..];
        let mut slug = slug::slugify(name);
        // What slugify gives is ASCII.
        slug.truncate(LONGEST - 1 - tail.len());
        let slug = slug.trim_end_matches('-');
        Self(if slug.is_empty() {
            format!("workspace-{tail}")
        } else {
            format!("{slug}-{tail}")
        })
    }

    /// The slug as text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::<1, LONGEST>::deserialize(deserializer)?.into_string();
        if text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        {
            Ok(Self(text))
        } else {
            Err(D::Error::custom(
                "must have only the characters a-z, 0-9 and -",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Slug;

    #[test]
    fn a_missing_slug_is_made_from_name_and_id() {
        let slug = |name, id| Slug::of(name, id).into_string();
        assert_eq!(
            slug("Nováková & Söhne", "org_2yAcmeT6XY9Z"),
            "novakova-sohne-t6xy9z"
        );
        assert_eq!(slug("!!!", "0197-aa01"), "workspace-97aa01");
        assert_eq!(slug(&"x".repeat(200), "org_123456").len(), 64);
    }
}
