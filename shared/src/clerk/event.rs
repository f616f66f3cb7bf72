//! An event, read.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::payload::{self, text};
use super::version::{Millis, Version};
use crate::input::Slug;
use crate::model::{UserId, WorkspaceId, WorkspaceRole};

/// The name of a workspace that Clerk gave none, or of which only the id is known.
const UNNAMED: &str = "Workspace";

/// The types of events that are followed.
const FOLLOWED: [&str; 10] = [
    "user.created",
    "user.updated",
    "user.deleted",
    "organization.created",
    "organization.updated",
    "organization.deleted",
    "organizationMembership.created",
    "organizationMembership.updated",
    "organizationMembership.deleted",
    "organizationInvitation.accepted",
];

/// What an event of Clerk says, as far as it is followed.
#[derive(Clone, Debug)]
pub struct Event {
    kind: &'static str,
    made_at: Option<Timestamp>,
    change: Change,
}

/// Why an event can't be read: the field that is missing or wrong. Never what stands in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is missing or wrong")]
pub struct Unreadable(String);

/// What is to be done. Everything stored of it comes from the event, so that it is the same whenever it is done.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    User(User),
    UserDeleted(UserId, Version),
    Organization(Organization),
    OrganizationDeleted(WorkspaceId, Version),
    Membership(Membership),
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub id: UserId,
    pub version: Version,
    pub name: Option<String>,
    pub email: Option<String>,
    pub email_verified: bool,
    pub image: String,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct Organization {
    pub id: WorkspaceId,
    pub version: Version,
    pub name: String,
    pub slug: String,
    pub image_url: String,
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
}

/// What an event says of one membership, and what it says on the side of workspace and user.
#[derive(Clone, Debug)]
pub(crate) struct Membership {
    pub source: Source,
    pub version: Version,
    pub deleted: bool,
    pub role: WorkspaceRole,
    pub since: Timestamp,
    pub workspace_id: WorkspaceId,
    pub workspace_name: String,
    pub workspace_slug: String,
    pub workspace_image: String,
    pub workspace_created_at: Timestamp,
    pub user_id: UserId,
    pub user_name: Option<String>,
    pub user_image: String,
}

/// Which membership an event speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The one with this id of Clerk's.
    Clerk(String),
    /// An accepted invitation makes somebody a member without naming the membership.
    Invitation,
}

/// An event but for its data.
#[derive(Deserialize)]
struct Envelope {
    r#type: String,
    timestamp: Option<Millis>,
}

impl Event {
    /// Reads an event as Clerk sends it; nothing if it is of a type that nobody follows.
    pub fn parse(text: &str) -> Result<Option<Self>, Unreadable> {
        // The keys are sorted, so that the same content is the same text.
        Self::read(text, Value::to_string)
    }

    /// Whether [`Self::parse`] reads the event, and there is something to follow. It takes half as long: no version is made.
    pub fn is_followed(text: &str) -> Result<bool, Unreadable> {
        let read = Self::read(text, |_| String::new())?;
        Ok(read.is_some())
    }

