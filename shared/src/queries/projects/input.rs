//! What clients send about projects.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use utoipa::ToSchema;

use crate::Error;
use crate::http::{RequestBody, read_json};
use crate::input::{
    Description, EmailLookup, InputDate, Name, Progress, Text, given, nullable, optional_date,
    patched_date, too_many,
};
use crate::model::{Priority, ProjectStatus, WorkspaceId};

/// How many members a project can be made with; more are added one by one.
const MOST_MEMBERS: usize = 100;

const ENUM_MESSAGES: &[(&str, &str)] = &[
    ("status", "Invalid status value"),
    ("priority", "Invalid priority value"),
];

/// A project to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"name": "Winter timetable", "status": "PLANNING", "start_date": "2027-01-11T00:00:00Z", "end_date": "2027-06-30T00:00:00Z", "team_lead": "ada@example.com"}))]
pub struct NewProject {
    /// What it is called.
    pub name: Name,
    /// What it is about.
    pub description: Option<Description>,
    /// `ACTIVE` where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub status: Option<ProjectStatus>,
    /// `MEDIUM` where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub priority: Option<Priority>,
    /// 0 where it is left out; rounded and clamped to 0–100.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub progress: Option<Progress>,
    /// When it starts; empty for none.
    #[serde(default, deserialize_with = "optional_date")]
    pub start_date: Option<InputDate>,
    /// When it ends, not before it starts; empty for none.
    #[serde(default, deserialize_with = "optional_date")]
    pub end_date: Option<InputDate>,
    /// The address of who leads it, a member of the workspace.
    pub team_lead: EmailLookup,
    /// The addresses of who else is in it, members of the workspace.
    #[serde(default, deserialize_with = "addresses")]
    #[schema(max_items = 100)]
    pub team_members: Vec<Text<1, 320>>,
}

/// A project to be made, where the path does not name the workspace.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"workspaceId": "org_harbor", "name": "Winter timetable", "status": "PLANNING", "start_date": "2027-01-11T00:00:00Z", "end_date": "2027-06-30T00:00:00Z", "team_lead": "ada@example.com"}))]
pub struct NewProjectInWorkspace {
    /// The workspace it belongs to.
    #[serde(rename = "workspaceId")]
    pub workspace_id: WorkspaceId,
    /// The project.
    #[serde(flatten)]
    pub project: NewProject,
}

/// What to change of a project; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"status": "ON_HOLD", "progress": 60, "end_date": null}))]
pub struct ProjectPatch {
    /// What it is called.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub name: Option<Name>,
    /// What it is about; `null` clears it.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Description>)]
    pub description: Option<Option<Description>>,
    /// Where it stands.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub status: Option<ProjectStatus>,
    /// How urgent it is.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub priority: Option<Priority>,
    /// How far it is; rounded and clamped to 0–100.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub progress: Option<Progress>,
    /// When it starts; `null` or empty for none.
    #[serde(default, deserialize_with = "patched_date")]
    #[schema(value_type = Option<InputDate>)]
    pub start_date: Option<Option<InputDate>>,
    /// When it ends; `null` or empty for none.
    #[serde(default, deserialize_with = "patched_date")]
    #[schema(value_type = Option<InputDate>)]
    pub end_date: Option<Option<InputDate>>,
    /// The address of who leads it from now on, one of its members.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub team_lead: Option<EmailLookup>,
}

/// Whom to add to a project.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"email": "dmitri@example.com"}))]
pub struct AddProjectMember {
    /// The verified address of a member of the workspace; case does not matter.
    pub email: Text<1, 320>,
}

impl RequestBody for NewProject {
    fn from_json(text: &str) -> Result<Self, Error> {
        let new: Self = read_json(text, ENUM_MESSAGES)?;
        must_not_end_before_start(new.start_date, new.end_date)?;
        Ok(new)
    }
}

impl RequestBody for NewProjectInWorkspace {
    /// In two readings, since a flattened field would no longer be known by its name in errors.
    fn from_json(text: &str) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct InWorkspace {
            #[serde(rename = "workspaceId")]
            workspace_id: WorkspaceId,
        }
        let InWorkspace { workspace_id } = read_json(text, &[])?;
        Ok(Self {
            workspace_id,
            project: NewProject::from_json(text)?,
        })
    }
}

impl RequestBody for ProjectPatch {
    fn from_json(text: &str) -> Result<Self, Error> {
        let patch: Self = read_json(text, ENUM_MESSAGES)?;
        must_not_end_before_start(patch.start_date.flatten(), patch.end_date.flatten())?;
        Ok(patch)
    }
}

impl RequestBody for AddProjectMember {
    fn from_json(text: &str) -> Result<Self, Error> {
        read_json(text, &[])
    }
}

impl ProjectPatch {
    /// Whether it names a new lead and nothing else, which an ADMIN may do who does not lead the project.
    pub(super) fn only_hands_over(&self) -> bool {
        let Self {
            name,
            description,
            status,
            priority,
            progress,
            start_date,
            end_date,
            team_lead,
        } = self;
        team_lead.is_some()
            && name.is_none()
            && description.is_none()
            && status.is_none()
            && priority.is_none()
            && progress.is_none()
            && start_date.is_none()
            && end_date.is_none()
    }
}

fn must_not_end_before_start(
    start: Option<InputDate>,
    end: Option<InputDate>,
) -> Result<(), Error> {
    match (start, end) {
        (Some(start), Some(end)) if end < start => {
            Err(Error::invalid("end_date", "must not be before start_date"))
        }
        _ => Ok(()),
    }
}

fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Text<1, 320>>, D::Error> {
    let addresses = Vec::<Text<1, 320>>::deserialize(deserializer)?;
    if addresses.len() > MOST_MEMBERS {
        return Err(D::Error::custom(too_many(MOST_MEMBERS, "items")));
    }
    Ok(addresses)
}
