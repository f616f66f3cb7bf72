//! Projects and their members.

mod input;

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::kinds::{People, of_kinds, oldest_first, position};
use super::{listed, one, permitted, refused};
use crate::auth::Caller;
use crate::db::{Call, Database, Row};
use crate::input::{InputDate, Progress, Text};
use crate::model::{
    NewProjectMember, Priority, Project, ProjectId, ProjectMember, ProjectMemberRow, ProjectStatus,
    ProjectTask, UserId, WorkspaceId,
};
use crate::paging::{Listing, Paging, Part};
use crate::{Error, quotas};

pub use input::{AddProjectMember, NewProject, NewProjectInWorkspace, ProjectPatch};

const OF_WORKSPACE: &str = concat!(
    include_str!("page_of_workspace.sql"),
    include_str!("parts.sql")
);
const BY_ID: &str = concat!(include_str!("page_of_one.sql"), include_str!("parts.sql"));

/// The projects of a workspace with their members and tasks, newest first.
pub async fn projects_of_workspace(
    db: &Database,
    caller: &Caller,
    workspace: &WorkspaceId,
    paging: Paging,
) -> Result<Listing<Project>, Error> {
    let part: Part<(Timestamp, Uuid)> =
        paging.part(&format!("projects of workspace {}", workspace.as_str()))?;
    let (created, id) = part.after.unzip();
    let access = Call::new(include_str!("../workspaces/access.sql"))
        .bind(caller.user_id.param())
        .bind(workspace.param());
    let list = Call::new(OF_WORKSPACE)
        .bind(caller.user_id.param())
        .bind(workspace.param())
        .bind(created)
        .bind(id)
        .bind(part.rows_to_read());
    let [verdict, rows] = db.pipeline([access, list]).await?;
    permitted(&verdict)?;
    let (mut projects, mut parts) = Parts::of(rows)?;
    projects.reverse();
    part.listing(projects, |row| parts.complete(row), position)
}

/// A project with its members and tasks.
pub async fn project(db: &Database, caller: &Caller, id: ProjectId) -> Result<Project, Error> {
    complete_project(db.rows(by_id(caller, id)).await?)
}

/// Makes a project with the id `id` in a workspace, for an ADMIN; a repetition answers with the first one.
pub async fn create_project(
    db: &Database,
    caller: &Caller,
    id: Uuid,
    workspace: &WorkspaceId,
    new: NewProject,
) -> Result<Project, Error> {
    let members: Vec<String> = new
        .team_members
        .into_iter()
        .map(Text::into_string)
        .collect();
    let lead_membership = Uuid::now_v7();
    let memberships: Vec<Uuid> = members.iter().map(|_| Uuid::now_v7()).collect();
    let create = Call::new(include_str!("create.sql"))
        .bind(caller.user_id.param())
        .bind(workspace.param())
        .bind(id)
        .bind(new.name.into_string())
        .bind(new.description.map(Text::into_string))
        .bind(new.status.unwrap_or(ProjectStatus::Active).as_str())
        .bind(new.priority.unwrap_or(Priority::Medium).as_str())
        .bind(new.progress.map_or(0, |Progress(percent)| percent))
        .bind(new.start_date.map(|InputDate(at)| at))
        .bind(new.end_date.map(|InputDate(at)| at))
        .bind(new.team_lead.into_string())
        .bind(lead_membership)
        .bind(members)
        .bind(memberships)
        .bind(quotas::WRITINGS);
    let created = by_id(caller, ProjectId::from(id));
    let [verdict, rows] = db.transaction([create, created]).await?;
    permitted(&verdict)?;
    complete_project(rows)
}

/// Changes a project, for who may lead it; an ADMIN may hand it over.
pub async fn update_project(
    db: &Database,
    caller: &Caller,
    id: ProjectId,
    patch: ProjectPatch,
) -> Result<Project, Error> {
    let only_hands_over = patch.only_hands_over();
    let update = Call::new(include_str!("update.sql"))
        .bind(caller.user_id.param())
        .bind(id.param())
        .bind(patch.name.map(Text::into_string))
        .bind(patch.description.is_some())
        .bind(patch.description.flatten().map(Text::into_string))
        .bind(patch.status.map(ProjectStatus::as_str))
        .bind(patch.priority.map(Priority::as_str))
        .bind(patch.start_date.is_some())
        .bind(patch.start_date.flatten().map(|InputDate(at)| at))
        .bind(patch.end_date.is_some())
        .bind(patch.end_date.flatten().map(|InputDate(at)| at))
        .bind(patch.team_lead.map(Text::into_string))
        .bind(only_hands_over)
        .bind(patch.progress.map(|Progress(percent)| percent));
    let [verdict, rows] = db.transaction([update, by_id(caller, id)]).await?;
    permitted(&verdict)?;
    complete_project(rows)
}

