//! Who may do what: every operation of the served `OpenAPI` document, for everybody whose rights differ.

use cairn_tests::{Answer, TestApp, User, World};
use serde_json::{Value, json};

use cairn_tests::operations::{
    assert_all_listed, body, documented, id, parameters, request, request_with, somebody_allowed,
};

/// The columns: nobody (no token), somebody from another workspace, a member of the workspace outside the project, a member of
/// the project (who wrote the comment), the task's assignee, the team lead, an ADMIN, the workspace's owner.
const RIGHTS: &str = "
                                                              none other wmemb pmemb assig lead  ADMIN owner
    GET    /                                                   200  200   200   200   200   200   200   200
    GET    /api/health                                         200  200   200   200   200   200   200   200
    GET    /api/openapi.json                                   200  200   200   200   200   200   200   200
    GET    /api/docs                                           200  200   200   200   200   200   200   200
    GET    /api/workspace                                      401  200   200   200   200   200   200   200
    POST   /api/workspace                                      401  201   201   201   201   201   201   201
    GET    /api/workspace/{workspaceId}                        401  404   200   200   200   200   200   200
    PATCH  /api/workspace/{workspaceId}                        401  404   403   403   403   403   200   200
    DELETE /api/workspace/{workspaceId}                        401  404   403   403   403   403   403   200
    GET    /api/workspace/{workspaceId}/members                401  403   200   200   200   200   200   200
    POST   /api/workspace/add-member                           401  403   403   403   403   403   201   201
    PATCH  /api/workspace/{workspaceId}/members/{userId}       401  403   403   403   403   403   200   200
    DELETE /api/workspace/{workspaceId}/members/{userId}       401  403   403   403   403   403   200   200
    GET    /api/projects/workspace/{workspaceId}               401  403   200   200   200   200   200   200
    GET    /api/projects/workspace/{workspaceId}/projects      401  403   200   200   200   200   200   200
    POST   /api/projects                                       401  404   403   403   403   403   201   201
    POST   /api/projects/workspace/{workspaceId}               401  404   403   403   403   403   201   201
    GET    /api/projects/{projectId}                           401  404   200   200   200   200   200   200
    PATCH  /api/projects/{projectId}                           401  404   403   403   403   200   403   403
    PUT    /api/projects/{projectId}                           401  404   403   403   403   200   403   403
    DELETE /api/projects/{projectId}                           401  404   403   403   403   200   200   200
    GET    /api/projects/{projectId}/members                   401  404   200   200   200   200   200   200
    POST   /api/projects/{projectId}/add-member                401  404   403   403   403   200   403   403
    DELETE /api/projects/{projectId}/member/{userId}           401  404   403   403   403   200   403   403
    GET    /api/tasks/project/{projectId}/tasks                401  404   200   200   200   200   200   200
    POST   /api/tasks/project/{projectId}/tasks                401  404   403   403   403   201   403   403
    GET    /api/tasks/mine                                     401  200   200   200   200   200   200   200
    GET    /api/tasks/{taskId}                                 401  404   404   200   200   200   200   200
    PATCH  /api/tasks/{taskId}                                 401  404   403   403   200   200   403   403
    PUT    /api/tasks/{taskId}                                 401  404   403   403   200   200   403   403
    DELETE /api/tasks/{taskId}                                 401  404   403   403   403   200   403   403
    DELETE /api/tasks                                          401  404   403   403   403   200   403   403
    GET    /api/comments/task/{taskId}/comments                401  404   404   200   200   200   200   200
    GET    /api/tasks/{taskId}/comments                        401  404   404   200   200   200   200   200
    POST   /api/tasks/{taskId}/comments                        401  404   404   201   201   201   201   201
    GET    /api/comments/{commentId}                           401  404   404   200   200   200   200   200
    PATCH  /api/comments/{commentId}                           401  404   404   200   403   403   403   403
    DELETE /api/comments/{commentId}                           401  404   404   200   403   200   200   200
";

/// The rows of the table: the operation, and the expected statuses in the order of [`everybody`].
fn rows() -> Vec<(String, Vec<u16>)> {
    let lines = RIGHTS
        .lines()
        .map(str::trim)
        .filter(|line| line.contains('/'));
    lines
        .map(|line| {
            let mut words = line.split_whitespace();
            let operation = [words.next(), words.next()]
                .map(|word| word.expect("a method and a path"))
                .join(" ");
            (
                operation,
                words
                    .map(|status| status.parse().expect("a status"))
                    .collect(),
            )
        })
        .collect()
}

