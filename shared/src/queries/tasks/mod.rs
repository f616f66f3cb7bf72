//! Tasks.

mod input;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::Timestamp;
use uuid::Uuid;

use super::kinds::{People, of_kinds, oldest_first, position};
use super::{one, permitted};
use crate::auth::Caller;
use crate::db::{Call, Database, Row};
use crate::input::{InputDate, Text};
use crate::model::{
    Comment, Nested, Priority, ProjectId, ProjectTask, Task, TaskId, TaskProject, TaskStatus,
    TaskType, TaskWithComments, User, UserId,
};
use crate::paging::{Listing, Page, Paging, Part};
use crate::{Error, quotas};

pub use input::{NewTask, TaskFilter, TaskPatch, TasksToDelete};

const CREATE: &str = concat!(
    include_str!("create.sql"),
    include_str!("select.sql"),
    include_str!("create_answer.sql")
);
const UPDATE: &str = concat!(
    include_str!("update.sql"),
    include_str!("select.sql"),
    include_str!("update_answer.sql")
);
const BY_ID: &str = concat!(include_str!("select.sql"), include_str!("by_id.sql"));
const OF_CALLER: &str = concat!(
    include_str!("select.sql"),
    include_str!("of_caller.sql"),
    include_str!("of_caller_page.sql")
);
const OF_CALLER_WITH_STATUS: &str = concat!(
    include_str!("select.sql"),
    include_str!("of_caller.sql"),
    include_str!("of_caller_with_status.sql"),
    include_str!("of_caller_page.sql")
);
const OF_PROJECT: &str = concat!(
    include_str!("of_project.sql"),
    include_str!("of_project_parts.sql")
);
const OF_PROJECT_WITH_STATUS: &str = concat!(
    include_str!("of_project.sql"),
    include_str!("of_project_with_status.sql"),
    include_str!("of_project_parts.sql")
);
/// The page size of a list that only comes in pages.
const DEFAULT_LIMIT: u8 = 50;

/// A task as it is after a change, and the promise that came with the change.
#[derive(Debug)]
pub struct Changed {
    /// The task.
    pub task: Task,
    /// The row of the outbox to publish, where something follows from the change.
    pub outbox_id: Option<Uuid>,
}

/// The tasks of a project with their comments, oldest first.
pub async fn tasks_of_project(
    db: &Database,
    caller: &Caller,
    project: ProjectId,
    filter: &TaskFilter,
    paging: Paging,
) -> Result<Listing<TaskWithComments>, Error> {
    let part: Part<(Timestamp, Uuid)> = paging.part(&format!("tasks of project {project}"))?;
    let (created, id) = part.after.unzip();
    let list = Call::new(filter.one_of(OF_PROJECT, OF_PROJECT_WITH_STATUS))
        .bind(caller.user_id.param())
        .bind(project.param())
        .bind(created)
        .bind(id)
        .bind(part.rows_to_read());
    let rows = db.rows(filter.bind_to(list)).await?;
    let [project, tasks, comments, people] =
        of_kinds(rows, ["project", "task", "comment", "person"])?;
    let project = one(&project, TaskProject::from_row, "project_not_found")?;
    let project = Nested::shared(&project);
    let people = People::from_rows(&people)?;
    let mut of_task: HashMap<Uuid, Vec<Comment>> = HashMap::new();
    for row in oldest_first(comments)? {
        let comment = Comment::by(people.of(&row)?.short(), &row)?;
        let of_task = of_task.entry(row.try_get("task_id")?);
        of_task.or_default().push(comment);
    }
    let item = |row: &Row| -> Result<TaskWithComments, Error> {
        let task = ProjectTask::given_to(people.of(row)?.user(), row)?;
        let comments = of_task.remove(&row.try_get("id")?).unwrap_or_default();
        Ok(Task::in_project(task, project.clone()).with_comments(comments))
    };
    part.listing(oldest_first(tasks)?, item, position)
}