/// Deletes a project with its tasks and comments, for who may lead it or an ADMIN.
pub async fn delete_project(db: &Database, caller: &Caller, id: ProjectId) -> Result<(), Error> {
    let delete = Call::new(include_str!("delete.sql"))
        .bind(caller.user_id.param())
        .bind(id.param());
    permitted(&db.rows(delete).await?).map(drop)
}

/// Who is in a project, longest-standing first.
pub async fn members_of_project(
    db: &Database,
    caller: &Caller,
    id: ProjectId,
    paging: Paging,
) -> Result<Listing<ProjectMemberRow>, Error> {
    let part: Part<(Timestamp, Uuid)> = paging.part(&format!("members of project {id}"))?;
    let (joined, membership) = part.after.unzip();
    let list = Call::new(include_str!("members.sql"))
        .bind(caller.user_id.param())
        .bind(id.param())
        .bind(joined)
        .bind(membership)
        .bind(part.rows_to_read());
    let rows = listed(db.rows(list).await?, "project_not_accessible")?;
    part.listing(rows, ProjectMemberRow::from_row, position)
}

/// Adds the owner of an address to a project, for who may lead it.
pub async fn add_project_member(
    db: &Database,
    caller: &Caller,
    id: ProjectId,
    new: AddProjectMember,
) -> Result<NewProjectMember, Error> {
    let membership = Uuid::now_v7();
    let [add, added] = [
        include_str!("add_member.sql"),
        include_str!("member_by_id.sql"),
    ]
    .map(|sql| {
        Call::new(sql)
            .bind(caller.user_id.param())
            .bind(id.param())
            .bind(membership)
    });
    let [verdict, rows] = db
        .transaction([
            add.bind(new.email.into_string()).bind(quotas::ADDITIONS),
            added,
        ])
        .await?;
    permitted(&verdict)?;
    one(&rows, NewProjectMember::from_row, "project_not_accessible")
}

/// Takes a member out of a project, for who may lead it. `false` if there was nobody to take out.
pub async fn remove_project_member(
    db: &Database,
    caller: &Caller,
    id: ProjectId,
    user: &UserId,
) -> Result<bool, Error> {
    let remove = Call::new(include_str!("remove_member.sql"))
        .bind(caller.user_id.param())
        .bind(id.param())
        .bind(user.param());
    Ok(permitted(&db.rows(remove).await?)?.try_get("removed")?)
}

fn by_id(caller: &Caller, id: ProjectId) -> Call {
    Call::new(BY_ID)
        .bind(caller.user_id.param())
        .bind(id.param())
}

fn complete_project(rows: Vec<Row>) -> Result<Project, Error> {
    let (projects, mut parts) = Parts::of(rows)?;
    let project = projects
        .first()
        .ok_or_else(|| refused("project_not_accessible"))?;
    parts.complete(project)
}

/// What some projects consist of.
struct Parts {
    members: HashMap<Uuid, Vec<ProjectMember>>,
    tasks: HashMap<Uuid, Vec<ProjectTask>>,
    people: People,
}

impl Parts {
    /// The rows of the projects, oldest first, and their parts.
    fn of(rows: Vec<Row>) -> Result<(Vec<Row>, Self), Error> {
        let [projects, member_rows, task_rows, people] =
            of_kinds(rows, ["project", "member", "task", "person"])?;
        let people = People::from_rows(&people)?;
        let mut members: HashMap<Uuid, Vec<ProjectMember>> = HashMap::new();
        for row in oldest_first(member_rows)? {
            let member = ProjectMember::who_is(people.of(&row)?.user(), &row)?;
            let of_project = members.entry(row.try_get("project_id")?);
            of_project.or_default().push(member);
        }
        let mut tasks: HashMap<Uuid, Vec<ProjectTask>> = HashMap::new();
        for row in oldest_first(task_rows)? {
            let task = ProjectTask::given_to(people.of(&row)?.user(), &row)?;
            let of_project = tasks.entry(row.try_get("project_id")?);
            of_project.or_default().push(task);
        }
        let parts = Self {
            members,
            tasks,
            people,
        };
        Ok((oldest_first(projects)?, parts))
    }

    /// The project of a row, with what belongs to it.
    fn complete(&mut self, row: &Row) -> Result<Project, Error> {
        let mut project = Project::led_by(self.people.of(row)?.user(), row)?;
        let id: Uuid = row.try_get("id")?;
        project.members = self.members.remove(&id).unwrap_or_default();
        project.tasks = self.tasks.remove(&id).unwrap_or_default();
        Ok(project)
    }
}
