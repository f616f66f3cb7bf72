//! Workspaces, projects, tasks and comments, made as a client makes them.

use serde_json::{Value, json};

use crate::app::TestApp;
use crate::people::User;

impl TestApp {
    /// A workspace of `owner`; its id.
    pub async fn workspace(&self, owner: &User) -> String {
        let made = self
            .post(
                owner,
                "/api/workspace",
                &json!({"name": "Analytical Engines"}),
            )
            .await;
        id_of(&made.says(201, "Workspace created successfully"))
    }

    /// Adds `user` to a workspace.
    pub async fn add_to_workspace(&self, admin: &User, workspace: &str, user: &User, role: &str) {
        let body = json!({"email": user.email, "role": role, "workspaceId": workspace});
        self.post(admin, "/api/workspace/add-member", &body)
            .await
            .says(201, "Member added successfully");
    }

    /// A project with `lead` and `members`, all of whom are in the workspace already; its id.
    pub async fn project(
        &self,
        admin: &User,
        workspace: &str,
        lead: &User,
        members: &[&User],
    ) -> String {
        let members: Vec<&str> = members.iter().map(|user| user.email.as_str()).collect();
        let body = json!({
            "workspaceId": workspace,
            "name": "Difference Engine",
            "team_lead": lead.email,
            "team_members": members,
        });
        let made = self.post(admin, "/api/projects", &body).await;
        id_of(&made.says(201, "Project created successfully"))
    }

    /// A task; its id.
    pub async fn task(&self, lead: &User, project: &str, assignee: &User, title: &str) -> String {
        let body =
            json!({"title": title, "assigneeId": assignee.id, "due_date": "2030-05-04T12:00:00Z"});
        let made = self
            .post(lead, &format!("/api/tasks/project/{project}/tasks"), &body)
            .await;
        id_of(&made.says(201, "Task created successfully"))
    }

    /// A comment; its id.
    pub async fn comment(&self, author: &User, task: &str, message: &str) -> String {
        let made = self
            .post(
                author,
                &format!("/api/tasks/{task}/comments"),
                &json!({"message": message}),
            )
            .await;
        id_of(&made.says(201, "Comment added successfully"))
    }
}

fn id_of(thing: &Value) -> String {
    thing["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id in {thing}"))
        .to_owned()
}
