//! Every rule that can refuse a request, and the answer each gives. The statements name the rule (`verdict`), this table
//! maps it to a status and a message: nothing else in the project does.

use http::StatusCode;

use crate::Error;

/// A rule that refused a request, by the name the SQL gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    name: &'static str,
    status: StatusCode,
    message: &'static str,
}

const REFUSALS: &[Refusal] = &[
    // Workspaces
    refusal("unauthorized", 401, "Unauthorized access"),
    refusal("workspace_not_found", 404, "Workspace not found"),
    refusal("access_denied", 403, "Access denied"),
    refusal(
        "not_workspace_admin",
        403,
        "Only workspace admins can perform this action",
    ),
    refusal(
        "not_workspace_owner",
        403,
        "Only the workspace owner can perform this action",
    ),
    refusal("user_not_found", 404, "User not found"),
    refusal("already_workspace_member", 400, "User is already a member"),
    refusal("member_not_found", 404, "Member not found"),
    refusal("last_admin", 409, "A workspace needs an admin"),
    refusal(
        "leads_projects",
        409,
        "The member leads projects that must be handed over first",
    ),
    // Projects
    refusal("project_not_found", 404, "Project not found"),
    refusal(
        "project_not_accessible",
        404,
        "Project not found or access denied",
    ),
    refusal("team_lead_not_found", 404, "Team lead not found"),
    refusal("not_workspace_members", 400, "must be in the workspace"),
    refusal(
        "not_team_lead",
        403,
        "Only Team Lead can perform this action",
    ),
    refusal(
        "not_admin_or_team_lead",
        403,
        "Only admin or team lead can perform this action",
    ),
    refusal(
        "lead_not_in_project",
        400,
        "Team lead must be a project member",
    ),
    refusal("not_in_workspace", 400, "User is not part of the workspace"),
    refusal("already_in_project", 400, "User already in project"),
    refusal("lead_stays", 400, "Team lead cannot be removed"),
    refusal(
        "end_before_start",
        400,
        "end_date must not be before start_date",
    ),
    // Tasks
    refusal("task_not_found", 404, "Task not found"),
    refusal("task_not_accessible", 404, "Task not found or unauthorized"),
    refusal("not_task_editor", 403, "Unauthorized to update this task"),
    refusal(
        "assignee_not_in_project",
        400,
        "Assignee is not part of this project",
    ),
    refusal("some_tasks_not_found", 404, "Some tasks not found"),
    refusal(
        "several_projects",
        400,
        "All tasks must belong to same project",
    ),
    // Comments
    refusal(
        "task_not_commentable",
        404,
        "Task not found or you are not authorized to comment",
    ),
    refusal("comment_not_found", 404, "Comment not found"),
    refusal(
        "not_comment_author",
        403,
        "Unauthorized to change this comment",
    ),
    // What a day has only so much of: quotas.rs
    refusal(
        "too_many_workspaces",
        429,
        "Too many new workspaces today: try again tomorrow",
    ),
    refusal(
        "too_many_additions",
        429,
        "Too many people added today: try again tomorrow",
    ),
    refusal(
        "too_many_writings",
        429,
        "Too many new projects, tasks and comments today: try again tomorrow",
    ),
    refusal(
        "too_many_tasks",
        429,
        "Too many new tasks today: try again tomorrow",
    ),
    refusal(
        "too_many_follow_ups",
        429,
        "Too many tasks given out, put off or reopened today: try again tomorrow",
    ),
    refusal(
        "too_many_moves",
        429,
        "Time zone and reminder time were changed too often today: try again tomorrow",
    ),
];

/// What a row that was to be referred to is called when it vanished between the check and the write: the constraint that
/// noticed says which rule refuses.
const CONSTRAINTS: &[(&str, &str)] = &[
    ("workspace_members_workspace_id_fkey", "workspace_not_found"),
    ("workspace_members_user_id_fkey", "user_not_found"),
    ("projects_workspace_id_fkey", "workspace_not_found"),
    ("projects_dates", "end_before_start"),
    ("project_members_project_id_fkey", "project_not_accessible"),
    ("tasks_project_id_fkey", "project_not_found"),
    ("comments_task_id_fkey", "task_not_commentable"),
];