    /// `content` gives the text of the data that tells versions of the same moment apart.
    fn read(
        text: &str,
        content: impl FnOnce(&Value) -> String,
    ) -> Result<Option<Self>, Unreadable> {
        // As a whole first: what is not used must be JSON, too.
        let mut event: Value =
            serde_json::from_str(text).map_err(|_| Unreadable("the JSON".to_owned()))?;
        // Apart from the rest, so that it is gone through once.
        let data = event.get_mut("data").map(Value::take).unwrap_or_default();
        let Envelope { r#type, timestamp } = read(event, "")?;
        if !data.is_object() {
            return Err(Unreadable("data".to_owned()));
        }
        let content = content(&data);
        let version = |updated_at: Option<Millis>, deleted| {
            let at = if deleted {
                timestamp.or(updated_at)
            } else {
                updated_at.or(timestamp)
            };
            let at = at.ok_or_else(|| Unreadable("timestamp".to_owned()))?;
            let event = timestamp.unwrap_or(at);
            Ok(Version::new(at, event, deleted, content.as_bytes()))
        };
        let Some(kind) = FOLLOWED.into_iter().find(|kind| *kind == r#type) else {
            return Ok(None);
        };
        let change = match kind {
            "user.deleted" => {
                let payload::Deleted { id } = read(data, "data")?;
                Change::UserDeleted(UserId::from(id.0), version(None, true)?)
            }
            "organization.deleted" => {
                let payload::Deleted { id } = read(data, "data")?;
                Change::OrganizationDeleted(WorkspaceId::from(id.0), version(None, true)?)
            }
            "organizationInvitation.accepted" => {
                match accepted_invitation(read(data, "data")?, version)? {
                    Some(change) => change,
                    None => return Ok(None),
                }
            }
            "organizationMembership.deleted" => membership(read(data, "data")?, true, version)?,
            _ if kind.starts_with("user.") => user(&read(data, "data")?, version)?,
            _ if kind.starts_with("organization.") => organization(read(data, "data")?, version)?,
            _ => membership(read(data, "data")?, false, version)?,
        };
        let made_at = timestamp.map(Millis::timestamp);
        Ok(Some(Self {
            kind,
            made_at,
            change,
        }))
    }

    /// The event's type, as Clerk names it.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// When Clerk made the event, if it says so.
    pub fn made_at(&self) -> Option<Timestamp> {
        self.made_at
    }

    pub(crate) fn change(&self) -> &Change {
        &self.change
    }
}

fn user(
    user: &payload::User,
    version: impl Fn(Option<Millis>, bool) -> Result<Version, Unreadable>,
) -> Result<Change, Unreadable> {
    let version = version(user.updated_at, false)?;
    let (email, email_verified) = user.email();
    Ok(Change::User(User {
        id: UserId::from(user.id.0.clone()),
        name: user.name(),
        email,
        email_verified,
        image: text(user.image_url.as_deref()).unwrap_or_default(),
        created_at: user
            .created_at
            .map_or_else(|| version.timestamp(), Millis::timestamp),
        version,
    }))
}

fn organization(
    organization: payload::Organization,
    version: impl Fn(Option<Millis>, bool) -> Result<Version, Unreadable>,
) -> Result<Change, Unreadable> {
    let version = version(organization.updated_at, false)?;
    let (name, slug) = name_and_slug(&organization);
    Ok(Change::Organization(Organization {
        name,
        slug,
        image_url: text(organization.image_url.as_deref()).unwrap_or_default(),
        created_by: organization.creator().map(UserId::from),
        created_at: organization
            .created_at
            .map_or_else(|| version.timestamp(), Millis::timestamp),
        id: WorkspaceId::from(organization.id.0),
        version,
    }))
}

fn membership(
    membership: payload::Membership,
    deleted: bool,
    version: impl Fn(Option<Millis>, bool) -> Result<Version, Unreadable>,
) -> Result<Change, Unreadable> {
    let version = version(membership.updated_at, deleted)?;
    let payload::Membership {
        organization,
        public_user_data,
        ..
    } = membership;
    let (workspace_name, workspace_slug) = name_and_slug(&organization);
    let moment =
        |millis: Option<Millis>| millis.map_or_else(|| version.timestamp(), Millis::timestamp);
    Ok(Change::Membership(Membership {
        source: Source::Clerk(membership.id.0),
        deleted,
        role: role(membership.role.as_deref()),
        since: moment(membership.created_at),
        workspace_name,
        workspace_slug,
        workspace_image: text(organization.image_url.as_deref()).unwrap_or_default(),
        workspace_created_at: moment(organization.created_at),
        workspace_id: WorkspaceId::from(organization.id.0),
        user_name: public_user_data.name(),
        user_image: text(public_user_data.image_url.as_deref()).unwrap_or_default(),
        user_id: UserId::from(public_user_data.user_id.0),
        version,
    }))
}

fn accepted_invitation(
    invitation: payload::Invitation,
    version: impl Fn(Option<Millis>, bool) -> Result<Version, Unreadable>,
) -> Result<Option<Change>, Unreadable> {
    let version = version(invitation.updated_at, false)?;
    let Some(user_id) = invitation.user_id else {
        return Ok(None);
    };
    let workspace_id = invitation.organization_id.0;
    Ok(Some(Change::Membership(Membership {
        source: Source::Invitation,
        deleted: false,
        role: role(invitation.role.as_deref()),
        since: version.timestamp(),
        workspace_name: UNNAMED.to_owned(),
        workspace_slug: Slug::of(UNNAMED, &workspace_id).into_string(),
        workspace_image: String::new(),
        workspace_created_at: Timestamp::UNIX_EPOCH,
        workspace_id: WorkspaceId::from(workspace_id),
        user_id: UserId::from(user_id.0),
        user_name: None,
        user_image: String::new(),
        version,
    })))
}

fn name_and_slug(organization: &payload::Organization) -> (String, String) {
    let name = text(organization.name.as_deref()).unwrap_or_else(|| UNNAMED.to_owned());
    let slug = text(organization.slug.as_deref())
        .unwrap_or_else(|| Slug::of(&name, &organization.id.0).into_string());
    (name, slug)
}

/// `admin` is what Clerk called it before custom roles; whoever has a role of the instance's own is a member.
fn role(role: Option<&str>) -> WorkspaceRole {
    match role {
        Some("org:admin" | "admin") => WorkspaceRole::Admin,
        _ => WorkspaceRole::Member,
    }
}

/// Reads part of the event; the error says where in the event it went wrong, and not what stands there.
fn read<T: DeserializeOwned>(value: Value, place: &str) -> Result<T, Unreadable> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let inside = path != ".";
        Unreadable(match (place, inside) {
            ("", true) => path,
            ("", false) => "the event".to_owned(),
            (place, true) => format!("{place}.{path}"),
            (place, false) => place.to_owned(),
        })
    })
}

#[cfg(test)]
mod tests;
