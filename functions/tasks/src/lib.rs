//! Tasks: `/api/tasks`.

use std::sync::Arc;

use axum::extract::{FromRef, State};
use shared::auth::{Caller, Verifier};
use shared::db::Database;
use shared::http::{Answer, Created, ErrorBody, Json, Nothing, Path, Query};
use shared::idempotency::IdempotencyKey;
use shared::model::{ProjectId, Task, TaskId, TaskWithComments};
use shared::outbox::Outbox;
use shared::paging::{Listing, Page, Paging};
use shared::queries::tasks::{self as queries, NewTask, TaskFilter, TaskPatch, TasksToDelete};
use shared::{App, Error};

/// What the handlers work with.
#[derive(Clone, Debug)]
pub struct Tasks {
    /// As every endpoint group.
    pub app: App,
    /// Publishes what follows from a change.
    pub outbox: Outbox,
}

impl FromRef<Tasks> for Database {
    fn from_ref(tasks: &Tasks) -> Self {
        tasks.app.db.clone()
    }
}

impl FromRef<Tasks> for Arc<Verifier> {
    fn from_ref(tasks: &Tasks) -> Self {
        Arc::clone(&tasks.app.verifier)
    }
}

impl FromRef<Tasks> for Outbox {
    fn from_ref(tasks: &Tasks) -> Self {
        tasks.outbox.clone()
    }
}

shared::routes!(Tasks: list, create, delete_many, mine, get, update, replace, delete);

