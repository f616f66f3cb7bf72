//! Workspaces and who is in them: `/api/workspace`.

use axum::extract::State;
use shared::auth::Caller;
use shared::db::Database;
use shared::http::{Answer, Created, ErrorBody, Json, Nothing, Path, Query};
use shared::idempotency::IdempotencyKey;
use shared::model::{
    NewWorkspaceMember, UserId, Workspace, WorkspaceDetails, WorkspaceId, WorkspaceMember,
};
use shared::paging::{Listing, Paging};
use shared::queries::workspaces::{
    self as queries, AddWorkspaceMember, NewWorkspace, WorkspaceMemberPatch, WorkspacePatch,
};
use shared::{App, Error};

shared::routes!(App:
    list, create,
    add_member,
    get, update, delete,
    members,
    update_member, remove_member,
);

/// The workspaces the caller belongs to, by name
#[utoipa::path(
    get, path = "/api/workspace", tag = "workspaces", operation_id = "listWorkspaces", params(Paging),
    responses(
        (status = 200, description = "The workspaces", body = Answer<Listing<Workspace>>),
    ),
    security(("sessionToken" = [])),
)]
async fn list(
    State(db): State<Database>,
    caller: Caller,
    Query(paging): Query<Paging>,
) -> Result<Answer<Listing<Workspace>>, Error> {
    Ok(Answer::of(
        queries::workspaces_of_caller(&db, &caller, paging).await?,
    ))
}

