//! Comments: `/api/comments` and `/api/tasks/{taskId}/comments`.

use axum::extract::State;
use shared::auth::Caller;
use shared::db::Database;
use shared::http::{Answer, Created, ErrorBody, Json, Nothing, Path, Query};
use shared::idempotency::IdempotencyKey;
use shared::model::{Comment, CommentId, TaskId};
use shared::paging::{Listing, Page, Paging};
use shared::queries::comments::{self as queries, CommentInput};
use shared::{App, Error};

shared::routes!(App: list, page, create, get, update, delete);

/// The comments on a task, oldest first
#[utoipa::path(
    get, path = "/api/comments/task/{taskId}/comments", tag = "comments", operation_id = "listComments",
    params(("taskId" = TaskId, Path), Paging),
    responses(
        (status = 200, description = "The comments", body = Answer<Listing<Comment>>),
        (status = 404, description = "Not a task the caller may read", body = ErrorBody, examples(("task_not_accessible" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn list(
    State(db): State<Database>,
    caller: Caller,
    Path(task): Path<TaskId>,
    Query(paging): Query<Paging>,
) -> Result<Answer<Listing<Comment>>, Error> {
    Ok(Answer::of(
        queries::comments_of_task(&db, &caller, task, paging).await?,
    ))
}

/// A page of the comments on a task, oldest first; 10 where `limit` says nothing
#[utoipa::path(
    get, path = "/api/tasks/{taskId}/comments", tag = "comments", operation_id = "pageComments",
    params(("taskId" = TaskId, Path), Paging),
    responses(
        (status = 200, description = "A page of the comments", body = Answer<Page<Comment>>),
        (status = 404, description = "Not a task the caller may read", body = ErrorBody, examples(("task_not_accessible" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn page(
    State(db): State<Database>,
    caller: Caller,
    Path(task): Path<TaskId>,
    Query(paging): Query<Paging>,
) -> Result<Answer<Page<Comment>>, Error> {
    Ok(Answer::of(
        queries::page_of_comments(&db, &caller, task, paging).await?,
    ))
}

/// Comment on a task
#[utoipa::path(
    post, path = "/api/tasks/{taskId}/comments", tag = "comments", operation_id = "createComment",
    params(
        ("taskId" = TaskId, Path),
        IdempotencyKey,
    ),
    request_body = CommentInput,
    responses(
        (status = 201, description = "The comment", body = Answer<Comment>, example = json!({"message": "Comment added successfully", "data": {"content": "On a phone it takes 1.8 s now."}})),
        (status = 404, description = "Not a task the caller may read", body = ErrorBody, examples(("task_not_commentable" = ()))),
        (status = 429, description = "2,000 projects, tasks and comments in a day", body = ErrorBody, examples(("too_many_writings" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn create(
    State(db): State<Database>,
    caller: Caller,
    key: IdempotencyKey,
    Path(task): Path<TaskId>,
    Json(new): Json<CommentInput>,
) -> Result<Created<Comment>, Error> {
    let id = key.new_id(&caller, "comment", &task.to_string());
    let comment = queries::create_comment(&db, &caller, id, task, new).await?;
    Ok(Created::new("Comment added successfully", comment))
}

/// One comment
#[utoipa::path(
    get, path = "/api/comments/{commentId}", tag = "comments", operation_id = "getComment",
    params(("commentId" = CommentId, Path)),
    responses(
        (status = 200, description = "The comment", body = Answer<Comment>),
        (status = 404, description = "Not one the caller may read", body = ErrorBody, examples(("comment_not_found" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn get(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<CommentId>,
) -> Result<Answer<Comment>, Error> {
    Ok(Answer::of(queries::comment(&db, &caller, id).await?))
}

/// Change a comment, as its author
#[utoipa::path(
    patch, path = "/api/comments/{commentId}", tag = "comments", operation_id = "updateComment",
    params(("commentId" = CommentId, Path)),
    request_body = CommentInput,
    responses(
        (status = 200, description = "The comment", body = Answer<Comment>, example = json!({"message": "Comment updated successfully", "data": {"content": "On a phone it takes 1.8 s now."}})),
        (status = 403, description = "The caller did not write it", body = ErrorBody, examples(("not_comment_author" = ()))),
        (status = 404, description = "Not one the caller may read", body = ErrorBody, examples(("comment_not_found" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn update(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<CommentId>,
    Json(patch): Json<CommentInput>,
) -> Result<Answer<Comment>, Error> {
    let comment = queries::update_comment(&db, &caller, id, patch).await?;
    Ok(Answer::done("Comment updated successfully", comment))
}

/// Delete a comment, as its author, the team lead or an ADMIN
#[utoipa::path(
    delete, path = "/api/comments/{commentId}", tag = "comments", operation_id = "deleteComment",
    params(("commentId" = CommentId, Path)),
    responses(
        (status = 200, description = "It is gone", body = Answer<Nothing>, example = json!({"message": "Comment deleted successfully"})),
        (status = 403, description = "The caller neither wrote it nor leads the project nor is an ADMIN", body = ErrorBody, examples(("not_comment_author" = ()))),
        (status = 404, description = "Not one the caller may read", body = ErrorBody, examples(("comment_not_found" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn delete(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<CommentId>,
) -> Result<Answer<Nothing>, Error> {
    queries::delete_comment(&db, &caller, id).await?;
    Ok(Answer::done("Comment deleted successfully", Nothing))
}
