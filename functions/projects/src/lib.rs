//! Projects and who is in them: `/api/projects`.

use axum::extract::State;
use shared::auth::Caller;
use shared::db::Database;
use shared::http::{Answer, Created, ErrorBody, Json, Nothing, Path, Query};
use shared::idempotency::IdempotencyKey;
use shared::model::{
    NewProjectMember, Project, ProjectId, ProjectMemberRow, RemovedProjectMember, UserId,
    WorkspaceId,
};
use shared::paging::{Listing, Paging};
use shared::queries::projects::{
    self as queries, AddProjectMember, NewProject, NewProjectInWorkspace, ProjectPatch,
};
use shared::{App, Error};

// Where two paths or methods do the same, the existing client uses one and the documentation of the system it was written for
// names the other.
shared::routes!(App:
    create,
    list, create_in_workspace,
    list_documented,
    get, update, replace, delete,
    members,
    add_member,
    remove_member,
);

/// The projects of a workspace with their members and tasks, newest first
#[utoipa::path(
    get, path = "/api/projects/workspace/{workspaceId}", tag = "projects", operation_id = "listProjects",
    params(("workspaceId" = WorkspaceId, Path), Paging),
    responses(
        (status = 200, description = "The projects", body = Answer<Listing<Project>>),
        (status = 403, description = "The caller is not in the workspace", body = ErrorBody, examples(("access_denied" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn list(
    State(db): State<Database>,
    caller: Caller,
    Path(workspace): Path<WorkspaceId>,
    Query(paging): Query<Paging>,
) -> Result<Answer<Listing<Project>>, Error> {
    Ok(Answer::of(
        queries::projects_of_workspace(&db, &caller, &workspace, paging).await?,
    ))
}

/// The projects of a workspace with their members and tasks, newest first
#[utoipa::path(
    get, path = "/api/projects/workspace/{workspaceId}/projects", tag = "projects",
    operation_id = "listProjectsOfWorkspace",
    params(("workspaceId" = WorkspaceId, Path), Paging),
    responses(
        (status = 200, description = "The projects", body = Answer<Listing<Project>>),
        (status = 403, description = "The caller is not in the workspace", body = ErrorBody, examples(("access_denied" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn list_documented(
    db: State<Database>,
    caller: Caller,
    workspace: Path<WorkspaceId>,
    paging: Query<Paging>,
) -> Result<Answer<Listing<Project>>, Error> {
    list(db, caller, workspace, paging).await
}

/// Make a project in a workspace, as an ADMIN
#[utoipa::path(
    post, path = "/api/projects", tag = "projects", operation_id = "createProject",
    params(IdempotencyKey),
    request_body = NewProjectInWorkspace,
    responses(
        (status = 201, description = "The project", body = Answer<Project>, example = json!({"message": "Project created successfully", "data": {"id": "01936f2e-8a50-7c3e-9b1a-5d0f3c6a7b22", "name": "Winter timetable", "description": null, "status": "PLANNING", "priority": "MEDIUM", "progress": 0, "start_date": "2027-01-11T00:00:00.000Z", "end_date": "2027-06-30T00:00:00.000Z", "tasks": []}})),
        (status = 400, description = "The input is wrong, or names who is not in the workspace", body = ErrorBody, examples(("not_workspace_members" = ()))),
        (status = 403, description = "The caller is no ADMIN", body = ErrorBody, examples(("not_workspace_admin" = ()))),
        (status = 404, description = "Not one of the caller's workspaces, or nobody there to lead", body = ErrorBody, examples(("workspace_not_found" = ()), ("team_lead_not_found" = ()))),
        (status = 429, description = "2,000 projects, tasks and comments in a day", body = ErrorBody, examples(("too_many_writings" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn create(
    State(db): State<Database>,
    caller: Caller,
    key: IdempotencyKey,
    Json(new): Json<NewProjectInWorkspace>,
) -> Result<Created<Project>, Error> {
    created(&db, &caller, &key, &new.workspace_id, new.project).await
}

/// Make a project in a workspace, as an ADMIN
#[utoipa::path(
    post, path = "/api/projects/workspace/{workspaceId}", tag = "projects", operation_id = "createProjectInWorkspace",
    params(
        ("workspaceId" = WorkspaceId, Path),
        IdempotencyKey,
    ),
    request_body = NewProject,
    responses(
        (status = 201, description = "The project", body = Answer<Project>, example = json!({"message": "Project created successfully", "data": {"id": "01936f2e-8a50-7c3e-9b1a-5d0f3c6a7b22", "name": "Winter timetable", "description": null, "status": "PLANNING", "priority": "MEDIUM", "progress": 0, "start_date": "2027-01-11T00:00:00.000Z", "end_date": "2027-06-30T00:00:00.000Z", "tasks": []}})),
        (status = 400, description = "The input is wrong, or names who is not in the workspace", body = ErrorBody, examples(("not_workspace_members" = ()))),
        (status = 403, description = "The caller is no ADMIN", body = ErrorBody, examples(("not_workspace_admin" = ()))),
        (status = 404, description = "Not one of the caller's workspaces, or nobody there to lead", body = ErrorBody, examples(("workspace_not_found" = ()), ("team_lead_not_found" = ()))),
        (status = 429, description = "2,000 projects, tasks and comments in a day", body = ErrorBody, examples(("too_many_writings" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn create_in_workspace(
    State(db): State<Database>,
    caller: Caller,
    key: IdempotencyKey,
    Path(workspace): Path<WorkspaceId>,
    Json(new): Json<NewProject>,
) -> Result<Created<Project>, Error> {
    created(&db, &caller, &key, &workspace, new).await
}

async fn created(
    db: &Database,
    caller: &Caller,
    key: &IdempotencyKey,
    workspace: &WorkspaceId,
    new: NewProject,
) -> Result<Created<Project>, Error> {
    let id = key.new_id(caller, "project", workspace.as_str());
    let project = queries::create_project(db, caller, id, workspace, new).await?;
    Ok(Created::new("Project created successfully", project))
}

/// A project with its members and tasks
#[utoipa::path(
    get, path = "/api/projects/{projectId}", tag = "projects", operation_id = "getProject",
    params(("projectId" = ProjectId, Path)),
    responses(
        (status = 200, description = "The project", body = Answer<Project>),
        (status = 404, description = "Not in one of the caller's workspaces", body = ErrorBody, examples(("project_not_accessible" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn get(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<ProjectId>,
) -> Result<Answer<Project>, Error> {
    Ok(Answer::of(queries::project(&db, &caller, id).await?))
}

/// Change a project, as its team lead; an ADMIN may hand it over
#[utoipa::path(
    patch, path = "/api/projects/{projectId}", tag = "projects", operation_id = "updateProject",
    params(("projectId" = ProjectId, Path)),
    request_body = ProjectPatch,
    responses(
        (status = 200, description = "The project", body = Answer<Project>, example = json!({"message": "Project updated successfully", "data": {"status": "ON_HOLD", "progress": 60, "end_date": null}})),
        (status = 400, description = "The input is wrong, or does not fit what is there", body = ErrorBody, examples(("lead_not_in_project" = ()), ("end_before_start" = ()))),
        (status = 403, description = "The caller does not lead the project", body = ErrorBody, examples(("not_team_lead" = ()))),
        (status = 404, description = "Not in one of the caller's workspaces", body = ErrorBody, examples(("project_not_accessible" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn update(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<ProjectId>,
    Json(patch): Json<ProjectPatch>,
) -> Result<Answer<Project>, Error> {
    let project = queries::update_project(&db, &caller, id, patch).await?;
    Ok(Answer::done("Project updated successfully", project))
}

/// The same as PATCH: what is left out stays
#[utoipa::path(
    put, path = "/api/projects/{projectId}", tag = "projects", operation_id = "putProject",
    params(("projectId" = ProjectId, Path)),
    request_body = ProjectPatch,
    responses(
        (status = 200, description = "The project", body = Answer<Project>, example = json!({"message": "Project updated successfully", "data": {"status": "ON_HOLD", "progress": 60, "end_date": null}})),
        (status = 400, description = "The input is wrong, or does not fit what is there", body = ErrorBody, examples(("lead_not_in_project" = ()), ("end_before_start" = ()))),
        (status = 403, description = "The caller does not lead the project", body = ErrorBody, examples(("not_team_lead" = ()))),
        (status = 404, description = "Not in one of the caller's workspaces", body = ErrorBody, examples(("project_not_accessible" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn replace(
    db: State<Database>,
    caller: Caller,
    id: Path<ProjectId>,
    patch: Json<ProjectPatch>,
) -> Result<Answer<Project>, Error> {
    update(db, caller, id, patch).await
}

/// Delete a project with its tasks, as its team lead or an ADMIN
#[utoipa::path(
    delete, path = "/api/projects/{projectId}", tag = "projects", operation_id = "deleteProject",
    params(("projectId" = ProjectId, Path)),
    responses(
        (status = 200, description = "It is gone", body = Answer<Nothing>, example = json!({"message": "Project deleted successfully"})),
        (status = 403, description = "The caller neither leads the project nor is an ADMIN", body = ErrorBody, examples(("not_admin_or_team_lead" = ()))),
        (status = 404, description = "Not in one of the caller's workspaces", body = ErrorBody, examples(("project_not_found" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn delete(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<ProjectId>,
) -> Result<Answer<Nothing>, Error> {
    queries::delete_project(&db, &caller, id).await?;
    Ok(Answer::done("Project deleted successfully", Nothing))
}

/// Who is in a project, longest-standing first
#[utoipa::path(
    get, path = "/api/projects/{projectId}/members", tag = "projects", operation_id = "listProjectMembers",
    params(("projectId" = ProjectId, Path), Paging),
    responses(
        (status = 200, description = "The members", body = Answer<Listing<ProjectMemberRow>>),
        (status = 404, description = "Not in one of the caller's workspaces", body = ErrorBody, examples(("project_not_accessible" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn members(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<ProjectId>,
    Query(paging): Query<Paging>,
) -> Result<Answer<Listing<ProjectMemberRow>>, Error> {
    Ok(Answer::of(
        queries::members_of_project(&db, &caller, id, paging).await?,
    ))
}

/// Add a member of the workspace to a project, as its team lead
#[utoipa::path(
    post, path = "/api/projects/{projectId}/add-member", tag = "projects", operation_id = "addProjectMember",
    params(("projectId" = ProjectId, Path)),
    request_body = AddProjectMember,
    responses(
        (status = 200, description = "The membership", body = Answer<NewProjectMember>, example = json!({"message": "Member added successfully"})),
        (status = 400, description = "Not in the workspace, or in the project already", body = ErrorBody, examples(("not_in_workspace" = ()), ("already_in_project" = ()))),
        (status = 403, description = "The caller does not lead the project", body = ErrorBody, examples(("not_team_lead" = ()))),
        (status = 404, description = "No such project among the caller's, or nobody has that address", body = ErrorBody, examples(("project_not_accessible" = ()), ("user_not_found" = ()))),
        (status = 429, description = "200 tries in a day with people outside the workspace", body = ErrorBody, examples(("too_many_additions" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn add_member(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<ProjectId>,
    Json(new): Json<AddProjectMember>,
) -> Result<Answer<NewProjectMember>, Error> {
    let member = queries::add_project_member(&db, &caller, id, new).await?;
    Ok(Answer::done("Member added successfully", member))
}

/// Take a member out of a project, as its team lead
#[utoipa::path(
    delete, path = "/api/projects/{projectId}/member/{userId}", tag = "projects", operation_id = "removeProjectMember",
    params(("projectId" = ProjectId, Path), ("userId" = UserId, Path, example = "user_chiara")),
    responses(
        (status = 200, description = "Not a member any more", body = Answer<RemovedProjectMember>, example = json!({"message": "Member removed successfully"})),
        (status = 400, description = "The team lead stays", body = ErrorBody, examples(("lead_stays" = ()))),
        (status = 403, description = "The caller does not lead the project", body = ErrorBody, examples(("not_team_lead" = ()))),
        (status = 404, description = "Not in one of the caller's workspaces", body = ErrorBody, examples(("project_not_accessible" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn remove_member(
    State(db): State<Database>,
    caller: Caller,
    Path((project_id, member_id)): Path<(ProjectId, UserId)>,
) -> Result<Answer<RemovedProjectMember>, Error> {
    let removed = queries::remove_project_member(&db, &caller, project_id, &member_id).await?;
    let message = if removed {
        "Member removed successfully"
    } else {
        "Member already removed"
    };
    Ok(Answer::done(
        message,
        RemovedProjectMember {
            project_id,
            member_id,
        },
    ))
}
