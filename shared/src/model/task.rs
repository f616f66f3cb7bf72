//! Tasks.

use serde::Serialize;
use tokio_postgres::Error;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Comment, Nested, Priority, ProjectId, ProjectStatus, ProjectTask, UserId, WorkspaceId,
};
use crate::db::Row;

/// A task with its project.
#[derive(Debug, Serialize, ToSchema)]
pub struct Task {
    #[serde(flatten)]
    task: ProjectTask,
    #[schema(value_type = TaskProject)]
    project: Nested<TaskProject>,
}

/// The project of a task.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskProject {
    id: ProjectId,
    #[schema(example = "Ferry line website")]
    name: String,
    status: ProjectStatus,
    priority: Priority,
    /// Who leads it.
    team_lead: UserId,
    #[serde(rename = "workspaceId")]
    workspace_id: WorkspaceId,
}

/// A task with its project and all of its comments.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskWithComments {
    #[serde(flatten)]
    task: Task,
    /// Oldest first.
    comments: Vec<Comment>,
}

impl Task {
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            task: ProjectTask::from_row(row)?,
            project: Nested::Own(TaskProject::of_task(row)?),
        })
    }

    /// A task of a project that many tasks of an answer are in.
    pub(crate) fn in_project(task: ProjectTask, project: Nested<TaskProject>) -> Self {
        Self { task, project }
    }

    /// The task with its comments.
    pub(crate) fn with_comments(self, comments: Vec<Comment>) -> TaskWithComments {
        TaskWithComments {
            task: self,
            comments,
        }
    }
}

impl TaskProject {
    /// From the row of a task.
    pub(crate) fn of_task(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: ProjectId::from(row.try_get::<Uuid>("project_id")?),
            name: row.try_get("project_name")?,
            status: row.try_get("project_status")?,
            priority: row.try_get("project_priority")?,
            team_lead: UserId::from(row.try_get::<String>("project_team_lead")?),
            workspace_id: WorkspaceId::from(row.try_get::<String>("workspace_id")?),
        })
    }

    /// From the project's own row.
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: ProjectId::from(row.try_get::<Uuid>("id")?),
            name: row.try_get("name")?,
            status: row.try_get("status")?,
            priority: row.try_get("priority")?,
            team_lead: UserId::from(row.try_get::<String>("user_id")?),
            workspace_id: WorkspaceId::from(row.try_get::<String>("workspace_id")?),
        })
    }
}
