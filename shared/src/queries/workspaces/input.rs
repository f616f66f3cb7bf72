//! What clients send about workspaces.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::Error;
use crate::http::{RequestBody, read_json};
use crate::input::{
    Description, ImageUrl, Name, SettingsPatch, Slug, Text, given, nullable, object,
};
use crate::model::{WorkspaceId, WorkspaceRole};

/// A workspace to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"name": "Lighthouse Museum", "slug": "lighthouse-museum", "description": "Exhibitions, and the shop"}))]
pub struct NewWorkspace {
    /// What it is called.
    pub name: Name,
    /// Made from the name where it is left out.
    pub slug: Option<Slug>,
    /// What it is for.
    pub description: Option<Description>,
    /// The address of its picture.
    pub image_url: Option<ImageUrl>,
}

/// What to change of a workspace; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"settings": {"timezone": "Europe/Berlin", "reminder_time": "09:00"}}))]
pub struct WorkspacePatch {
    /// What it is called.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub name: Option<Name>,
    /// For display.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub slug: Option<Slug>,
    /// What it is for; `null` clears it.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Description>)]
    pub description: Option<Option<Description>>,
    /// The address of its picture; empty or `null` for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<ImageUrl>)]
    pub image_url: Option<Option<ImageUrl>>,
    /// How it works.
    #[serde(default, deserialize_with = "object")]
    #[schema(nullable = false)]
    pub settings: Option<SettingsPatch>,
}

/// Whom to add to which workspace.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"email": "elif@example.com", "role": "MEMBER", "workspaceId": "org_harbor", "message": "Welcome aboard"}))]
pub struct AddWorkspaceMember {
    /// The verified address of a user; case does not matter.
    pub email: Text<1, 320>,
    /// What the new member may do.
    pub role: WorkspaceRole,
    /// Where to.
    #[serde(rename = "workspaceId")]
    pub workspace_id: WorkspaceId,
    /// A word to the new member.
    pub message: Option<Description>,
}

/// A member's new role.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"role": "ADMIN"}))]
pub struct WorkspaceMemberPatch {
    /// What the member may do from now on.
    pub role: WorkspaceRole,
}

impl RequestBody for NewWorkspace {
    fn from_json(text: &str) -> Result<Self, Error> {
        read_json(text, &[])
    }
}

impl RequestBody for WorkspacePatch {
    fn from_json(text: &str) -> Result<Self, Error> {
        read_json(text, &[])
    }
}

impl RequestBody for AddWorkspaceMember {
    fn from_json(text: &str) -> Result<Self, Error> {
        read_json(text, &[])
    }
}

impl RequestBody for WorkspaceMemberPatch {
    fn from_json(text: &str) -> Result<Self, Error> {
        read_json(text, &[])
    }
}
