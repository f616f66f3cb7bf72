//! A task as it is now: what the worker and the reminders decide by, whatever their message was sent for. They act for
//! nobody in particular, so that there is no caller whose rights these statements could check.

use jiff::Timestamp;
use jiff::civil::Time;
use uuid::Uuid;

use crate::Error;
use crate::db::{Call, Database, Row};
use crate::mail::{MailKind, TaskMail, TaskUrl};
use crate::model::{Priority, ProjectId, TaskId, UserId, WorkspaceId};
use crate::reminders::{Facts, remind_at};

const OF_PROMISE: &str = concat!(include_str!("select.sql"), include_str!("of_promise.sql"));
const BY_ID: &str = concat!(include_str!("select.sql"), include_str!("by_id.sql"));

/// A task as it is now.
#[derive(Debug)]
pub struct TaskNow {
    /// The task.
    pub id: TaskId,
    /// Whether there is nothing left to do.
    pub done: bool,
    /// Whose task it is.
    pub assignee: UserId,
    /// The number of the assignment: grows with each new assignee.
    pub assignment: i32,
    /// Whether the assignee took the task themselves.
    pub self_assigned: bool,
    /// The assignee's address, if mail may go there: they are in the workspace and own it.
    pub address: Option<String>,
    /// When it is due.
    pub due_date: Timestamp,
    /// When the due date got its present value, or the workspace's settings moved its reminder.
    pub due_set_at: Timestamp,
    /// Whether the project is completed or cancelled.
    pub project_over: bool,
    /// When the reminder is due.
    pub remind_at: Timestamp,
    content: Content,
}

/// What only the mail says.
#[derive(Debug)]
struct Content {
    title: String,
    description: Option<String>,
    priority: Priority,
    project: ProjectId,
    project_name: String,
    workspace: WorkspaceId,
    workspace_name: String,
    timezone: String,
    assignee_name: String,
}

/// A row of the outbox, and what it is about.
#[derive(Debug)]
pub struct Promise {
    /// When the row was written.
    pub made_at: Timestamp,
    /// The task, unless it is gone.
    pub task: Option<TaskNow>,
}

/// What a row of the outbox promises; nothing if the promise was kept already.
pub async fn promise(db: &Database, outbox_id: Uuid) -> Result<Option<Promise>, Error> {
    let rows = db.rows(Call::new(OF_PROMISE).bind(outbox_id)).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let exists = row.try_get::<Option<Uuid>>("id")?.is_some();
    Ok(Some(Promise {
        made_at: row.try_get("promised_at")?,
        task: exists.then(|| TaskNow::from_row(row)).transpose()?,
    }))
}

/// A task, unless it is gone.
pub async fn task(db: &Database, id: TaskId) -> Result<Option<TaskNow>, Error> {
    let rows = db.rows(Call::new(BY_ID).bind(id.param())).await?;
    rows.first().map(TaskNow::from_row).transpose()
}

impl TaskNow {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let due_date = row.try_get("due_date")?;
        let timezone: String = row.try_get("timezone")?;
        let reminder_time: Time = row.try_get("reminder_time")?;
        Ok(Self {
            id: TaskId::from(row.try_get::<Uuid>("id")?),
            done: row.try_get("done")?,
            assignee: UserId::from(row.try_get::<String>("assignee_id")?),
            assignment: row.try_get("assignment")?,
            self_assigned: row.try_get("self_assigned")?,
            address: row.try_get("address")?,
            due_date,
            due_set_at: row.try_get("due_set_at")?,
            project_over: row.try_get("project_over")?,
            remind_at: remind_at(due_date, &timezone, reminder_time),
            content: Content {
                title: row.try_get("title")?,
                description: row.try_get("description")?,
                priority: row.try_get("priority")?,
                project: ProjectId::from(row.try_get::<Uuid>("project_id")?),
                project_name: row.try_get("project_name")?,
                workspace: WorkspaceId::from(row.try_get::<String>("workspace_id")?),
                workspace_name: row.try_get("workspace_name")?,
                timezone,
                assignee_name: row.try_get("assignee_name")?,
            },
        })
    }

    /// What its reminder depends on.
    pub fn reminder_facts(&self) -> Facts<'_> {
        Facts {
            done: self.done,
            project_over: self.project_over,
            due_set_at: self.due_set_at,
            remind_at: self.remind_at,
            address: self.address.as_deref(),
        }
    }

    /// What the assignee is told about it.
    pub fn mail(&self, kind: MailKind, urls: &TaskUrl) -> TaskMail {
        let content = &self.content;
        TaskMail {
            kind,
            task_title: content.title.clone(),
            task_description: content.description.clone(),
            project_name: content.project_name.clone(),
            workspace_name: content.workspace_name.clone(),
            priority: content.priority,
            due_date: self.due_date,
            timezone: content.timezone.clone(),
            task_url: urls.url(&content.workspace, content.project, self.id),
            recipient_name: content.assignee_name.clone(),
        }
    }
}