const fn refusal(name: &'static str, status: u16, message: &'static str) -> Refusal {
    match StatusCode::from_u16(status) {
        Ok(status) => Refusal {
            name,
            status,
            message,
        },
        Err(_) => panic!("not a status"),
    }
}

impl Refusal {
    /// The refusal that a statement's `verdict` names; `None` for a name that is not in the table.
    pub fn named(name: &str) -> Option<Self> {
        REFUSALS
            .iter()
            .find(|refusal| refusal.name == name)
            .copied()
    }

    /// The refusal behind a violated constraint.
    pub fn of_constraint(constraint: &str) -> Option<Self> {
        let (_, name) = CONSTRAINTS.iter().find(|(name, _)| *name == constraint)?;
        Self::named(name)
    }

    /// The answer, with the `names` the statement gave where the rule is about things that have names: projects to hand
    /// over, addresses of people who are not in the workspace.
    pub fn about(self, names: &[String]) -> Error {
        let names = names.join(", ");
        match self.name {
            "leads_projects" => Error::new(self.status, format!("{}: {names}", self.message)),
            "not_workspace_members" => {
                Error::invalid("team_members", format!("{}: {names}", self.message))
            }
            _ => self.into(),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal.name {
            "unauthorized" => Self::unauthorized("the user was deleted"),
            "end_before_start" => Self::invalid("end_date", "must not be before start_date")
                .with_message(refusal.message),
            _ => Self::new(refusal.status, refusal.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use http_body_util::BodyExt as _;
    use serde_json::{Value, json};

    use super::*;

    fn called(name: &str) -> Refusal {
        Refusal::named(name).unwrap_or_else(|| panic!("no refusal is called {name}"))
    }

    /// What a client is told.
    async fn told(error: Error) -> (u16, Value) {
        let response = error.into_response();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.expect("a body");
        let body = serde_json::from_slice(&body.to_bytes()).expect("JSON");
        (status, body)
    }

    fn refused(status: u16, message: &str) -> (u16, Value) {
        (status, json!({"success": false, "message": message}))
    }

    #[tokio::test]
    async fn each_is_found_by_its_name_and_answers_as_the_table_says() {
        for refusal in REFUSALS {
            assert_eq!(Refusal::named(refusal.name), Some(*refusal));
            let (status, body) = told((*refusal).into()).await;
            assert_eq!(status, refusal.status.as_u16(), "{}", refusal.name);
            assert_eq!(body["message"], refusal.message, "{}", refusal.name);
        }
        assert_eq!(Refusal::named("nothing"), None);
    }

    #[test]
    fn a_violated_constraint_names_a_rule() {
        for (constraint, name) in CONSTRAINTS {
            assert_eq!(Refusal::of_constraint(constraint), Some(called(name)));
        }
        assert_eq!(Refusal::of_constraint("users_pkey"), None);
    }

    #[tokio::test]
    async fn names_are_told_where_the_rule_is_about_them() {
        let names = ["One".to_owned(), "Two".to_owned()];
        assert_eq!(
            told(called("leads_projects").about(&names)).await,
            refused(
                409,
                "The member leads projects that must be handed over first: One, Two"
            )
        );
        let (status, body) = told(called("not_workspace_members").about(&names)).await;
        assert_eq!(status, 400);
        let why = body["errors"]["team_members"].as_str().expect("a reason");
        assert!(why.ends_with(": One, Two"), "{why}");
        assert_eq!(
            told(called("access_denied").about(&names)).await,
            refused(403, "Access denied")
        );
    }

    #[tokio::test]
    async fn who_was_deleted_is_told_no_more_than_who_brings_no_token() {
        let error = Error::from(called("unauthorized"));
        assert_eq!(error.cause(), "the user was deleted");
        assert_eq!(told(error).await, refused(401, "Unauthorized access"));
    }

    #[tokio::test]
    async fn dates_in_the_wrong_order_are_the_fault_of_a_field() {
        let (status, body) = told(called("end_before_start").into()).await;
        assert_eq!(status, 400);
        assert_eq!(body["message"], "end_date must not be before start_date");
        let errors = json!({"end_date": "must not be before start_date"});
        assert_eq!(body["errors"], errors);
    }
}
