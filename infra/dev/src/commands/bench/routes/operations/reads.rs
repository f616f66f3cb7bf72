//! The operations that read.

use super::super::super::dataset::{SCRATCH, comment_of_lead, person, project, task, workspace};
use super::{Operation, lead_of_some, some};

/// What changes nothing.
pub fn all() -> Vec<Operation> {
    around().into_iter().chain(lists_and_things()).collect()
}

fn nobody(_: usize) -> String {
    String::new()
}

fn around() -> [Operation; 4] {
    [
        Operation::read("GET /", nobody, |_| "/".to_owned()),
        Operation::read("GET /api/health", nobody, |_| "/api/health".to_owned()),
        Operation::read("GET /api/openapi.json", nobody, |_| {
            "/api/openapi.json".to_owned()
        })
        .larger(),
        Operation::read("GET /api/docs", nobody, |_| "/api/docs".to_owned()).no_json(),
    ]
}

fn lists_and_things() -> [Operation; 14] {
    [
        Operation::read(
            "GET /api/workspace",
            |n| person(n % (SCRATCH - 1), 15 + n % 8),
            |_| "/api/workspace".to_owned(),
        )
        .of("/data", 2),
        Operation::read("GET /api/workspace/{workspaceId}", lead_of_some, |n| {
            format!("/api/workspace/{}", workspace(some(n) / 20))
        }),
        Operation::read(
            "GET /api/workspace/{workspaceId}/members",
            lead_of_some,
            |n| format!("/api/workspace/{}/members", workspace(some(n) / 20)),
        )
        .of("/data", 30),
        Operation::read(
            "GET /api/projects/workspace/{workspaceId}",
            lead_of_some,
            |n| format!("/api/projects/workspace/{}", workspace(some(n) / 20)),
        )
        .of("/data", 20)
        .larger(),
        Operation::read(
            "GET /api/projects/workspace/{workspaceId}/projects, limit 5",
            lead_of_some,
            |n| {
                let workspace = workspace(some(n) / 20);
                format!("/api/projects/workspace/{workspace}/projects?limit=5")
            },
        )
        .of("/data/items", 5)
        .larger(),
        Operation::read("GET /api/projects/{projectId}", lead_of_some, |n| {
            format!("/api/projects/{}", project(some(n)))
        })
        .of("/data/tasks", 50)
        .fifty(),
        Operation::read("GET /api/projects/{projectId}/members", lead_of_some, |n| {
            format!("/api/projects/{}/members", project(some(n)))
        })
        .of("/data", 8),
        Operation::read(
            "GET /api/tasks/project/{projectId}/tasks",
            lead_of_some,
            |n| format!("/api/tasks/project/{}/tasks", project(some(n))),
        )
        .of("/data", 50)
        .fifty(),
        Operation::read("GET /api/tasks/mine, limit 10", lead_of_some, |_| {
            "/api/tasks/mine?limit=10".to_owned()
        })
        .of("/data/items", 10),
        Operation::read("GET /api/tasks/mine", lead_of_some, |_| {
            "/api/tasks/mine".to_owned()
        })
        .of("/data/items", 50)
        .fifty(),
        Operation::read("GET /api/tasks/{taskId}", lead_of_some, |n| {
            format!("/api/tasks/{}", task(some(n), n))
        }),
        Operation::read(
            "GET /api/comments/task/{taskId}/comments",
            lead_of_some,
            |n| format!("/api/comments/task/{}/comments", task(some(n), n)),
        )
        .of("/data", 3),
        Operation::read("GET /api/tasks/{taskId}/comments", lead_of_some, |n| {
            format!("/api/tasks/{}/comments", task(some(n), n))
        })
        .of("/data/items", 3),
        Operation::read("GET /api/comments/{commentId}", lead_of_some, |n| {
            format!("/api/comments/{}", comment_of_lead(some(n)))
        }),
    ]
}
