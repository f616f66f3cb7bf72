//! The database follows Clerk. Each event is one statement, or a transaction that leaves in one flight; where it is more
//! than one, the first locks what the others must see as it then is.

use jiff::Timestamp;
use uuid::Uuid;

use crate::Error;
use crate::clerk::{Change, Event, Membership, Organization, Source, User, Version};
use crate::db::{Call, Database};
use crate::model::{UserId, WorkspaceId};

/// The name of the source that an accepted invitation is in `clerk_memberships`.
const INVITATION: &str = "invitation";
/// What UUIDs of memberships are made from.
const MEMBERSHIPS: Uuid = Uuid::from_u128(0x6d5a_1f0c_2b7e_4c39_9d41_8e60_5b3a_77f2);

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was news.
    New,
    /// The same or something newer was known already.
    Stale,
}

/// Makes the database say what the event says, unless it knows something newer. The order of events and repetitions make no
/// difference to what is stored in the end.
pub async fn apply(db: &Database, event: &Event) -> Result<Applied, Error> {
    let news = match event.change() {
        Change::User(user) => !db.rows(write_user(user)).await?.is_empty(),
        Change::UserDeleted(id, version) => {
            let [tombstone, ..] = db
                .transaction([
                    tombstone("user", id.param(), version),
                    Call::new(include_str!("lock_user.sql")).bind(id.param()),
                    Call::new(include_str!("erase_user.sql")).bind(id.param()),
                    Call::new(include_str!("forget_user.sql")).bind(id.param()),
                ])
                .await?;
            !tombstone.is_empty()
        }
        Change::Organization(organization) => {
            !db.rows(write_organization(organization)).await?.is_empty()
        }
        Change::OrganizationDeleted(id, version) => {
            let [tombstone, ..] = db
                .transaction([
                    tombstone("organization", id.param(), version),
                    Call::new(include_str!("erase_workspace.sql")).bind(id.param()),
                    forget_workspace(id),
                ])
                .await?;
            !tombstone.is_empty()
        }
        Change::Membership(membership) => {
            let [_, observation, _] = db
                .transaction([
                    lock_objects(membership),
                    observe(membership),
                    follow(membership),
                ])
                .await?;
            let observed = observation.first().map(|row| row.try_get("observed"));
            observed.transpose()? == Some(1_i64)
        }
    };
    Ok(if news { Applied::New } else { Applied::Stale })
}

fn write_user(user: &User) -> Call {
    Call::new(include_str!("user.sql"))
        .bind(user.id.param())
        .bind(user.version.at)
        .bind(user.version.tie.clone())
        .bind(user.name.clone())
        .bind(user.email.clone())
        .bind(user.email_verified)
        .bind(user.image.clone())
        .bind(user.created_at)
        .bind(user.version.timestamp())
}

fn write_organization(organization: &Organization) -> Call {
    Call::new(include_str!("organization.sql"))
        .bind(organization.id.param())
        .bind(organization.version.at)
        .bind(organization.version.tie.clone())
        .bind(organization.name.clone())
        .bind(organization.slug.clone())
        .bind(organization.image_url.clone())
        .bind(organization.created_by.as_ref().map(UserId::param))
        .bind(organization.created_at)
        .bind(organization.version.timestamp())
}

fn tombstone(kind: &'static str, id: String, version: &Version) -> Call {
    Call::new(include_str!("tombstone.sql"))
        .bind(kind)
        .bind(id)
        .bind(version.at)
        .bind(version.tie.clone())
}

/// What follows the deletion of a workspace, in the same transaction.
pub(super) fn forget_workspace(id: &WorkspaceId) -> Call {
    Call::new(include_str!("forget_workspace.sql")).bind(id.param())
}

fn lock_objects(membership: &Membership) -> Call {
    Call::new(include_str!("member_objects.sql"))
        .bind(membership.workspace_id.param())
        .bind(membership.user_id.param())
        .bind(said_on_the_side(membership).0)
}

fn observe(membership: &Membership) -> Call {
    let (tie, user_known_since) = said_on_the_side(membership);
    let source = match &membership.source {
        Source::Clerk(id) => id.clone(),
        Source::Invitation => INVITATION.to_owned(),
    };
    Call::new(include_str!("observe_membership.sql"))
        .bind(membership.workspace_id.param())
        .bind(membership.user_id.param())
        .bind(tie)
        .bind(source)
        .bind(membership.version.at)
        .bind(membership.version.tie.clone())
        .bind(membership.deleted)
        .bind(membership.role.as_str())
        .bind(membership.since)
        .bind(membership.workspace_name.clone())
        .bind(membership.workspace_slug.clone())
        .bind(membership.workspace_image.clone())
        .bind(membership.workspace_created_at)
        .bind(membership.user_name.clone())
        .bind(membership.user_image.clone())
        .bind(user_known_since)
}

fn follow(membership: &Membership) -> Call {
    let (workspace, user) = (&membership.workspace_id, &membership.user_id);
    let name = format!("{}/{}", workspace.as_str(), user.as_str());
    Call::new(include_str!("membership.sql"))
        .bind(workspace.param())
        .bind(user.param())
        .bind(Uuid::new_v5(&MEMBERSHIPS, name.as_bytes()))
}

/// How new it is what the event says of workspace and user, and since when the user is known. An invitation names them and
/// says nothing else: the oldest there is.
fn said_on_the_side(membership: &Membership) -> (String, Timestamp) {
    match membership.source {
        Source::Clerk(_) => (membership.version.as_tie(), membership.version.timestamp()),
        Source::Invitation => (String::new(), Timestamp::UNIX_EPOCH),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn said(kind: &str, data: &Value) -> (String, Timestamp) {
        let event = json!({ "type": kind, "timestamp": 1_767_225_600_007_i64, "data": data });
        let event = Event::parse(&event.to_string()).expect("readable");
        match event.expect("followed").change() {
            Change::Membership(membership) => said_on_the_side(membership),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_a_membership_says_of_others_is_as_new_as_it_and_an_invitation_says_nothing() {
        let updated_at = 1_767_225_600_000_i64;
        let membership = |updated_at: i64| {
            json!({
                "id": "orgmem_1", "organization": { "id": "org_1" }, "public_user_data": { "user_id": "user_1" },
                "updated_at": updated_at,
            })
        };
        let kind = "organizationMembership.updated";
        let (old, since) = said(kind, &membership(updated_at));
        assert_eq!(since.as_millisecond(), updated_at);
        let (new, _) = said(kind, &membership(updated_at + 1));
        assert!(old < new, "{old} {new}");
        let invitation = json!({
            "id": "inv_1", "organization_id": "org_1", "user_id": "user_1", "updated_at": updated_at,
        });
        let (nothing, since) = said("organizationInvitation.accepted", &invitation);
        assert_eq!((nothing.as_str(), since), ("", Timestamp::UNIX_EPOCH));
        assert!(nothing < old, "it is older than anything");
    }
}
