//! Where a task is in the web client.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Origin, Url};

use crate::model::{ProjectId, TaskId, WorkspaceId};

/// Where the web client that Cairn was made for shows a task.
const DEFAULT_PATTERN: &str =
    "{frontend}/workspace/{workspaceId}/projects/{projectId}/tasks/{taskId}";

/// What a URL may hold anywhere without changing its meaning.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The address of a task in the web client, as a pattern that is filled in for each mail. It comes from the configuration
/// alone: an address taken from a request would let anybody lead people elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskUrl(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Workspace,
    Project,
    Task,
}

impl TaskUrl {
    /// Reads `FRONTEND_URL` and `TASK_URL_PATTERN`, in which `{frontend}`, `{workspaceId}`, `{projectId}` and `{taskId}` stand
    /// for what their names say. The error is a sentence that names the variable.
    pub fn parse(frontend: &str, pattern: Option<&str>) -> Result<Self, String> {
        let frontend = frontend.trim().trim_end_matches('/');
        if !is_web_address(frontend) || frontend.contains(['?', '{', '}']) {
            return Err(
                "FRONTEND_URL must be the http or https address of the web client, without a query"
                    .to_owned(),
            );
        }
        let parts = parts(frontend, pattern.unwrap_or(DEFAULT_PATTERN).trim())?;
        let pattern = Self(parts);
        if !pattern.0.contains(&Part::Task) {
            return Err("TASK_URL_PATTERN must hold {taskId}".to_owned());
        }
        // Whatever the ids are, it is a web address, and always of the same site.
        match (pattern.site_with("a"), pattern.site_with("b")) {
            (Some(one), Some(other)) if one == other => Ok(pattern),
            _ => Err(
                "TASK_URL_PATTERN must give an http or https address with the ids after the host"
                    .to_owned(),
            ),
        }
    }

    /// The address of one task.
    pub fn url(&self, workspace: &WorkspaceId, project: ProjectId, task: TaskId) -> String {
        self.fill(workspace.as_str(), &project.to_string(), &task.to_string())
    }

    fn fill(&self, workspace: &str, project: &str, task: &str) -> String {
        let encoded = |id| utf8_percent_encode(id, RESERVED).to_string();
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Workspace => encoded(workspace),
            Part::Project => encoded(project),
            Part::Task => encoded(task),
        };
        self.0.iter().map(part).collect()
    }

    fn site_with(&self, id: &str) -> Option<Origin> {
        let url = self.fill(id, id, id);
        is_web_address(&url).then(|| Url::parse(&url).ok().map(|url| url.origin()))?
    }
}

/// ASCII only, so that it stays a link in a plain-text mail: a host of other letters is written in Punycode.
fn is_web_address(text: &str) -> bool {
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    printable
        && Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
        })
}

fn parts(frontend: &str, pattern: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some((text, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or("TASK_URL_PATTERN must close every brace")?;
        parts.push(Part::Text(text.to_owned()));
        parts.push(match name {
            "frontend" => Part::Text(frontend.to_owned()),
            "workspaceId" => Part::Workspace,
            "projectId" => Part::Project,
            "taskId" => Part::Task,
            _ => {
                return Err(
                    "TASK_URL_PATTERN may hold only {frontend}, {workspaceId}, {projectId} and {taskId} in braces"
                        .to_owned(),
                );
            }
        });
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn url(frontend: &str, pattern: Option<&str>) -> Result<String, String> {
        let workspace = WorkspaceId::from("org_1".to_owned());
        let project = ProjectId::from(Uuid::from_u128(2));
        let task = TaskId::from(Uuid::from_u128(3));
        Ok(TaskUrl::parse(frontend, pattern)?.url(&workspace, project, task))
    }

    #[test]
    fn the_default_is_the_web_clients_page_of_the_task() {
        let expected = "https://app.example.com/workspace/org_1/projects/\
                        00000000-0000-0000-0000-000000000002/tasks/00000000-0000-0000-0000-000000000003";
        for frontend in ["https://app.example.com", " https://app.example.com/ "] {
            assert_eq!(url(frontend, None).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn a_pattern_may_put_the_ids_anywhere_after_the_host() {
        let pattern = "{frontend}/#/t/{taskId}?in={workspaceId}";
        assert_eq!(
            url("http://localhost:5173/app", Some(pattern)).as_deref(),
            Ok("http://localhost:5173/app/#/t/00000000-0000-0000-0000-000000000003?in=org_1")
        );
        let elsewhere = "https://tasks.example.com/{taskId}";
        assert_eq!(
            url("https://app.example.com", Some(elsewhere)).as_deref(),
            Ok("https://tasks.example.com/00000000-0000-0000-0000-000000000003")
        );
    }

    #[test]
    fn an_id_cannot_change_what_the_address_means() {
        let pattern = TaskUrl::parse("https://app.example.com", None).expect("a pattern");
        let filled = pattern.fill("a/../b?c#d e\"<é", "p", "t");
        assert_eq!(
            filled,
            "https://app.example.com/workspace/a%2F..%2Fb%3Fc%23d%20e%22%3C%C3%A9/projects/p/tasks/t"
        );
    }

    #[test]
    fn what_gives_no_safe_web_address_is_refused() {
        for frontend in [
            "",
            "app.example.com",
            "javascript:alert(1)",
            "ftp://app.example.com",
            "https://",
            "https://user:secret@app.example.com",
            "https://app.example.com?x=1",
            "https://app.exämple.com",
            "https://app.example.com/\nx",
        ] {
            assert!(url(frontend, None).is_err(), "{frontend} was accepted");
        }
        for pattern in [
            "{frontend}/tasks",
            "{frontend}/{task}",
            "{frontend}/{taskId",
            "https://{workspaceId}.example.com/{taskId}",
            "https://example.com{taskId}",
            "{taskId}",
            "{frontend}/a b/{taskId}",
            "javascript:alert('{taskId}')",
        ] {
            let refused = url("https://app.example.com", Some(pattern)).is_err();
            assert!(refused, "{pattern} was accepted");
        }
    }
}