/// The tasks of a project with their comments, oldest first
#[utoipa::path(
    get, path = "/api/tasks/project/{projectId}/tasks", tag = "tasks", operation_id = "listTasks",
    params(("projectId" = ProjectId, Path), TaskFilter, Paging),
    responses(
        (status = 200, description = "The tasks", body = Answer<Listing<TaskWithComments>>),
        (status = 404, description = "Not in one of the caller's workspaces", body = ErrorBody, examples(("project_not_found" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn list(
    State(db): State<Database>,
    caller: Caller,
    Path(project): Path<ProjectId>,
    Query(filter): Query<TaskFilter>,
    Query(paging): Query<Paging>,
) -> Result<Answer<Listing<TaskWithComments>>, Error> {
    Ok(Answer::of(
        queries::tasks_of_project(&db, &caller, project, &filter, paging).await?,
    ))
}

/// Make a task and give it to someone in the project, as the team lead
#[utoipa::path(
    post, path = "/api/tasks/project/{projectId}/tasks", tag = "tasks", operation_id = "createTask",
    params(
        ("projectId" = ProjectId, Path),
        IdempotencyKey,
    ),
    request_body = NewTask,
    responses(
        (status = 201, description = "The task", body = Answer<Task>, example = json!({"message": "Task created successfully", "data": {"id": "01936f2e-8a50-7c3e-9b1a-5d0f3c6a7b23", "title": "Show delays in the timetable", "description": null, "type": "FEATURE", "status": "TODO", "priority": "HIGH", "assigneeId": "user_bruno", "due_date": "2027-03-01T09:30:00.000Z", "assignee": {"id": "user_bruno", "name": "Bruno Keller", "email": "bruno@example.com", "image": "https://api.dicebear.com/9.x/initials/svg?seed=Bruno+Keller"}}})),
        (status = 400, description = "The input is wrong, or the assignee is not in the project", body = ErrorBody, examples(("assignee_not_in_project" = ()))),
        (status = 403, description = "The caller does not lead the project", body = ErrorBody, examples(("not_team_lead" = ()))),
        (status = 404, description = "Not in one of the caller's workspaces", body = ErrorBody, examples(("project_not_found" = ()))),
        (status = 429, description = "2,000 projects, tasks and comments in a day", body = ErrorBody, examples(("too_many_tasks" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn create(
    State(db): State<Database>,
    State(outbox): State<Outbox>,
    caller: Caller,
    key: IdempotencyKey,
    Path(project): Path<ProjectId>,
    Json(new): Json<NewTask>,
) -> Result<Created<Task>, Error> {
    let id = key.new_id(&caller, "task", &project.to_string());
    let created = queries::create_task(&db, &caller, id, project, new).await?;
    outbox.publish(created.outbox_id).await;
    Ok(Created::new("Task created successfully", created.task))
}

/// The caller's tasks in all workspaces, by due date
#[utoipa::path(
    get, path = "/api/tasks/mine", tag = "tasks", operation_id = "listMyTasks", params(TaskFilter, Paging),
    responses(
        (status = 200, description = "A page of the tasks", body = Answer<Page<Task>>),
    ),
    security(("sessionToken" = [])),
)]
async fn mine(
    State(db): State<Database>,
    caller: Caller,
    Query(filter): Query<TaskFilter>,
    Query(paging): Query<Paging>,
) -> Result<Answer<Page<Task>>, Error> {
    Ok(Answer::of(
        queries::tasks_of_caller(&db, &caller, &filter, paging).await?,
    ))
}

/// A task
#[utoipa::path(
    get, path = "/api/tasks/{taskId}", tag = "tasks", operation_id = "getTask",
    params(("taskId" = TaskId, Path)),
    responses(
        (status = 200, description = "The task", body = Answer<Task>),
        (status = 404, description = "Not one the caller may read", body = ErrorBody, examples(("task_not_accessible" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn get(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<TaskId>,
) -> Result<Answer<Task>, Error> {
    Ok(Answer::of(queries::task(&db, &caller, id).await?))
}

/// Change a task, as its assignee or the team lead
#[utoipa::path(
    patch, path = "/api/tasks/{taskId}", tag = "tasks", operation_id = "updateTask",
    params(("taskId" = TaskId, Path)),
    request_body = TaskPatch,
    responses(
        (status = 200, description = "The task", body = Answer<Task>, example = json!({"message": "Task updated successfully", "data": {"status": "DONE"}})),
        (status = 400, description = "The input is wrong, or the assignee is not in the project", body = ErrorBody, examples(("assignee_not_in_project" = ()))),
        (status = 403, description = "The caller may not change the task, or not give it to someone else", body = ErrorBody, examples(("not_task_editor" = ()), ("not_team_lead" = ()))),
        (status = 404, description = "Not in one of the caller's workspaces", body = ErrorBody, examples(("task_not_found" = ()))),
        (status = 429, description = "2,000 tasks given out, put off or reopened in a day", body = ErrorBody, examples(("too_many_follow_ups" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn update(
    State(db): State<Database>,
    State(outbox): State<Outbox>,
    caller: Caller,
    Path(id): Path<TaskId>,
    Json(patch): Json<TaskPatch>,
) -> Result<Answer<Task>, Error> {
    let updated = queries::update_task(&db, &caller, id, patch).await?;
    outbox.publish(updated.outbox_id).await;
    Ok(Answer::done("Task updated successfully", updated.task))
}

/// The same as PATCH: what is left out stays
#[utoipa::path(
    put, path = "/api/tasks/{taskId}", tag = "tasks", operation_id = "putTask",
    params(("taskId" = TaskId, Path)),
    request_body = TaskPatch,
    responses(
        (status = 200, description = "The task", body = Answer<Task>, example = json!({"message": "Task updated successfully", "data": {"status": "DONE"}})),
        (status = 400, description = "The input is wrong, or the assignee is not in the project", body = ErrorBody, examples(("assignee_not_in_project" = ()))),
        (status = 403, description = "The caller may not change the task, or not give it to someone else", body = ErrorBody, examples(("not_task_editor" = ()), ("not_team_lead" = ()))),
        (status = 404, description = "Not in one of the caller's workspaces", body = ErrorBody, examples(("task_not_found" = ()))),
        (status = 429, description = "2,000 tasks given out, put off or reopened in a day", body = ErrorBody, examples(("too_many_follow_ups" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn replace(
    db: State<Database>,
    outbox: State<Outbox>,
    caller: Caller,
    id: Path<TaskId>,
    patch: Json<TaskPatch>,
) -> Result<Answer<Task>, Error> {
    update(db, outbox, caller, id, patch).await
}

/// Delete a task, as the team lead
#[utoipa::path(
    delete, path = "/api/tasks/{taskId}", tag = "tasks", operation_id = "deleteTask",
    params(("taskId" = TaskId, Path)),
    responses(
        (status = 200, description = "It is gone", body = Answer<Nothing>, example = json!({"message": "1 tasks deleted successfully"})),
        (status = 403, description = "The caller does not lead the project", body = ErrorBody, examples(("not_team_lead" = ()))),
        (status = 404, description = "Not in one of the caller's workspaces", body = ErrorBody, examples(("task_not_found" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn delete(
    State(db): State<Database>,
    caller: Caller,
    Path(id): Path<TaskId>,
) -> Result<Answer<Nothing>, Error> {
    queries::delete_task(&db, &caller, id).await?;
    Ok(deleted(1))
}

/// Delete tasks of one project, all or none, as the team lead
#[utoipa::path(
    delete, path = "/api/tasks", tag = "tasks", operation_id = "deleteTasks",
    request_body = TasksToDelete,
    responses(
        (status = 200, description = "They are gone", body = Answer<Nothing>, example = json!({"message": "2 tasks deleted successfully"})),
        (status = 400, description = "The input is wrong, or the tasks are of several projects", body = ErrorBody, examples(("several_projects" = ()))),
        (status = 403, description = "The caller does not lead the project", body = ErrorBody, examples(("not_team_lead" = ()))),
        (status = 404, description = "Some are not in one of the caller's workspaces", body = ErrorBody, examples(("some_tasks_not_found" = ()))),
    ),
    security(("sessionToken" = [])),
)]
async fn delete_many(
    State(db): State<Database>,
    caller: Caller,
    Json(tasks): Json<TasksToDelete>,
) -> Result<Answer<Nothing>, Error> {
    Ok(deleted(queries::delete_tasks(&db, &caller, tasks).await?))
}

fn deleted(count: usize) -> Answer<Nothing> {
    Answer::done(format!("{count} tasks deleted successfully"), Nothing)
}
