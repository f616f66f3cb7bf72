//! Workspaces and their members.

mod input;

use jiff::Timestamp;
use uuid::Uuid;

use super::{clerk, listed, one, permitted};
use crate::auth::Caller;
use crate::db::{Call, Database};
use crate::input::{Slug, Text};
use crate::model::{
    NewWorkspaceMember, UserId, Workspace, WorkspaceDetails, WorkspaceId, WorkspaceMember,
    WorkspaceRole,
};
use crate::paging::{Listing, Paging, Part};
use crate::{Error, quotas};

pub use input::{AddWorkspaceMember, NewWorkspace, WorkspaceMemberPatch, WorkspacePatch};

const OF_CALLER: &str = concat!(include_str!("select.sql"), include_str!("of_caller.sql"));
const BY_ID: &str = concat!(include_str!("select.sql"), include_str!("by_id.sql"));
const MEMBER_BY_USER: &str = concat!(
    include_str!("select_members.sql"),
    include_str!("member_by_user.sql")
);
const MEMBER_BY_ID: &str = concat!(
    include_str!("select_members.sql"),
    include_str!("member_by_id.sql")
);

/// The workspaces the caller belongs to, by name.
pub async fn workspaces_of_caller(
    db: &Database,
    caller: &Caller,
    paging: Paging,
) -> Result<Listing<Workspace>, Error> {
    let part: Part<(String, String)> =
        paging.part(&format!("workspaces of {}", caller.user_id.as_str()))?;
    let (name, id) = part.after.clone().unzip();
    let list = Call::new(OF_CALLER)
        .bind(caller.user_id.param())
        .bind(name)
        .bind(id)
        .bind(part.rows_to_read());
    let rows = db.rows(list).await?;
    part.listing(rows, Workspace::from_row, |row| {
        Ok((row.try_get("sort_name")?, row.try_get("id")?))
    })
}

/// A workspace the caller belongs to.
pub async fn workspace(
    db: &Database,
    caller: &Caller,
    id: &WorkspaceId,
) -> Result<WorkspaceDetails, Error> {
    let rows = db.rows(by_id(caller, id)).await?;
    one(&rows, WorkspaceDetails::from_row, "workspace_not_found")
}

/// Makes a workspace with the id `id` that the caller owns; a repetition answers with the first one.
pub async fn create_workspace(
    db: &Database,
    caller: &Caller,
    id: Uuid,
    new: NewWorkspace,
) -> Result<Workspace, Error> {
    let id = WorkspaceId::from(id.to_string());
    let slug = new
        .slug
        .unwrap_or_else(|| Slug::of(new.name.as_str(), id.as_str()));
    let create = Call::new(include_str!("create.sql"))
        .bind(caller.user_id.param())
        .bind(id.param())
        .bind(new.name.into_string())
        .bind(slug.into_string())
        .bind(new.description.map(Text::into_string))
        .bind(new.image_url.map(Text::into_string).unwrap_or_default())
        .bind(Uuid::now_v7())
        .bind(quotas::WORKSPACES);
    let [verdict, rows] = db.transaction([create, by_id(caller, &id)]).await?;
    permitted(&verdict)?;
    one(&rows, Workspace::from_row, "workspace_not_found")
}

/// Changes a workspace, for an ADMIN.
pub async fn update_workspace(
    db: &Database,
    caller: &Caller,
    id: &WorkspaceId,
    patch: WorkspacePatch,
) -> Result<WorkspaceDetails, Error> {
    let settings = patch.settings.unwrap_or_default();
    let update = Call::new(include_str!("update.sql"))
        .bind(caller.user_id.param())
        .bind(id.param())
        .bind(patch.name.map(Text::into_string))
        .bind(patch.slug.map(Slug::into_string))
        .bind(patch.description.is_some())
        .bind(patch.description.flatten().map(Text::into_string))
        .bind(
            patch
                .image_url
                .map(|url| url.map(Text::into_string).unwrap_or_default()),
        )
        .bind(settings.timezone)
        .bind(settings.reminder_time)
        .bind(settings.admins_manage_projects)
        .bind(quotas::MOVES);
    let [verdict, rows] = db.transaction([update, by_id(caller, id)]).await?;
    permitted(&verdict)?;
    one(&rows, WorkspaceDetails::from_row, "workspace_not_found")
}

