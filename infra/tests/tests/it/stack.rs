//! The deployed stack: the production template on a local AWS, through its front door.

use cairn_tests::{Answer, Stack, User};
use serde_json::{Value, json};

use crate::shapes::{person, texts};

/// An origin that the stack allows, and one that it does not.
const ALLOWED: &str = "http://localhost:5173";
const OTHER: &str = "https://evil.example";

/// A request of `user` with a body.
async fn send(stack: &Stack, user: &User, method: &str, path: &str, body: &Value) -> Answer {
    stack.request(user, method, path).json(body).await
}

async fn get(stack: &Stack, user: &User, path: &str) -> Value {
    stack.request(user, "GET", path).await.data(200)
}

/// A workspace of `ada` with `bob` in it, and a project with both.
async fn workspace_and_project(stack: &Stack, ada: &User, bob: &User) -> (String, String) {
    let id = |made: &Value| made["id"].as_str().expect("an id").to_owned();
    let made = send(
        stack,
        ada,
        "POST",
        "/api/workspace",
        &json!({"name": "Analytical Engines"}),
    )
    .await;
    let workspace = id(&made.says(201, "Workspace created successfully"));
    let member = json!({"email": bob.email, "role": "MEMBER", "workspaceId": workspace});
    let added = send(stack, ada, "POST", "/api/workspace/add-member", &member).await;
    added.says(201, "Member added successfully");
    let body = json!({
        "workspaceId": workspace, "name": "Difference Engine", "team_lead": ada.email, "team_members": [bob.email],
    });
    let made = send(stack, ada, "POST", "/api/projects", &body).await;
    (
        workspace,
        id(&made.says(201, "Project created successfully")),
    )
}

#[tokio::test]
async fn a_team_works_from_the_first_workspace_to_the_last_deletion() {
    let Some(stack) = Stack::find().await else {
        return;
    };
    let (ada, bob) = (stack.user("Ada").await, stack.user("Bob").await);
    let (workspace, project) = workspace_and_project(&stack, &ada, &bob).await;
    assert_eq!(
        texts(&get(&stack, &bob, "/api/workspace").await, "id"),
        [workspace.as_str()]
    );

    let tasks = format!("/api/tasks/project/{project}/tasks");
    let body = json!({"title": "Cut the gears", "assigneeId": bob.id, "due_date": "2030-05-04"});
    let made = send(&stack, &ada, "POST", &tasks, &body)
        .await
        .says(201, "Task created successfully");
    assert_eq!(made["assignee"], person(&bob));
    let task = made["id"].as_str().expect("an id");
    let done = send(
        &stack,
        &bob,
        "PUT",
        &format!("/api/tasks/{task}"),
        &json!({"status": "DONE"}),
    )
    .await;
    done.says(200, "Task updated successfully");
    let comments = format!("/api/tasks/{task}/comments");
    for number in 0..12 {
        let body = json!({"message": format!("Gear {number} is cut 🚀")});
        send(&stack, &bob, "POST", &comments, &body)
            .await
            .says(201, "Comment added successfully");
    }

    let page = get(&stack, &ada, &comments).await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(10));
    let all = get(&stack, &ada, &format!("/api/comments/task/{task}/comments")).await;
    assert_eq!(all[11]["content"], "Gear 11 is cut 🚀");
    let listed = get(&stack, &ada, &tasks).await;
    assert_eq!(listed[0]["status"], "DONE");
    assert_eq!(listed[0]["comments"].as_array().map(Vec::len), Some(12));
    let projects = format!("/api/projects/workspace/{workspace}");
    for path in [&projects, &format!("{projects}/projects")] {
        assert_eq!(
            texts(&get(&stack, &bob, path).await, "name"),
            ["Difference Engine"]
        );
    }
    assert_eq!(
        texts(&get(&stack, &bob, "/api/tasks/mine").await["items"], "id"),
        [task]
    );

    let delete = |path: String| stack.request(&ada, "DELETE", &path);
    let several = delete("/api/tasks".to_owned())
        .json(&json!({"taskIds": [task]}))
        .await;
    several.says(200, "1 tasks deleted successfully");
    delete(format!("/api/projects/{project}"))
        .await
        .says(200, "Project deleted successfully");
    delete(format!("/api/workspace/{workspace}"))
        .await
        .says(200, "Workspace deleted successfully");
    assert_eq!(get(&stack, &bob, "/api/workspace").await, json!([]));
}

