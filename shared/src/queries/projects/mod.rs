//! Projects and their members.

mod input;

use std::collections::HashMap;

use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{one, permitted};
use crate::Error;
use crate::auth::Caller;
use crate::db::{Call, Database};
use crate::input::{InputDate, Progress, Text};
use crate::model::{
    NewProjectMember, Priority, Project, ProjectId, ProjectMember, ProjectMemberRow, ProjectStatus,
    ProjectTask, UserId, WorkspaceId,
};
use crate::paging::{Listing, Paging, Part};

pub use input::{AddProjectMember, NewProject, NewProjectInWorkspace, ProjectPatch};

/// The statements that read projects with their parts: each takes the same page, so that none relies on another's.
macro_rules! of_page {
    ($page:literal) => {
        [
            concat!(include_str!($page), include_str!("select.sql")),
            concat!(include_str!($page), include_str!("select_members.sql")),
            concat!(include_str!($page), include_str!("select_tasks.sql")),
        ]
    };
}

const OF_WORKSPACE: [&str; 3] = of_page!("page_of_workspace.sql");
const BY_ID: [&str; 3] = of_page!("page_of_one.sql");

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
    let [list, members, tasks] = OF_WORKSPACE.map(|sql| {
        Call::new(sql)
            .bind(caller.user_id.param())
            .bind(workspace.param())
            .bind(created)
            .bind(id)
            .bind(part.rows_to_read())
    });
    let [verdict, rows, members, tasks] = db.pipeline([access, list, members, tasks]).await?;
    permitted(&verdict)?;
    let mut parts = Parts::from_rows(&members, &tasks)?;
    part.listing(
        rows,
        |row| Ok(parts.complete(Project::from_row(row)?)),
        |row| Ok((row.try_get("created_at")?, row.try_get("id")?)),
    )
}

/// A project with its members and tasks.
pub async fn project(db: &Database, caller: &Caller, id: ProjectId) -> Result<Project, Error> {
    let rows = db.pipeline(by_id(caller, id)).await?;
    complete_project(&rows)
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
        .bind(memberships);
    let [project, members, tasks] = by_id(caller, ProjectId::from(id));
    let [verdict, rows @ ..] = db.transaction([create, project, members, tasks]).await?;
    permitted(&verdict)?;
    complete_project(&rows)
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
    let [project, members, tasks] = by_id(caller, id);
    let [verdict, rows @ ..] = db.transaction([update, project, members, tasks]).await?;
    permitted(&verdict)?;
    complete_project(&rows)
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
    let access = Call::new(include_str!("access.sql"))
        .bind(caller.user_id.param())
        .bind(id.param());
    let list = Call::new(include_str!("members.sql"))
        .bind(caller.user_id.param())
        .bind(id.param())
        .bind(joined)
        .bind(membership)
        .bind(part.rows_to_read());
    let [verdict, rows] = db.pipeline([access, list]).await?;
    permitted(&verdict)?;
    part.listing(rows, ProjectMemberRow::from_row, |row| {
        Ok((row.try_get("created_at")?, row.try_get("id")?))
    })
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
        .transaction([add.bind(new.email.into_string()), added])
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

fn by_id(caller: &Caller, id: ProjectId) -> [Call; 3] {
    BY_ID.map(|sql| Call::new(sql).bind(caller.user_id.param()).bind(id.param()))
}

fn complete_project([project, members, tasks]: &[Vec<Row>; 3]) -> Result<Project, Error> {
    let mut parts = Parts::from_rows(members, tasks)?;
    let project = one(project, Project::from_row, "project_not_accessible")?;
    Ok(parts.complete(project))
}

/// The members and tasks of some projects.
struct Parts {
    members: HashMap<ProjectId, Vec<ProjectMember>>,
    tasks: HashMap<ProjectId, Vec<ProjectTask>>,
}

impl Parts {
    fn from_rows(members: &[Row], tasks: &[Row]) -> Result<Self, Error> {
        let mut parts = Self {
            members: HashMap::new(),
            tasks: HashMap::new(),
        };
        for row in members {
            let project = ProjectId::from(row.try_get::<_, Uuid>("project_id")?);
            parts
                .members
                .entry(project)
                .or_default()
                .push(ProjectMember::from_row(row)?);
        }
        for row in tasks {
            let task = ProjectTask::from_row(row)?;
            parts.tasks.entry(task.project_id()).or_default().push(task);
        }
        Ok(parts)
    }

    fn complete(&mut self, mut project: Project) -> Project {
        project.members = self.members.remove(&project.id).unwrap_or_default();
        project.tasks = self.tasks.remove(&project.id).unwrap_or_default();
        project
    }
}