/// The people of the table's columns.
fn everybody<'a>(world: &'a World, other: &'a World) -> [(&'static str, Option<&'a User>); 8] {
    [
        ("no token", None),
        ("somebody from another workspace", Some(&other.lead)),
        (
            "a workspace member outside the project",
            Some(&world.workspace_member),
        ),
        ("a project member", Some(&world.project_member)),
        ("the assignee", Some(&world.assignee)),
        ("the team lead", Some(&world.lead)),
        ("an ADMIN", Some(&world.admin)),
        ("the owner", Some(&world.owner)),
    ]
}

#[tokio::test]
async fn every_operation_answers_everybody_as_the_table_says_and_refusals_change_nothing() {
    let app = TestApp::builder().start().await;
    let rows = rows();
    let listed: Vec<&str> = rows
        .iter()
        .map(|(operation, _)| operation.as_str())
        .collect();
    assert_all_listed(&documented(&app).await, &listed, "rights.rs");
    let other = World::create(app.database()).await;
    let mut differences = Vec::new();
    for (operation, statuses) in &rows {
        let mut world = World::create(app.database()).await;
        let mut before = app.contents().await;
        for (column, expected) in statuses.iter().enumerate() {
            let (who, user) = everybody(&world, &other)[column];
            let mut request = request(&app, &world, operation);
            if let Some(user) = user {
                request = request.token(&app.token(user));
            }
            let answer = request.await;
            if answer.status != *expected {
                differences.push(format!(
                    "{operation} by {who}: expected {expected}, but {answer}"
                ));
            }
            let after = app.contents().await;
            if after == before {
                continue;
            }
            if !answer.status.is_success() || operation.starts_with("GET ") {
                differences.push(format!(
                    "{operation} by {who} changed something and answered {}",
                    answer.status
                ));
            }
            world = World::create(app.database()).await;
            before = app.contents().await;
        }
    }
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// Answers are compared without the ids that the caller sent and that an answer may repeat.
fn comparable(answer: &Answer, sent: &str) -> (u16, String) {
    let body = String::from_utf8_lossy(&answer.body).replace(&json!(sent).to_string(), "<id>");
    (answer.status.as_u16(), body)
}

/// Ids of nothing, in every form.
fn ids_of_nothing() -> Vec<String> {
    let mut ids = vec![
        uuid::Uuid::now_v7().to_string(),
        uuid::Uuid::now_v7().to_string().to_uppercase(),
    ];
    let others = [
        "nothing",
        "0",
        "-1",
        "user_nobody",
        "org_nothing",
        "%00",
        "%F0%9F%9A%80",
        "a%2Fb",
        "..%2F..",
        "'",
    ];
    ids.extend(others.map(str::to_owned));
    ids
}

#[tokio::test]
async fn foreign_and_unknown_ids_in_paths_are_answered_alike_and_change_nothing() {
    let app = TestApp::builder().start().await;
    let (world, other) = (
        World::create(app.database()).await,
        World::create(app.database()).await,
    );
    let before = app.contents().await;
    for operation in documented(&app).await {
        let allowed = somebody_allowed(&world, &operation);
        let token = app.token(allowed);
        for parameter in parameters(&operation) {
            let ask = |value: String| {
                let ids = |name: &str| {
                    if name == parameter {
                        value.clone()
                    } else {
                        id(&world, &operation, name)
                    }
                };
                request_with(&app, &operation, ids, &body(&world, &operation)).token(&token)
            };
            let foreign_id = id(&other, &operation, parameter);
            let foreign = comparable(&ask(foreign_id.clone()).await, &foreign_id);
            for unknown_id in ids_of_nothing() {
                let answer = ask(unknown_id.clone()).await;
                // What is decoded from the path may come back in an answer.
                let sent = if unknown_id.contains('%') {
                    answer.json()["data"]["memberId"].clone()
                } else {
                    json!(unknown_id)
                };
                let unknown = comparable(&answer, sent.as_str().unwrap_or("\0"));
                assert_eq!(
                    unknown, foreign,
                    "{operation}: {parameter} = {unknown_id} and one of another workspace"
                );
            }
            assert_eq!(
                app.contents().await,
                before,
                "{operation} with another workspace's {parameter}"
            );
        }
    }
}

#[tokio::test]
async fn foreign_and_unknown_ids_in_bodies_are_answered_alike_and_change_nothing() {
    let app = TestApp::builder().start().await;
    let (world, other) = (
        World::create(app.database()).await,
        World::create(app.database()).await,
    );
    let before = app.contents().await;
    let nobody = "nobody@example.com";
    // What to send in place of which field; the unknown ones come after the foreign one.
    let workspaces = json!([
        other.workspace,
        "org_nothing",
        "x",
        "\u{1F680}",
        uuid::Uuid::now_v7()
    ]);
    let addresses = json!([other.lead.email, nobody, "no address", ""]);
    let users = json!([other.assignee.id, "user_nobody", "x", uuid::Uuid::now_v7()]);
    let tasks = json!([
        [other.task],
        [uuid::Uuid::now_v7()],
        ["x"],
        [world.task, other.task],
        [other.task, world.task]
    ]);
    for (operation, field, values) in [
        ("POST /api/workspace/add-member", "workspaceId", &workspaces),
        ("POST /api/projects", "workspaceId", &workspaces),
        ("POST /api/projects", "team_lead", &addresses),
        (
            "POST /api/projects/workspace/{workspaceId}",
            "team_lead",
            &addresses,
        ),
        ("PATCH /api/projects/{projectId}", "team_lead", &addresses),
        ("PUT /api/projects/{projectId}", "team_lead", &addresses),
        (
            "POST /api/tasks/project/{projectId}/tasks",
            "assigneeId",
            &users,
        ),
        ("PATCH /api/tasks/{taskId}", "assigneeId", &users),
        ("PUT /api/tasks/{taskId}", "assigneeId", &users),
        ("DELETE /api/tasks", "taskIds", &tasks),
    ] {
        let token = app.token(somebody_allowed(&world, operation));
        let mut answers = Vec::new();
        for value in values.as_array().expect("a list") {
            let mut body = body(&world, operation);
            body[field] = value.clone();
            let answer = request_with(&app, operation, |name| id(&world, operation, name), &body)
                .token(&token)
                .await;
            assert!(
                answer.status.is_client_error(),
                "{operation} with {field} = {value}: {answer}"
            );
            answers.push(comparable(&answer, value.as_str().unwrap_or("\0")));
        }
        let [foreign, unknown @ ..] = answers.as_slice() else {
            panic!("a foreign one and unknown ones")
        };
        for unknown in unknown {
            assert_eq!(unknown, foreign, "{operation} with {field}");
        }
        assert_eq!(
            app.contents().await,
            before,
            "{operation} with another workspace's {field}"
        );
    }
    // Addresses of outsiders are named, whoever they are.
    let token = app.token(&world.owner);
    let mut answers = Vec::new();
    for address in [other.lead.email.as_str(), nobody] {
        let mut body = body(&world, "POST /api/projects");
        body["team_members"] = json!([address]);
        let answer = request_with(&app, "POST /api/projects", |_| String::new(), &body)
            .token(&token)
            .await;
        assert_eq!(answer.status, 400, "{answer}");
        answers.push(String::from_utf8_lossy(&answer.body).replace(address, "<address>"));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(app.contents().await, before);
}

#[tokio::test]
async fn a_foreign_id_in_a_query_shows_nothing() {
    let app = TestApp::shared().await;
    let (world, other) = (
        World::create(app.database()).await,
        World::create(app.database()).await,
    );
    for assignee in [&other.assignee.id, &"user_nobody".to_owned()] {
        let own = format!(
            "/api/tasks/project/{}/tasks?assigneeId={assignee}",
            world.project
        );
        assert_eq!(app.get(&world.lead, &own).await.data(200), json!([]));
        let mine = format!("/api/tasks/mine?assigneeId={assignee}");
        assert_eq!(
            app.get(&world.lead, &mine).await.data(200)["items"],
            json!([])
        );
    }
    // A cursor is a position, not a right: with another's cursor one still reads one's own list, or is refused.
    app.add_to_workspace(&other.owner, &other.workspace, &world.lead, "MEMBER")
        .await;
    let page = app
        .get(
            &other.lead,
            &format!("/api/projects/{}/members?limit=1", other.project),
        )
        .await
        .data(200);
    let cursor = page["nextCursor"].as_str().expect("there are more");
    let stranger = app.user("Stranger").await;
    let path = format!(
        "/api/projects/{}/members?limit=5&cursor={cursor}",
        other.project
    );
    app.get(&stranger, &path)
        .await
        .is_refused(404, "Project not found or access denied");
    let path = format!(
        "/api/projects/{}/members?limit=5&cursor={cursor}",
        world.project
    );
    let answer = app.get(&world.lead, &path).await;
    let shown = String::from_utf8_lossy(&answer.body).into_owned();
    for user in [&other.lead, &other.assignee, &other.project_member] {
        assert!(!shown.contains(&user.id), "{answer}");
    }
    assert_ne!(answer.json(), Value::Null);
}
