//! Comments.

use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::kinds::position;
use super::{listed, permitted};
use crate::auth::Caller;
use crate::db::{Call, Database, Row};
use crate::http::{RequestBody, read_json};
use crate::input::CommentText;
use crate::model::{Comment, CommentId, TaskId};
use crate::paging::{Listing, Page, Paging, Part};
use crate::{Error, quotas};

const BY_ID: &str = concat!(include_str!("by_id.sql"), include_str!("answer.sql"));
const CREATE: &str = concat!(include_str!("create.sql"), include_str!("answer.sql"));
const UPDATE: &str = concat!(include_str!("update.sql"), include_str!("answer.sql"));
/// The page size of a list that only comes in pages.
const DEFAULT_LIMIT: u8 = 10;

/// What a comment says.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"message": "On a phone it takes 1.8 s now."}))]
pub struct CommentInput {
    /// The text.
    pub message: CommentText,
}

impl RequestBody for CommentInput {
    fn from_json(text: &str) -> Result<Self, Error> {
        read_json(text, &[("message", "message cannot be empty")])
    }
}

/// The comments on a task, oldest first.
pub async fn comments_of_task(
    db: &Database,
    caller: &Caller,
    task: TaskId,
    paging: Paging,
) -> Result<Listing<Comment>, Error> {
    let part: Part<(Timestamp, Uuid)> = paging.part(&list_of(task))?;
    let rows = rows_of_task(db, caller, task, &part).await?;
    part.listing(rows, Comment::from_row, position)
}

/// A page of the comments on a task, oldest first.
pub async fn page_of_comments(
    db: &Database,
    caller: &Caller,
    task: TaskId,
    paging: Paging,
) -> Result<Page<Comment>, Error> {
    let part: Part<(Timestamp, Uuid)> = paging.page(&list_of(task), DEFAULT_LIMIT)?;
    let rows = rows_of_task(db, caller, task, &part).await?;
    part.page_of(rows, Comment::from_row, position)
}

/// One comment, for who may read its task.
pub async fn comment(db: &Database, caller: &Caller, id: CommentId) -> Result<Comment, Error> {
    let read = Call::new(BY_ID)
        .bind(caller.user_id.param())
        .bind(id.param());
    Ok(Comment::from_row(permitted(&db.rows(read).await?)?)?)
}

/// Writes a comment with the id `id`, for who may read the task; a repetition answers with the first one.
pub async fn create_comment(
    db: &Database,
    caller: &Caller,
    id: Uuid,
    task: TaskId,
    new: CommentInput,
) -> Result<Comment, Error> {
    let create = Call::new(CREATE)
        .bind(caller.user_id.param())
        .bind(task.param())
        .bind(id)
        .bind(new.message.into_string())
        .bind(quotas::WRITINGS);
    Ok(Comment::from_row(permitted(&db.rows(create).await?)?)?)
}

/// Changes a comment, for its author.
pub async fn update_comment(
    db: &Database,
    caller: &Caller,
    id: CommentId,
    patch: CommentInput,
) -> Result<Comment, Error> {
    let update = Call::new(UPDATE)
        .bind(caller.user_id.param())
        .bind(id.param())
        .bind(patch.message.into_string());
    Ok(Comment::from_row(permitted(&db.rows(update).await?)?)?)
}

/// Deletes a comment, for its author, who may lead the project, or an ADMIN.
pub async fn delete_comment(db: &Database, caller: &Caller, id: CommentId) -> Result<(), Error> {
    let delete = Call::new(include_str!("delete.sql"))
        .bind(caller.user_id.param())
        .bind(id.param());
    permitted(&db.rows(delete).await?).map(drop)
}

async fn rows_of_task(
    db: &Database,
    caller: &Caller,
    task: TaskId,
    part: &Part<(Timestamp, Uuid)>,
) -> Result<Vec<Row>, Error> {
    let (created, id) = part.after.unzip();
    let list = Call::new(include_str!("of_task.sql"))
        .bind(caller.user_id.param())
        .bind(task.param())
        .bind(created)
        .bind(id)
        .bind(part.rows_to_read());
    listed(db.rows(list).await?, "task_not_accessible")
}

fn list_of(task: TaskId) -> String {
    format!("comments on task {task}")
}