/// Make a workspace that the caller owns
#[utoipa::path(
    post, path = "/api/workspace", tag = "workspaces", operation_id = "createWorkspace",
    params(IdempotencyKey),
    request_body = NewWorkspace,
    responses(
        (status = 201, description = "The workspace", body = Answer<Workspace>, example = json!({"message": "Workspace created successfully", "data": {"id": "01936f2e-8a50-7c3e-9b1a-5d0f3c6a7b21", "name": "Lighthouse Museum", "slug": "lighthouse-museum"}})),
        (status = 429, description = "20 in a day", body = ErrorBody, examples(("too_many_workspaces" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn create(
    State(db): State<Database>,
    caller: Caller,
    key: IdempotencyKey,
    Json(new): Json<NewWorkspace>,
) -> Result<Created<Workspace>, Error> {
    let id = key.new_id(&caller, "workspace", "");
    let workspace = queries::create_workspace(&db, &caller, id, new).await?;
    Ok(Created::new("Workspace created successfully", workspace))
}

/// A workspace with its settings
#[utoipa::path(
    get, path = "/api/workspace/{workspaceId}", tag = "workspaces", operation_id = "getWorkspace",
    params(("workspaceId" = WorkspaceId, Path)),
    responses(
        (status = 200, description = "The workspace", body = Answer<WorkspaceDetails>),
        (status = 404, description = "Not one of the caller's", body = ErrorBody, examples(("workspace_not_found" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn get(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<WorkspaceId>,
) -> Result<Answer<WorkspaceDetails>, Error> {
    Ok(Answer::of(queries::workspace(&db, &caller, &id).await?))
}

/// Change a workspace, as an ADMIN
#[utoipa::path(
    patch, path = "/api/workspace/{workspaceId}", tag = "workspaces", operation_id = "updateWorkspace",
    params(("workspaceId" = WorkspaceId, Path)),
    request_body = WorkspacePatch,
    responses(
        (status = 200, description = "The workspace", body = Answer<WorkspaceDetails>, example = json!({"message": "Workspace updated successfully"})),
        (status = 403, description = "The caller is no ADMIN", body = ErrorBody, examples(("not_workspace_admin" = ()))),
        (status = 404, description = "Not one of the caller's", body = ErrorBody, examples(("workspace_not_found" = ()))),
        (status = 429, description = "The reminders are moved 20 times in a day at most", body = ErrorBody, examples(("too_many_moves" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn update(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<WorkspaceId>,
    Json(patch): Json<WorkspacePatch>,
) -> Result<Answer<WorkspaceDetails>, Error> {
    let workspace = queries::update_workspace(&db, &caller, &id, patch).await?;
    Ok(Answer::done("Workspace updated successfully", workspace))
}

/// Delete a workspace with everything in it, as its owner
#[utoipa::path(
    delete, path = "/api/workspace/{workspaceId}", tag = "workspaces", operation_id = "deleteWorkspace",
    params(("workspaceId" = WorkspaceId, Path)),
    responses(
        (status = 200, description = "It is gone", body = Answer<Nothing>, example = json!({"message": "Workspace deleted successfully"})),
        (status = 403, description = "The caller is not the owner", body = ErrorBody, examples(("not_workspace_owner" = ()))),
        (status = 404, description = "Not one of the caller's", body = ErrorBody, examples(("workspace_not_found" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn delete(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<WorkspaceId>,
) -> Result<Answer<Nothing>, Error> {
    queries::delete_workspace(&db, &caller, &id).await?;
    Ok(Answer::done("Workspace deleted successfully", Nothing))
}

/// Who is in a workspace, longest-standing first
#[utoipa::path(
    get, path = "/api/workspace/{workspaceId}/members", tag = "workspaces", operation_id = "listWorkspaceMembers",
    params(("workspaceId" = WorkspaceId, Path), Paging),
    responses(
        (status = 200, description = "The members", body = Answer<Listing<WorkspaceMember>>),
        (status = 403, description = "The caller is not in the workspace", body = ErrorBody, examples(("access_denied" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn members(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<WorkspaceId>,
    Query(paging): Query<Paging>,
) -> Result<Answer<Listing<WorkspaceMember>>, Error> {
    Ok(Answer::of(
        queries::members_of_workspace(&db, &caller, &id, paging).await?,
    ))
}

/// Add a user to a workspace, as an ADMIN
#[utoipa::path(
    post, path = "/api/workspace/add-member", tag = "workspaces", operation_id = "addWorkspaceMember",
    request_body = AddWorkspaceMember,
    responses(
        (status = 201, description = "The membership", body = Answer<NewWorkspaceMember>, example = json!({"message": "Member added successfully"})),
        (status = 400, description = "The input is wrong, or the user is a member already", body = ErrorBody, examples(("already_workspace_member" = ()))),
        (status = 403, description = "The caller is no ADMIN of the workspace", body = ErrorBody, examples(("not_workspace_admin" = ()))),
        (status = 404, description = "Nobody has that address", body = ErrorBody, examples(("user_not_found" = ()))),
        (status = 429, description = "200 tries in a day", body = ErrorBody, examples(("too_many_additions" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn add_member(
    State(db): State<Database>,
    caller: Caller,
    Json(new): Json<AddWorkspaceMember>,
) -> Result<Created<NewWorkspaceMember>, Error> {
    let member = queries::add_workspace_member(&db, &caller, new).await?;
    Ok(Created::new("Member added successfully", member))
}

/// Change a member's role, as an ADMIN
#[utoipa::path(
    patch, path = "/api/workspace/{workspaceId}/members/{userId}", tag = "workspaces",
    operation_id = "updateWorkspaceMember",
    params(("workspaceId" = WorkspaceId, Path), ("userId" = UserId, Path, example = "user_dmitri")),
    request_body = WorkspaceMemberPatch,
    responses(
        (status = 200, description = "The member", body = Answer<WorkspaceMember>, example = json!({"message": "Member updated successfully", "data": {"id": "user_dmitri", "name": "Dmitri Volkov", "email": "dmitri@example.com", "image": "", "role": "ADMIN"}})),
        (status = 403, description = "The caller is no ADMIN of the workspace", body = ErrorBody, examples(("not_workspace_admin" = ()))),
        (status = 404, description = "Nobody in the workspace", body = ErrorBody, examples(("member_not_found" = ()))),
        (status = 409, description = "The last ADMIN stays one", body = ErrorBody, examples(("last_admin" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn update_member(
    State(db): State<Database>,
    caller: Caller,
    Path((id, user)): Path<(WorkspaceId, UserId)>,
    Json(patch): Json<WorkspaceMemberPatch>,
) -> Result<Answer<WorkspaceMember>, Error> {
    let member = queries::update_workspace_member(&db, &caller, &id, &user, patch.role).await?;
    Ok(Answer::done("Member updated successfully", member))
}

/// Take a member out of a workspace and its projects, as an ADMIN or oneself
#[utoipa::path(
    delete, path = "/api/workspace/{workspaceId}/members/{userId}", tag = "workspaces",
    operation_id = "removeWorkspaceMember",
    params(("workspaceId" = WorkspaceId, Path), ("userId" = UserId, Path, example = "user_dmitri")),
    responses(
        (status = 200, description = "Done", body = Answer<Nothing>, example = json!({"message": "Member removed successfully"})),
        (status = 403, description = "The caller is no ADMIN of the workspace", body = ErrorBody, examples(("not_workspace_admin" = ()))),
        (status = 404, description = "Nobody in the workspace", body = ErrorBody, examples(("member_not_found" = ()))),
        (status = 409, description = "The last ADMIN stays, and who leads a project until it is handed over", body = ErrorBody, examples(("last_admin" = ()), ("leads_projects" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn remove_member(
    State(db): State<Database>,
    caller: Caller,
    Path((id, user)): Path<(WorkspaceId, UserId)>,
) -> Result<Answer<Nothing>, Error> {
    queries::remove_workspace_member(&db, &caller, &id, &user).await?;
    Ok(Answer::done("Member removed successfully", Nothing))
}
