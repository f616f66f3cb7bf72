//! People.

use serde::Serialize;
use tokio_postgres::Error;
use utoipa::ToSchema;

use super::UserId;
use crate::db::Row;

/// A person. Deleted at Clerk, it keeps its id and is called "Deleted user".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// Clerk's id.
    pub id: UserId,
    /// Never empty.
    #[schema(example = "Ada Okafor")]
    pub name: String,
    /// Empty where there is none.
    #[schema(example = "ada@example.com")]
    pub email: String,
    /// Empty where there is none.
    #[schema(example = "https://api.dicebear.com/9.x/initials/svg?seed=Ada+Okafor")]
    pub image: String,
}

/// A person, where the address does not matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShortUser {
    /// Clerk's id.
    pub id: UserId,
    /// Never empty.
    #[schema(example = "Ada Okafor")]
    pub name: String,
    /// Empty where there is none.
    #[schema(example = "https://api.dicebear.com/9.x/initials/svg?seed=Ada+Okafor")]
    pub image: String,
}

impl User {
    /// From the columns `user_id, user_name, user_email, user_image`.
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: UserId::from(row.try_get::<String>("user_id")?),
            name: row.try_get("user_name")?,
            email: row.try_get("user_email")?,
            image: row.try_get("user_image")?,
        })
    }
}

impl From<&User> for ShortUser {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.clone(),
            name: user.name.clone(),
            image: user.image.clone(),
        }
    }
}

impl ShortUser {
    /// From the columns `user_id, user_name, user_image`.
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: UserId::from(row.try_get::<String>("user_id")?),
            name: row.try_get("user_name")?,
            image: row.try_get("user_image")?,
        })
    }
}
