//! Projects and who is in them.

use serde::Serialize;
use tokio_postgres::Error;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Nested, Priority, ProjectId, ProjectStatus, TaskId, TaskStatus, TaskType, Time, User, UserId,
    WorkspaceId,
};
use crate::db::Row;

/// A project with its members and tasks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Project {
    /// The project's id.
    pub id: ProjectId,
    #[schema(example = "Ferry line website")]
    name: String,
    #[schema(
        required,
        example = "New site with timetables and ticket sales for the ferry line."
    )]
    description: Option<String>,
    status: ProjectStatus,
    priority: Priority,
    /// How far it is, in percent.
    #[schema(minimum = 0, maximum = 100, example = 55)]
    progress: i32,
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2026-10-14T00:00:00.000Z")]
    start_date: Option<Time>,
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2026-12-18T00:00:00.000Z")]
    end_date: Option<Time>,
    /// Who leads it.
    team_lead: UserId,
    #[serde(rename = "workspaceId")]
    workspace_id: WorkspaceId,
    #[serde(rename = "createdAt")]
    created_at: Time,
    #[serde(rename = "updatedAt")]
    updated_at: Time,
    /// The team lead, as a person.
    #[schema(value_type = User)]
    owner: Nested<User>,
    /// Who is in it.
    pub members: Vec<ProjectMember>,
    /// Its tasks, oldest first.
    pub tasks: Vec<ProjectTask>,
}

/// Someone in a project.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectMember {
    /// The membership's own id.
    #[schema(example = "0c000000-0000-7000-8000-000000000001")]
    id: Uuid,
    #[schema(value_type = User)]
    user: Nested<User>,
}

/// Someone in a project, with the ids.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectMemberRow {
    /// The membership's own id.
    #[schema(example = "0c000000-0000-7000-8000-000000000001")]
    id: Uuid,
    project_id: ProjectId,
    user_id: UserId,
    #[schema(value_type = User)]
    user: Nested<User>,
}

/// Someone who was just added to a project.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "userId": "user_dmitri",
    "projectId": "0b000000-0000-7000-8000-000000000001",
    "newMember": {
        "id": "01936f2e-8a50-7c3e-9b1a-5d0f3c6a7b24",
        "user": {"id": "user_dmitri", "name": "Dmitri Volkov", "email": "dmitri@example.com", "image": ""},
    },
}))]
pub struct NewProjectMember {
    user_id: UserId,
    project_id: ProjectId,
    new_member: ProjectMember,
}

/// Who was taken out of which project.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemovedProjectMember {
    /// The project.
    pub project_id: ProjectId,
    /// The user.
    #[schema(example = "user_chiara")]
    pub member_id: UserId,
}

/// A task, inside its project.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectTask {
    id: TaskId,
    #[serde(rename = "projectId")]
    project_id: ProjectId,
    #[schema(example = "Pages must load within two seconds")]
    title: String,
    #[schema(required, example = "Measured on a slow mobile network.")]
    description: Option<String>,
    status: TaskStatus,
    #[serde(rename = "type")]
    task_type: TaskType,
    priority: Priority,
    #[serde(rename = "assigneeId")]
    assignee_id: UserId,
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T00:00:00.000Z")]
    due_date: Time,
    #[serde(rename = "createdAt")]
    created_at: Time,
    #[serde(rename = "updatedAt")]
    updated_at: Time,
    #[schema(value_type = User)]
    assignee: Nested<User>,
}

impl Project {
    /// Without members and tasks.
    pub(crate) fn led_by(owner: Nested<User>, row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: ProjectId::from(row.try_get::<Uuid>("id")?),
            name: row.try_get("name")?,
            description: row.try_get("description")?,
            status: row.try_get("status")?,
            priority: row.try_get("priority")?,
            progress: row.try_get("progress")?,
            start_date: row.try_get("start_date")?,
            end_date: row.try_get("end_date")?,
            team_lead: UserId::from(row.try_get::<String>("user_id")?),
            workspace_id: WorkspaceId::from(row.try_get::<String>("workspace_id")?),
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
            owner,
            members: Vec::new(),
            tasks: Vec::new(),
        })
    }
}

impl ProjectMember {
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        Self::who_is(Nested::Own(User::from_row(row)?), row)
    }

    /// The person apart.
    pub(crate) fn who_is(user: Nested<User>, row: &Row) -> Result<Self, Error> {
        let id = row.try_get("id")?;
        Ok(Self { id, user })
    }
}

impl ProjectMemberRow {
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        let ProjectMember { id, user } = ProjectMember::from_row(row)?;
        Ok(Self {
            id,
            project_id: ProjectId::from(row.try_get::<Uuid>("project_id")?),
            user_id: UserId::from(row.try_get::<String>("user_id")?),
            user,
        })
    }
}

impl NewProjectMember {
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        let ProjectMemberRow {
            id,
            project_id,
            user_id,
            user,
        } = ProjectMemberRow::from_row(row)?;
        Ok(Self {
            user_id,
            project_id,
            new_member: ProjectMember { id, user },
        })
    }
}

impl ProjectTask {
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        Self::given_to(Nested::Own(User::from_row(row)?), row)
    }

    /// The assignee apart.
    pub(crate) fn given_to(assignee: Nested<User>, row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: TaskId::from(row.try_get::<Uuid>("id")?),
            project_id: ProjectId::from(row.try_get::<Uuid>("project_id")?),
            title: row.try_get("title")?,
            description: row.try_get("description")?,
            status: row.try_get("status")?,
            task_type: row.try_get("type")?,
            priority: row.try_get("priority")?,
            assignee_id: UserId::from(row.try_get::<String>("user_id")?),
            due_date: row.try_get("due_date")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
            assignee,
        })
    }
}
