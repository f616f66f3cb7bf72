//! Workspaces and who is in them.

use serde::Serialize;
use tokio_postgres::Error;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{User, UserId, WorkspaceId, WorkspaceRole};
use crate::db::Row;

/// A workspace, as one of its members sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Workspace {
    /// The Clerk organization's id where it came from Clerk.
    pub id: WorkspaceId,
    #[schema(example = "Harbor Studio")]
    name: String,
    /// For display; not unique.
    #[schema(example = "harbor-studio")]
    slug: String,
    /// Empty where there is none.
    #[schema(example = "")]
    image_url: String,
    /// The caller's role.
    role: WorkspaceRole,
    owner: Owner,
}

/// Who may delete the workspace.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Owner {
    id: UserId,
    #[schema(example = "Ada Okafor")]
    name: String,
    /// Empty where there is none.
    #[schema(example = "ada@example.com")]
    email: String,
    /// Empty where there is none.
    #[schema(example = "https://api.dicebear.com/9.x/initials/svg?seed=Ada+Okafor")]
    image_url: String,
}

/// A workspace with what only its own page shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkspaceDetails {
    #[serde(flatten)]
    workspace: Workspace,
    #[schema(required, example = "Design and web work for clients on the coast.")]
    description: Option<String>,
    settings: Settings,
}

/// How a workspace works.
#[derive(Debug, Serialize, ToSchema)]
pub struct Settings {
    /// IANA name of the time zone due dates are shown in and reminded at.
    #[schema(example = "Europe/Berlin")]
    timezone: String,
    /// When a due date without a time of day reminds, `HH:MM` in that zone.
    #[schema(example = "09:00")]
    reminder_time: String,
    /// Whether an ADMIN has the team lead's rights on every project.
    #[schema(example = false)]
    admins_manage_projects: bool,
}

/// Someone in a workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkspaceMember {
    #[serde(flatten)]
    user: User,
    role: WorkspaceRole,
}

/// A membership that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01936f2e-8a50-7c3e-9b1a-5d0f3c6a7b25",
    "userId": "user_elif",
    "workspaceId": "org_harbor",
    "role": "MEMBER",
    "message": "Welcome aboard",
    "user": {
        "id": "user_elif",
        "name": "Elif Yıldız",
        "email": "elif@example.com",
        "image": "https://api.dicebear.com/9.x/initials/svg?seed=Elif",
    },
}))]
pub struct NewWorkspaceMember {
    /// The membership's own id.
    id: Uuid,
    user_id: UserId,
    workspace_id: WorkspaceId,
    role: WorkspaceRole,
    /// What the ADMIN wrote to the new member.
    message: String,
    user: User,
}

impl Workspace {
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        let owner = User::from_row(row)?;
        Ok(Self {
            id: WorkspaceId::from(row.try_get::<String>("id")?),
            name: row.try_get("name")?,
            slug: row.try_get("slug")?,
            image_url: row.try_get("image_url")?,
            role: row.try_get("role")?,
            owner: Owner {
                id: owner.id,
                name: owner.name,
                email: owner.email,
                image_url: owner.image,
            },
        })
    }
}

impl WorkspaceDetails {
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            workspace: Workspace::from_row(row)?,
            description: row.try_get("description")?,
            settings: Settings {
                timezone: row.try_get("timezone")?,
                reminder_time: row.try_get("reminder_time")?,
                admins_manage_projects: row.try_get("admins_manage_projects")?,
            },
        })
    }
}

impl WorkspaceMember {
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            user: User::from_row(row)?,
            role: row.try_get("role")?,
        })
    }
}

impl NewWorkspaceMember {
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        let user = User::from_row(row)?;
        Ok(Self {
            id: row.try_get("id")?,
            user_id: user.id.clone(),
            workspace_id: WorkspaceId::from(row.try_get::<String>("workspace_id")?),
            role: row.try_get("role")?,
            message: row.try_get("message")?,
            user,
        })
    }
}
