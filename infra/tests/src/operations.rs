//! Every operation of the API, with a request that succeeds: what the tables of rights and of round trips are about.

use serde_json::{Value, json};

use crate::app::TestApp;
use crate::people::User;
use crate::request::Request;
use crate::world::World;

/// The operations of the served `OpenAPI` document, as `METHOD /path/{parameter}`.
pub async fn documented(app: &TestApp) -> Vec<String> {
    let document = app.anonymous("GET", "/api/openapi.json").await.json();
    let paths = document["paths"]
        .as_object()
        .expect("the document has paths");
    let mut operations = Vec::new();
    for (path, item) in paths {
        for method in ["get", "put", "post", "delete", "patch"] {
            if item.get(method).is_some() {
                operations.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    operations
}

/// Fails for operations that a table lacks, and for those that are in the table only.
#[track_caller]
pub fn assert_all_listed(documented: &[String], listed: &[&str], file: &str) {
    for operation in documented {
        assert!(
            listed.contains(&operation.as_str()),
            "{operation} is a new operation: add its row to the table in infra/tests/tests/it/{file}, and its body, if it \
             takes one, to `body` in infra/tests/src/operations.rs"
        );
    }
    for operation in listed {
        // The page is for people and not part of the document.
        assert!(
            *operation == "GET /api/docs" || documented.iter().any(|known| known == operation),
            "{operation} is not in the OpenAPI document: remove its row from infra/tests/tests/it/{file}"
        );
    }
}

/// The request of `operation` on what is in `world`; who sends it is up to the caller.
pub fn request(app: &TestApp, world: &World, operation: &str) -> Request {
    request_with(
        app,
        operation,
        |parameter| id(world, operation, parameter),
        &body(world, operation),
    )
}

/// The same with ids and a body of the caller's choice.
pub fn request_with(
    app: &TestApp,
    operation: &str,
    id: impl Fn(&str) -> String,
    body: &Value,
) -> Request {
    request_with_query(app, operation, id, &[], body)
}

/// The same with a query, whose values need no escapes.
pub fn request_with_query(
    app: &TestApp,
    operation: &str,
    id: impl Fn(&str) -> String,
    query: &[(&str, String)],
    body: &Value,
) -> Request {
    let (method, template) = operation.split_once(' ').expect("a method and a path");
    let path = template
        .split('/')
        .map(|segment| parameter(segment).map_or_else(|| segment.to_owned(), &id))
        .collect::<Vec<_>>()
        .join("/");
    let query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let path = if query.is_empty() {
        path
    } else {
        format!("{path}?{}", query.join("&"))
    };
    let request = app.anonymous(method, &path);
    if body.is_null() {
        request
    } else {
        request.json(body)
    }
}

/// The parameters in the path of an operation.
pub fn parameters(operation: &str) -> Vec<&str> {
    operation.split('/').filter_map(parameter).collect()
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// What a path parameter stands for.
pub fn id(world: &World, operation: &str, parameter: &str) -> String {
    match parameter {
        "workspaceId" => world.workspace.clone(),
        "projectId" => world.project.clone(),
        "taskId" => world.task.clone(),
        "commentId" => world.comment.clone(),
        "userId" if operation.contains("/projects/") => world.project_member.id.clone(),
        "userId" => world.bystander.id.clone(),
        other => panic!(
            "{other} is a new path parameter: say in infra/tests/src/operations.rs what it stands for"
        ),
    }
}

/// A body that is accepted; null where there is none.
pub fn body(world: &World, operation: &str) -> Value {
    match operation {
        "POST /api/workspace" | "PATCH /api/workspace/{workspaceId}" => json!({"name": "Renamed"}),
        "POST /api/workspace/add-member" => {
            json!({"email": world.newcomer.email, "role": "MEMBER", "workspaceId": world.workspace})
        }
        "PATCH /api/workspace/{workspaceId}/members/{userId}" => json!({"role": "ADMIN"}),
        "POST /api/projects" => {
            json!({"name": "New", "team_lead": world.bystander.email, "workspaceId": world.workspace})
        }
        "POST /api/projects/workspace/{workspaceId}" => {
            json!({"name": "New", "team_lead": world.bystander.email})
        }
        "PATCH /api/projects/{projectId}" | "PUT /api/projects/{projectId}" => {
            json!({"name": "Renamed"})
        }
        "POST /api/projects/{projectId}/add-member" => json!({"email": world.bystander.email}),
        "POST /api/tasks/project/{projectId}/tasks" => {
            json!({"title": "New", "assigneeId": world.assignee.id, "due_date": "2030-01-01"})
        }
        "PATCH /api/tasks/{taskId}" | "PUT /api/tasks/{taskId}" => json!({"title": "Renamed"}),
        "DELETE /api/tasks" => json!({"taskIds": [world.task]}),
        "POST /api/tasks/{taskId}/comments" | "PATCH /api/comments/{commentId}" => {
            json!({"message": "New words"})
        }
        _ => Value::Null,
    }
}

/// Somebody inside of `world` to whom `operation` is allowed.
pub fn somebody_allowed<'w>(world: &'w World, operation: &str) -> &'w User {
    match operation {
        "PATCH /api/comments/{commentId}" => &world.project_member,
        "POST /api/projects" | "POST /api/projects/workspace/{workspaceId}" => &world.owner,
        _ if operation.contains("/api/workspace") => &world.owner,
        _ => &world.lead,
    }
}
