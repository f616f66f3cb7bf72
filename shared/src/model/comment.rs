//! Comments.

use serde::Serialize;
use tokio_postgres::Error;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{CommentId, Nested, ShortUser, TaskId, Time, UserId};
use crate::db::Row;

/// A comment on a task.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    id: CommentId,
    #[schema(example = "3.4 s → 2.3 s with smaller photos")]
    content: String,
    /// The task it is about.
    pub task_id: TaskId,
    user_id: UserId,
    created_at: Time,
    updated_at: Time,
    /// Who wrote it.
    #[schema(value_type = ShortUser)]
    user: Nested<ShortUser>,
}

impl Comment {
    /// With the author's columns in the row.
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        Self::by(Nested::Own(ShortUser::from_row(row)?), row)
    }

    /// The author apart.
    pub(crate) fn by(user: Nested<ShortUser>, row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: CommentId::from(row.try_get::<Uuid>("id")?),
            content: row.try_get("content")?,
            task_id: TaskId::from(row.try_get::<Uuid>("task_id")?),
            user_id: UserId::from(row.try_get::<String>("user_id")?),
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
            user,
        })
    }
}