/// A page of the tasks that are given to the caller, in all workspaces, by due date.
pub async fn tasks_of_caller(
    db: &Database,
    caller: &Caller,
    filter: &TaskFilter,
    paging: Paging,
) -> Result<Page<Task>, Error> {
    let list = format!("tasks of {}", caller.user_id.as_str());
    let part: Part<(Timestamp, Uuid)> = paging.page(&list, DEFAULT_LIMIT)?;
    let earliest = filter.due_after().map(|due| (due, Uuid::nil()));
    let (due, id) = part.after.max(earliest).unzip();
    let page = Call::new(filter.one_of(OF_CALLER, OF_CALLER_WITH_STATUS))
        .bind(caller.user_id.param())
        .bind(due)
        .bind(id)
        .bind(part.rows_to_read());
    let rows = db.rows(filter.bind_to(page)).await?;
    // Many share a project, and the caller is the assignee of them all: so each project has one of both.
    let mut of_project: HashMap<Uuid, (Nested<User>, Nested<TaskProject>)> = HashMap::new();
    let item = |row: &Row| -> Result<Task, tokio_postgres::Error> {
        let parts = match of_project.entry(row.try_get("project_id")?) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert((
                Nested::shared(&User::from_row(row)?),
                Nested::shared(&TaskProject::of_task(row)?),
            )),
        };
        let (assignee, project) = parts.clone();
        let task = ProjectTask::given_to(assignee, row)?;
        Ok(Task::in_project(task, project))
    };
    part.page_of(rows, item, |row| {
        Ok((row.try_get("due_date")?, row.try_get("id")?))
    })
}

/// A task, for who may read it.
pub async fn task(db: &Database, caller: &Caller, id: TaskId) -> Result<Task, Error> {
    one(
        &db.rows(by_id(caller, id)).await?,
        Task::from_row,
        "task_not_accessible",
    )
}

/// Makes a task with the id `id`, for who may lead the project; a repetition answers with the first one.
pub async fn create_task(
    db: &Database,
    caller: &Caller,
    id: Uuid,
    project: ProjectId,
    new: NewTask,
) -> Result<Changed, Error> {
    let create = Call::new(CREATE)
        .bind(caller.user_id.param())
        .bind(project.param())
        .bind(id)
        .bind(new.title.into_string())
        .bind(new.description.map(Text::into_string))
        .bind(new.status.unwrap_or(TaskStatus::Todo).as_str())
        .bind(new.task_type.unwrap_or(TaskType::Task).as_str())
        .bind(new.priority.unwrap_or(Priority::Medium).as_str())
        .bind(new.assignee_id.param())
        .bind(new.due_date.0)
        .bind(Uuid::now_v7())
        .bind(quotas::WRITINGS)
        .bind(quotas::FOLLOW_UPS);
    changed(&db.rows(create).await?)
}

/// Changes a task, for its assignee or who may lead the project.
pub async fn update_task(
    db: &Database,
    caller: &Caller,
    id: TaskId,
    patch: TaskPatch,
) -> Result<Changed, Error> {
    let update = Call::new(UPDATE)
        .bind(caller.user_id.param())
        .bind(id.param())
        .bind(patch.title.map(Text::into_string))
        .bind(patch.description.is_some())
        .bind(patch.description.flatten().map(Text::into_string))
        .bind(patch.status.map(TaskStatus::as_str))
        .bind(patch.task_type.map(TaskType::as_str))
        .bind(patch.priority.map(Priority::as_str))
        .bind(patch.assignee_id.as_ref().map(UserId::param))
        .bind(patch.due_date.map(|InputDate(at)| at))
        .bind(Uuid::now_v7())
        .bind(quotas::FOLLOW_UPS);
    changed(&db.rows(update).await?)
}

/// Deletes a task, for who may lead its project.
pub async fn delete_task(db: &Database, caller: &Caller, id: TaskId) -> Result<(), Error> {
    let delete = Call::new(include_str!("delete.sql"))
        .bind(caller.user_id.param())
        .bind(id.param());
    permitted(&db.rows(delete).await?).map(drop)
}

/// Deletes tasks of one project, all or none, for who may lead it. Answers how many there were.
pub async fn delete_tasks(
    db: &Database,
    caller: &Caller,
    tasks: TasksToDelete,
) -> Result<usize, Error> {
    let ids: Vec<Uuid> = tasks.task_ids.into_iter().map(TaskId::param).collect();
    let count = ids.len();
    let delete = Call::new(include_str!("delete_many.sql"))
        .bind(caller.user_id.param())
        .bind(ids);
    permitted(&db.rows(delete).await?)?;
    Ok(count)
}

fn changed(rows: &[Row]) -> Result<Changed, Error> {
    let row = permitted(rows)?;
    Ok(Changed {
        task: Task::from_row(row)?,
        outbox_id: row.try_get("outbox_id")?,
    })
}

fn by_id(caller: &Caller, id: TaskId) -> Call {
    Call::new(BY_ID)
        .bind(caller.user_id.param())
        .bind(id.param())
}
