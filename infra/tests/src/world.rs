//! A small company with everybody whose rights differ, and another one beside it.

use tokio_postgres::Client;
use uuid::Uuid;

use crate::people::User;

/// A workspace with one project, task and comment, written straight into the database: it exists before a request that
/// is to be tested, and does not depend on any other request.
///
/// Nobody has two parts: the lead and the assignee are plain members of the workspace; the owner and the ADMIN are not in the
/// project; the comment is the project member's.
#[derive(Clone, Debug)]
pub struct World {
    /// Owns the workspace, and is an ADMIN.
    pub owner: User,
    /// An ADMIN who does not own the workspace.
    pub admin: User,
    /// Leads the project.
    pub lead: User,
    /// In the project; the task is theirs.
    pub assignee: User,
    /// In the project; wrote the comment.
    pub project_member: User,
    /// In the workspace, not in the project.
    pub workspace_member: User,
    /// Another plain member of the workspace outside the project, whom nothing depends on: to be added, changed and removed.
    pub bystander: User,
    /// Signed up, and in no workspace.
    pub newcomer: User,
    /// The workspace's id.
    pub workspace: String,
    /// The project's id.
    pub project: String,
    /// The task's id.
    pub task: String,
    /// The comment's id.
    pub comment: String,
}

impl World {
    /// A new world; everything in it has ids of its own.
    pub async fn create(database: &Client) -> Self {
        let person = |name| User::insert(database, name);
        let world = Self {
            owner: person("Olga Owner").await,
            admin: person("Adam Admin").await,
            lead: person("Lea Lead").await,
            assignee: person("Ann Assignee").await,
            project_member: person("Paul Projectmember").await,
            workspace_member: person("Wim Workspacemember").await,
            bystander: person("Bea Bystander").await,
            newcomer: person("Nora Newcomer").await,
            workspace: format!("org_{}", Uuid::now_v7().simple()),
            project: Uuid::now_v7().to_string(),
            task: Uuid::now_v7().to_string(),
            comment: Uuid::now_v7().to_string(),
        };
        world.write(database).await;
        world
    }

    async fn write(&self, database: &Client) {
        let Self {
            workspace,
            project,
            task,
            comment,
            ..
        } = self;
        let owner = &self.owner.id;
        let mut sql = vec![format!(
            "INSERT INTO workspaces (id, name, slug, owner_id) VALUES ('{workspace}', 'Acme', 'acme', '{owner}')"
        )];
        let in_workspace = [
            (&self.owner, "ADMIN"),
            (&self.admin, "ADMIN"),
            (&self.lead, "MEMBER"),
            (&self.assignee, "MEMBER"),
            (&self.project_member, "MEMBER"),
            (&self.workspace_member, "MEMBER"),
            (&self.bystander, "MEMBER"),
        ];
        for (user, role) in in_workspace {
            let (id, user) = (Uuid::now_v7(), &user.id);
            sql.push(format!(
                "INSERT INTO workspace_members (id, workspace_id, user_id, role)
                 VALUES ('{id}', '{workspace}', '{user}', '{role}')"
            ));
        }
        let (lead, assignee, author) = (&self.lead.id, &self.assignee.id, &self.project_member.id);
        sql.push(format!(
            "INSERT INTO projects (id, workspace_id, name, team_lead)
             VALUES ('{project}', '{workspace}', 'Rocket', '{lead}')"
        ));
        for user in [lead, assignee, author] {
            let id = Uuid::now_v7();
            sql.push(format!(
                "INSERT INTO project_members (id, project_id, user_id) VALUES ('{id}', '{project}', '{user}')"
            ));
        }
        sql.push(format!(
            "INSERT INTO tasks (id, project_id, title, assignee_id, due_date)
             VALUES ('{task}', '{project}', 'Light the fuse', '{assignee}', '2030-01-01')"
        ));
        sql.push(format!(
            "INSERT INTO comments (id, task_id, user_id, content)
             VALUES ('{comment}', '{task}', '{author}', 'Mind the wind')"
        ));
        database
            .batch_execute(&sql.join(";"))
            .await
            .expect("the world can be written");
    }
}