/// Deletes a workspace with everything in it, for its owner.
pub async fn delete_workspace(
    db: &Database,
    caller: &Caller,
    id: &WorkspaceId,
) -> Result<(), Error> {
    let delete = Call::new(include_str!("delete.sql"))
        .bind(caller.user_id.param())
        .bind(id.param());
    let [verdict, _] = db
        .transaction([delete, clerk::forget_workspace(id)])
        .await?;
    permitted(&verdict).map(drop)
}

/// Who is in a workspace, longest-standing first.
pub async fn members_of_workspace(
    db: &Database,
    caller: &Caller,
    id: &WorkspaceId,
    paging: Paging,
) -> Result<Listing<WorkspaceMember>, Error> {
    let part: Part<(Timestamp, String)> =
        paging.part(&format!("members of workspace {}", id.as_str()))?;
    let (joined, user) = part.after.clone().unzip();
    let list = Call::new(include_str!("members.sql"))
        .bind(caller.user_id.param())
        .bind(id.param())
        .bind(joined)
        .bind(user)
        .bind(part.rows_to_read());
    let rows = listed(db.rows(list).await?, "access_denied")?;
    part.listing(rows, WorkspaceMember::from_row, |row| {
        Ok((row.try_get("created_at")?, row.try_get("user_id")?))
    })
}

/// Adds the owner of an address to a workspace, for an ADMIN.
pub async fn add_workspace_member(
    db: &Database,
    caller: &Caller,
    new: AddWorkspaceMember,
) -> Result<NewWorkspaceMember, Error> {
    let membership = Uuid::now_v7();
    let add = Call::new(include_str!("add_member.sql"))
        .bind(caller.user_id.param())
        .bind(new.workspace_id.param())
        .bind(membership)
        .bind(new.email.into_string())
        .bind(new.role.as_str())
        .bind(new.message.map(Text::into_string).unwrap_or_default())
        .bind(quotas::ADDITIONS);
    let added = Call::new(MEMBER_BY_ID)
        .bind(caller.user_id.param())
        .bind(new.workspace_id.param())
        .bind(membership);
    let [verdict, rows] = db.transaction([add, added]).await?;
    permitted(&verdict)?;
    one(&rows, NewWorkspaceMember::from_row, "workspace_not_found")
}

/// Changes a member's role, for an ADMIN; the last ADMIN stays one.
pub async fn update_workspace_member(
    db: &Database,
    caller: &Caller,
    id: &WorkspaceId,
    user: &UserId,
    role: WorkspaceRole,
) -> Result<WorkspaceMember, Error> {
    let update = Call::new(include_str!("update_member.sql"))
        .bind(caller.user_id.param())
        .bind(id.param())
        .bind(user.param())
        .bind(role.as_str());
    let updated = Call::new(MEMBER_BY_USER)
        .bind(caller.user_id.param())
        .bind(id.param())
        .bind(user.param());
    let [verdict, rows] = db.transaction([update, updated]).await?;
    permitted(&verdict)?;
    one(&rows, WorkspaceMember::from_row, "member_not_found")
}

/// Takes a member out of a workspace and its projects, for an ADMIN or for that member. The last ADMIN stays, and who leads
/// a project until it is handed over.
pub async fn remove_workspace_member(
    db: &Database,
    caller: &Caller,
    id: &WorkspaceId,
    user: &UserId,
) -> Result<(), Error> {
    let call = |sql| {
        Call::new(sql)
            .bind(caller.user_id.param())
            .bind(id.param())
            .bind(user.param())
    };
    let lock = call(include_str!("lock_member_to_remove.sql"));
    let remove = call(include_str!("remove_member.sql"));
    let [_, verdict] = db.transaction([lock, remove]).await?;
    permitted(&verdict).map(drop)
}

fn by_id(caller: &Caller, id: &WorkspaceId) -> Call {
    Call::new(BY_ID)
        .bind(caller.user_id.param())
        .bind(id.param())
}