#[tokio::test]
async fn large_answers_arrive_compressed_through_the_gateway() {
    let Some(stack) = Stack::find().await else {
        return;
    };
    let answer = stack
        .anonymous("GET", "/api/openapi.json")
        .header("accept-encoding", "gzip")
        .await;
    assert_eq!(
        answer.header("content-encoding"),
        "gzip",
        "{:?}",
        answer.headers
    );
    assert_eq!(
        answer.body[..2],
        [0x1f, 0x8b],
        "the body is gzip and not base64"
    );
}

#[tokio::test]
async fn unknown_routes_are_answered_by_the_default_route() {
    let Some(stack) = Stack::find().await else {
        return;
    };
    stack
        .anonymous("GET", "/nothing/here")
        .await
        .is_refused(404, "Not found");
    stack
        .anonymous("POST", "/api/nothing")
        .await
        .is_refused(404, "Not found");
    let root = stack.anonymous("GET", "/").await;
    assert_eq!(
        root.json(),
        json!({"message": "Server is running successfully!"})
    );
    assert_eq!(stack.anonymous("GET", "/api/health").await.status, 200);
}

#[tokio::test]
async fn only_configured_origins_may_read_answers_of_any_status() {
    let Some(stack) = Stack::find().await else {
        return;
    };
    for (path, status) in [("/", 200), ("/api/workspace", 401), ("/nothing", 404)] {
        let allowed = stack.anonymous("GET", path).header("origin", ALLOWED).await;
        assert_eq!(allowed.status, status, "{allowed}");
        assert_eq!(
            allowed.header("access-control-allow-origin"),
            ALLOWED,
            "{path}: {:?}",
            allowed.headers
        );
        let other = stack.anonymous("GET", path).header("origin", OTHER).await;
        assert_eq!(
            other.header("access-control-allow-origin"),
            "",
            "{path}: {:?}",
            other.headers
        );
    }
}

#[tokio::test]
async fn a_preflight_names_methods_and_headers_to_configured_origins_only() {
    let Some(stack) = Stack::find().await else {
        return;
    };
    let preflight = |origin: &'static str| {
        stack
            .anonymous("OPTIONS", "/api/tasks")
            .header("origin", origin)
            .header("access-control-request-method", "DELETE")
            .header(
                "access-control-request-headers",
                "authorization,content-type",
            )
    };
    let answer = preflight(ALLOWED).await;
    assert!(answer.status.is_success(), "{answer}");
    assert_eq!(answer.header("access-control-allow-origin"), ALLOWED);
    let methods = answer.header("access-control-allow-methods").to_uppercase();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        assert!(methods.contains(method), "{method} is missing in {methods}");
    }
    let headers = answer.header("access-control-allow-headers").to_lowercase();
    for header in [
        "authorization",
        "content-type",
        "idempotency-key",
        "if-match",
    ] {
        assert!(headers.contains(header), "{header} is missing in {headers}");
    }
    assert_eq!(
        preflight(OTHER).await.header("access-control-allow-origin"),
        ""
    );
}

#[tokio::test]
async fn the_demo_data_is_there() {
    let Some(stack) = Stack::find().await else {
        return;
    };
    let count = async |table: &str| -> i64 {
        let row = stack
            .database()
            .query_one(&format!("SELECT count(*) FROM {table}"), &[])
            .await;
        row.expect("the table can be read").get(0)
    };
    for (table, at_least) in [
        ("workspaces", 2),
        ("users", 6),
        ("projects", 2),
        ("tasks", 40),
        ("comments", 1),
    ] {
        let rows = count(table).await;
        assert!(rows >= at_least, "{rows} {table}");
    }
}
