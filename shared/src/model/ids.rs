//! Ids, each of its own type, so that one can't stand for another. Their examples are those of the demo data
//! (`infra/local/demo.sql`), so that what the API's page suggests works on a local system.

use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer};
use utoipa::ToSchema;
use uuid::Uuid;

/// Ids that Clerk gives (or, for a workspace made through the API, a UUID).
macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident = $example:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, example = $example)]
        pub struct $name(String);

        impl $name {
            /// The id as a parameter of a statement.
            pub fn param(&self) -> String {
                self.0.clone()
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(IdVisitor).map(|id| Self(if id.contains('\0') { String::new() } else { id }))
            }
        }
    )*};
}

/// Ids that the functions make (UUIDv7, or UUIDv5 for an idempotency key).
macro_rules! uuids {
    ($($(#[$doc:meta])* $name:ident = $example:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, example = $example)]
        pub struct $name(Uuid);

        impl $name {
            /// The id as a parameter of a statement.
            pub fn param(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let id = deserializer.deserialize_str(IdVisitor)?;
                Ok(Self(id.parse().unwrap_or_else(|_| Uuid::nil())))
            }
        }
    )*};
}

text_ids! {
    /// A user: Clerk's id.
    UserId = "user_ada",
    /// A workspace: the id of the Clerk organization, or a UUID where it was made through the API.
    WorkspaceId = "org_harbor",
}

uuids! {
    /// A project.
    ProjectId = "0b000000-0000-7000-8000-000000000001",
    /// A task.
    TaskId = "0d000000-0000-7000-8000-000000000008",
    /// A comment.
    CommentId = "0e000000-0000-7000-8000-000000000014",
}

struct IdVisitor;

impl serde::de::Visitor<'_> for IdVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id")
    }

    fn visit_str<E: serde::de::Error>(self, id: &str) -> Result<String, E> {
        Ok(id.to_owned())
    }
}
