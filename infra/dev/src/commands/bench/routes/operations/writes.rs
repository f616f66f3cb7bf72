//! The operations that write.

use serde_json::{Value, json};

use super::super::super::dataset::{
    SCRATCH, address, comment_of_lead, gone, member, person, project, task, workspace,
};
use super::{Operation, REQUESTS, lead_of_some, some};

/// What makes, changes and deletes.
pub fn all() -> Vec<Operation> {
    workspaces()
        .into_iter()
        .chain(projects())
        .chain(tasks())
        .chain(comments())
        .collect()
}

/// A project of the workspace in which things are made and deleted.
fn scratch(n: usize) -> usize {
    SCRATCH * 20 + n
}

fn admin_of_scratch(_: usize) -> String {
    person(SCRATCH, 0)
}

fn nothing(_: usize) -> Value {
    Value::Null
}

const DESCRIPTION: &str = "The second sensor drifts by two percent after an hour in the sun and nobody knows why. Please check the \
     cable at the north wall first, then compare with the numbers of last week.";

fn workspaces() -> [Operation; 6] {
    let member = |n: usize| {
        let (workspace, member) = (workspace(SCRATCH), person(SCRATCH, 2 + n));
        format!("/api/workspace/{workspace}/members/{member}")
    };
    [
        Operation::write(
            "POST /api/workspace",
            lead_of_some,
            |_| "/api/workspace".to_owned(),
            |n| json!({"name": format!("Workspace of the bench {n}"), "description": DESCRIPTION}),
        )
        .created(),
        Operation::write(
            "PATCH /api/workspace/{workspaceId}",
            lead_of_some,
            |n| format!("/api/workspace/{}", workspace(some(n) / 20)),
            |n| json!({"name": format!("Renamed {n}")}),
        ),
        Operation::write(
            "DELETE /api/workspace/{workspaceId}",
            admin_of_scratch,
            |n| format!("/api/workspace/org_gone_{n}"),
            nothing,
        ),
        Operation::write(
            "POST /api/workspace/add-member",
            admin_of_scratch,
            |_| "/api/workspace/add-member".to_owned(),
            |n| json!({"email": address(n), "role": "MEMBER", "workspaceId": workspace(SCRATCH)}),
        )
        .created(),
        Operation::write(
            "PATCH /api/workspace/{workspaceId}/members/{userId}",
            admin_of_scratch,
            member,
            |_| json!({"role": "ADMIN"}),
        ),
        Operation::write(
            "DELETE /api/workspace/{workspaceId}/members/{userId}",
            admin_of_scratch,
            member,
            nothing,
        ),
    ]
}

/// A new project with a lead of its own and two members.
fn new_project(n: usize) -> Value {
    json!({
        "name": format!("Project of the bench {n}"),
        "description": DESCRIPTION,
        "status": "ACTIVE",
        "priority": "HIGH",
        "progress": 0,
        "start_date": "2026-11-01",
        "end_date": "2027-03-31",
        "team_lead": address(SCRATCH * 15 + 3),
        "team_members": [address(SCRATCH * 15 + 4), address(SCRATCH * 15 + 5)],
        "workspaceId": workspace(SCRATCH),
    })
}

fn projects() -> [Operation; 7] {
    let change = |n: usize| json!({"description": DESCRIPTION, "progress": n, "status": "ACTIVE"});
    let some_project = |n: usize| format!("/api/projects/{}", project(some(n)));
    [
        Operation::write(
            "POST /api/projects",
            admin_of_scratch,
            |_| "/api/projects".to_owned(),
            new_project,
        )
        .created(),
        Operation::write(
            "POST /api/projects/workspace/{workspaceId}",
            admin_of_scratch,
            |_| format!("/api/projects/workspace/{}", workspace(SCRATCH)),
            new_project,
        )
        .created(),
        Operation::write(
            "PATCH /api/projects/{projectId}",
            lead_of_some,
            some_project,
            change,
        )
        .of("/data/tasks", 50)
        .fifty(),
        Operation::write(
            "PUT /api/projects/{projectId}",
            lead_of_some,
            some_project,
            change,
        )
        .of("/data/tasks", 50)
        .fifty(),
        Operation::write(
            "DELETE /api/projects/{projectId}",
            admin_of_scratch,
            |n| format!("/api/projects/{}", gone("project", n)),
            nothing,
        ),
        Operation::write(
            "POST /api/projects/{projectId}/add-member",
            admin_of_scratch,
            |n| format!("/api/projects/{}/add-member", project(scratch(n))),
            |_| json!({"email": address(SCRATCH * 15 + 2)}),
        ),
        Operation::write(
            "DELETE /api/projects/{projectId}/member/{userId}",
            admin_of_scratch,
            |n| {
                let number = scratch(n);
                let (project, member) = (project(number), person(SCRATCH, member(number)));
                format!("/api/projects/{project}/member/{member}")
            },
            nothing,
        ),
    ]
}

fn tasks() -> [Operation; 5] {
    let change = |n: usize| json!({"title": format!("Renamed {n}"), "description": DESCRIPTION, "priority": "HIGH"});
    let some_task = |n: usize| format!("/api/tasks/{}", task(some(n), n));
    [
        Operation::write(
            "POST /api/tasks/project/{projectId}/tasks",
            admin_of_scratch,
            |n| format!("/api/tasks/project/{}/tasks", project(scratch(n))),
            |n| {
                json!({
                    "title": format!("Task of the bench {n}"),
                    "description": DESCRIPTION,
                    "type": "BUG",
                    "status": "TODO",
                    "priority": "MEDIUM",
                    "assigneeId": person(SCRATCH, member(scratch(n))),
                    "due_date": "2027-03-31",
                })
            },
        )
        .created(),
        Operation::write("PATCH /api/tasks/{taskId}", lead_of_some, some_task, change),
        Operation::write("PUT /api/tasks/{taskId}", lead_of_some, some_task, change),
        Operation::write(
            "DELETE /api/tasks/{taskId}",
            admin_of_scratch,
            |n| format!("/api/tasks/{}", gone("task", n)),
            nothing,
        ),
        Operation::write(
            "DELETE /api/tasks",
            admin_of_scratch,
            |_| "/api/tasks".to_owned(),
            |n| {
                let ids = [0, 1, 2].map(|i| gone("task", REQUESTS + n * 3 + i));
                json!({"taskIds": ids})
            },
        ),
    ]
}

fn comments() -> [Operation; 3] {
    [
        Operation::write(
            "POST /api/tasks/{taskId}/comments",
            lead_of_some,
            |n| format!("/api/tasks/{}/comments", task(some(n), n)),
            |_| json!({"message": DESCRIPTION}),
        )
        .created(),
        Operation::write(
            "PATCH /api/comments/{commentId}",
            lead_of_some,
            |n| format!("/api/comments/{}", comment_of_lead(some(n))),
            |_| json!({"message": DESCRIPTION}),
        ),
        Operation::write(
            "DELETE /api/comments/{commentId}",
            admin_of_scratch,
            |n| format!("/api/comments/{}", gone("comment", n)),
            nothing,
        ),
    ]
}
