//! One round trip to the database answers one request. Counted by a proxy between the functions and PostgreSQL: what is sent
//! before the first byte of an answer is one flight.

use std::sync::Arc;

use cairn_tests::{DatabaseProxy, TestApp, World, proxy_to_database};

use cairn_tests::operations::{assert_all_listed, documented, request, somebody_allowed};

/// The flights of a request that succeeds, on a connection that was just made and on one that has served the same request
/// before. Making the connection itself is not counted.
const FLIGHTS: &str = "
                                                              fresh warm
    GET    /                                                     0    0
    GET    /api/health                                           1    1
    GET    /api/openapi.json                                     0    0
    GET    /api/docs                                             0    0
    GET    /api/workspace                                        1    1
    POST   /api/workspace                                        1    1
    GET    /api/workspace/{workspaceId}                          1    1
    PATCH  /api/workspace/{workspaceId}                          1    1
    DELETE /api/workspace/{workspaceId}                          1    1
    GET    /api/workspace/{workspaceId}/members                  1    1
    POST   /api/workspace/add-member                             1    1
    PATCH  /api/workspace/{workspaceId}/members/{userId}         1    1
    DELETE /api/workspace/{workspaceId}/members/{userId}         1    1
    GET    /api/projects/workspace/{workspaceId}                 1    1
    GET    /api/projects/workspace/{workspaceId}/projects        1    1
    POST   /api/projects                                         1    1
    POST   /api/projects/workspace/{workspaceId}                 1    1
    GET    /api/projects/{projectId}                             1    1
    PATCH  /api/projects/{projectId}                             1    1
    PUT    /api/projects/{projectId}                             1    1
    DELETE /api/projects/{projectId}                             1    1
    GET    /api/projects/{projectId}/members                     1    1
    POST   /api/projects/{projectId}/add-member                  1    1
    DELETE /api/projects/{projectId}/member/{userId}             1    1
    GET    /api/tasks/project/{projectId}/tasks                  1    1
    POST   /api/tasks/project/{projectId}/tasks                  1    1
    GET    /api/tasks/mine                                       1    1
    GET    /api/tasks/{taskId}                                   1    1
    PATCH  /api/tasks/{taskId}                                   1    1
    PUT    /api/tasks/{taskId}                                   1    1
    DELETE /api/tasks/{taskId}                                   1    1
    DELETE /api/tasks                                            1    1
    GET    /api/comments/task/{taskId}/comments                  1    1
    GET    /api/tasks/{taskId}/comments                          1    1
    POST   /api/tasks/{taskId}/comments                          1    1
    GET    /api/comments/{commentId}                             1    1
    PATCH  /api/comments/{commentId}                             1    1
    DELETE /api/comments/{commentId}                             1    1
";

fn rows() -> Vec<(String, [u32; 2])> {
    let lines = FLIGHTS
        .lines()
        .map(str::trim)
        .filter(|line| line.contains('/'));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [method, path, fresh, warm] = words[..] else {
                panic!("four columns: {line}")
            };
            let flights = [fresh, warm].map(|number| number.parse().expect("a number"));
            (format!("{method} {path}"), flights)
        })
        .collect()
}

/// The flights that one request of `operation` takes, on things of its own.
async fn flights_of(app: &TestApp, proxy: &DatabaseProxy, operation: &str) -> u32 {
    let world = World::create(app.database()).await;
    let before = proxy.flights();
    let token = app.token(somebody_allowed(&world, operation));
    let answer = request(app, &world, operation).token(&token).await;
    assert!(answer.status.is_success(), "{answer}");
    proxy.flights() - before
}

async fn measure(proxy: &Arc<DatabaseProxy>, app: &TestApp) {
    let rows = rows();
    let listed: Vec<&str> = rows
        .iter()
        .map(|(operation, _)| operation.as_str())
        .collect();
    assert_all_listed(&documented(app).await, &listed, "round_trips.rs");
    let mut differences = Vec::new();
    for (operation, expected) in &rows {
        app.replace_environments();
        let fresh = flights_of(app, proxy, operation).await;
        let warm = flights_of(app, proxy, operation).await;
        if [fresh, warm] != *expected {
            differences.push(format!(
                "{operation}: expected {expected:?}, but {:?}",
                [fresh, warm]
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(
        proxy.connections() > 0,
        "the functions go through the proxy"
    );
}

#[tokio::test]
async fn each_request_takes_the_flights_that_the_table_says() {
    let (app, proxy) = TestApp::behind_proxy().await;
    measure(&proxy, &app).await;
}

#[tokio::test]
async fn each_request_takes_no_more_flights_without_prepared_statements() {
    let proxy = proxy_to_database().await;
    let app = TestApp::builder()
        .through(&proxy)
        .environments(1)
        .variable("DATABASE_PREPARED_STATEMENTS", "off")
        .start()
        .await;
    measure(&proxy, &app).await;
}

#[tokio::test]
async fn a_list_takes_one_flight_however_much_is_in_it() {
    let (app, proxy) = TestApp::behind_proxy().await;
    let world = World::create(app.database()).await;
    let fill = "INSERT INTO projects (id, workspace_id, name, team_lead)
                SELECT gen_random_uuid(), $1, 'Project ' || n, $2 FROM generate_series(1, 60) n";
    app.database()
        .execute(fill, &[&world.workspace, &world.lead.id])
        .await
        .expect("the projects are written");
    let fill = "INSERT INTO tasks (id, project_id, title, assignee_id, due_date)
                SELECT gen_random_uuid(), p.id, 'Task ' || n, $2, now()
                  FROM projects p, generate_series(1, 10) n WHERE p.workspace_id = $1";
    app.database()
        .execute(fill, &[&world.workspace, &world.lead.id])
        .await
        .expect("the tasks are written");
    let fill = "INSERT INTO comments (id, task_id, user_id, content)
                SELECT gen_random_uuid(), t.id, $2, 'Comment ' || n
                  FROM tasks t, generate_series(1, 10) n WHERE t.project_id = $1::text::uuid";
    app.database()
        .execute(fill, &[&world.project, &world.lead.id])
        .await
        .expect("the comments are written");
    for path in [
        format!("/api/projects/workspace/{}", world.workspace),
        format!("/api/tasks/project/{}/tasks", world.project),
        "/api/tasks/mine?limit=100".to_owned(),
    ] {
        let before = proxy.flights();
        app.get(&world.lead, &path).await.data(200);
        assert_eq!(proxy.flights() - before, 1, "{path}");
    }
}
