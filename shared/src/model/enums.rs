//! The enums of the contract; the same ones stand in the database.

use std::fmt;

use serde::Serialize;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use tokio_postgres::types::{FromSql, Type};
use utoipa::openapi::schema::{self, ObjectBuilder, SchemaType};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// An enum that is text on the wire and in rows.
macro_rules! text_enums {
    ($($(#[doc = $doc:literal])* $name:ident { $($variant:ident = $text:literal),* $(,)? })*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// As it is written, in JSON and in SQL.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(SchemaType::new(schema::Type::String))
                    .description(Some(concat!($($doc),*).trim()))
                    .enum_values(Some([$($text),*]))
                    .into()
            }
        }

        impl ToSchema for $name {}

        impl<'a> FromSql<'a> for $name {
            fn from_sql(sql_type: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
                let text = <&str>::from_sql(sql_type, raw)?;
                Self::from_text(text).ok_or_else(|| format!("an unknown {}", stringify!($name)).into())
            }

            fn accepts(sql_type: &Type) -> bool {
                <&str as FromSql<'_>>::accepts(sql_type)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct EnumVisitor;
                impl Visitor<'_> for EnumVisitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("one of", $(" ", $text),*))
                    }

                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::from_text(text).ok_or_else(|| E::invalid_value(de::Unexpected::Other("text"), &self))
                    }
                }
                deserializer.deserialize_str(EnumVisitor)
            }
        }
    )*};
}

text_enums! {
    /// What a member may do in a workspace.
    WorkspaceRole { Admin = "ADMIN", Member = "MEMBER" }

    /// Where a project stands. Reminders of a project that is COMPLETED or CANCELLED are not sent.
    ProjectStatus {
        Planning = "PLANNING",
        Active = "ACTIVE",
        InProgress = "IN_PROGRESS",
        OnHold = "ON_HOLD",
        Completed = "COMPLETED",
        Cancelled = "CANCELLED",
    }

    /// How urgent a project or a task is.
    Priority { Low = "LOW", Medium = "MEDIUM", High = "HIGH" }

    /// Where a task stands.
    TaskStatus { Todo = "TODO", InProgress = "IN_PROGRESS", Done = "DONE" }

    /// What kind of work a task is.
    TaskType { Task = "TASK", Bug = "BUG", Feature = "FEATURE", Improvement = "IMPROVEMENT", Other = "OTHER" }
}
