//! Ids, each of its own type, so that one can't stand for another.

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
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, example = "01936f2e-8a50-7c3e-9b1a-5d0f3c6a7b21")]
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
    UserId = "user_2yAliceQ7mWc3vTzRk000000000",
    /// A workspace: the id of the Clerk organization, or a UUID where it was made through the API.
    WorkspaceId = "org_2yAcmeRoboticsT600000000000",
}

uuids! {
    /// A project.
    ProjectId,
    /// A task.
    TaskId,
    /// A comment.
    CommentId,
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
