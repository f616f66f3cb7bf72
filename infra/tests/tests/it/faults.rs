//! The database goes away, hangs, or loses connections. Callers get 503 in time, or notice nothing; nothing is done twice.

use std::process::Command;
use std::time::{Duration, Instant};

use cairn_tests::{Behaviour, TestApp, World, proxy_to_database};
use serde_json::json;

/// API Gateway and the functions give up after 10 s: a 503 of the function's own has to come before.
const IN_TIME: Duration = Duration::from_secs(9);

/// Requests of every function that uses the database.
fn reads(world: &World) -> [String; 5] {
    [
        "/api/health".to_owned(),
        "/api/workspace".to_owned(),
        format!("/api/projects/workspace/{}", world.workspace),
        format!("/api/tasks/{}", world.task),
        format!("/api/tasks/{}/comments", world.task),
    ]
}

#[tokio::test]
async fn while_the_database_is_stopped_the_answer_is_503_and_then_200_by_itself() {
    let (app, proxy) = TestApp::behind_proxy().await;
    let world = World::create(app.database()).await;
    for warm in [false, true] {
        if !warm {
            app.replace_environments();
        }
        proxy.behave(Behaviour::Refuse);
        for path in reads(&world) {
            for _ in 0..2 {
                let started = Instant::now();
                let refused = app.get(&world.lead, &path).await;
                refused.is_refused(503, "Service unavailable");
                assert!(
                    refused
                        .header("retry-after")
                        .parse::<u32>()
                        .is_ok_and(|seconds| seconds > 0),
                    "{refused}"
                );
                assert!(
                    started.elapsed() < IN_TIME,
                    "{path} took {:?}",
                    started.elapsed()
                );
            }
        }
        let body = json!({"message": "While it is stopped"});
        let path = format!("/api/tasks/{}/comments", world.task);
        app.post(&world.lead, &path, &body)
            .await
            .is_refused(503, "Service unavailable");
        proxy.behave(Behaviour::Forward);
        for path in reads(&world) {
            assert_eq!(
                app.get(&world.lead, &path).await.status,
                200,
                "{path} works again at once"
            );
        }
    }
}

#[tokio::test]
async fn a_database_that_swallows_everything_is_given_up_in_time() {
    let (app, proxy) = TestApp::behind_proxy().await;
    let world = World::create(app.database()).await;
    let path = "/api/workspace";
    app.get(&world.lead, path).await.data(200);
    for case in ["on an open connection", "while connecting"] {
        proxy.behave(Behaviour::Swallow);
        for _ in 0..2 {
            let started = Instant::now();
            let refused = app.get(&world.lead, path).await;
            refused.is_refused(503, "Service unavailable");
            assert!(
                started.elapsed() < IN_TIME,
                "{case}: {:?}",
                started.elapsed()
            );
        }
        proxy.behave(Behaviour::Forward);
        assert_eq!(app.get(&world.lead, path).await.status, 200, "{case}");
        app.replace_environments();
    }
}

#[tokio::test]
async fn what_answers_without_the_database_does_so_while_it_is_away() {
    let proxy = proxy_to_database().await;
    proxy.behave(Behaviour::Refuse);
    let app = TestApp::builder()
        .through(&proxy)
        .environments(1)
        .start()
        .await;
    let user = app.user("Ada").await;
    for path in ["/", "/api/openapi.json"] {
        assert_eq!(app.anonymous("GET", path).await.status, 200, "{path}");
    }
    app.anonymous("GET", "/api/workspace")
        .await
        .is_refused(401, "Unauthorized access");
    app.get(&user, "/nothing")
        .await
        .is_refused(404, "Not found");
    app.anonymous("GET", "/api/health")
        .await
        .is_refused(503, "Service unavailable");
}

/// Sends one request of each kind and checks that each did its work, once.
async fn everything_works_once(app: &TestApp, between: impl AsyncFn()) {
    let world = World::create(app.database()).await;
    for path in reads(&world) {
        between().await;
        let answer = app.get(&world.lead, &path).await;
        assert_eq!(answer.status, 200, "{answer}");
    }
    let project = format!("/api/projects/{}", world.project);
    let comments = format!("/api/tasks/{}/comments", world.task);
    let tasks = format!("/api/tasks/project/{}/tasks", world.project);
    let new_project =
        json!({"workspaceId": world.workspace, "name": "New", "team_lead": world.lead.email});
    let new_member =
        json!({"email": world.newcomer.email, "role": "MEMBER", "workspaceId": world.workspace});
    let new_task = json!({"title": "New", "assigneeId": world.lead.id, "due_date": "2030-01-01"});
    between().await;
    app.post(&world.owner, "/api/workspace", &json!({"name": "New"}))
        .await
        .data(201);
    between().await;
    app.post(&world.owner, "/api/workspace/add-member", &new_member)
        .await
        .data(201);
    between().await;
    app.post(&world.owner, "/api/projects", &new_project)
        .await
        .data(201);
    between().await;
    app.post(
        &world.lead,
        &format!("{project}/add-member"),
        &json!({"email": world.bystander.email}),
    )
    .await
    .data(200);
    between().await;
    app.patch(&world.lead, &project, &json!({"name": "Renamed"}))
        .await
        .data(200);
    between().await;
    app.post(&world.lead, &tasks, &new_task).await.data(201);
    between().await;
    app.patch(
        &world.lead,
        &format!("/api/tasks/{}", world.task),
        &json!({"title": "Renamed"}),
    )
    .await
    .data(200);
    between().await;
    app.post(&world.lead, &comments, &json!({"message": "New"}))
        .await
        .data(201);
    for (query, id, expected) in [
        (
            "SELECT count(*) FROM workspaces WHERE owner_id = $1",
            &world.owner.id,
            2,
        ),
        (
            "SELECT count(*) FROM workspace_members WHERE user_id = $1",
            &world.newcomer.id,
            1,
        ),
        (
            "SELECT count(*) FROM projects WHERE workspace_id = $1",
            &world.workspace,
            2,
        ),
        (
            "SELECT count(*) FROM project_members WHERE user_id = $1",
            &world.bystander.id,
            1,
        ),
        (
            "SELECT count(*) FROM tasks WHERE project_id::text = $1",
            &world.project,
            2,
        ),
        (
            "SELECT count(*) FROM comments WHERE task_id::text = $1",
            &world.task,
            2,
        ),
    ] {
        let count: i64 = app
            .database()
            .query_one(query, &[id])
            .await
            .expect("the rows are counted")
            .get(0);
        assert_eq!(count, expected, "{query}");
    }
}

/// Ends the functions' connections in the server, as an administrator or a fail-over does.
async fn kill_connections(app: &TestApp) {
    let kill = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    app.database()
        .execute(kill, &[])
        .await
        .expect("the connections are ended");
}

#[tokio::test]
async fn a_connection_killed_between_two_requests_is_not_noticed() {
    let app = TestApp::builder().environments(1).start().await;
    everything_works_once(&app, async || kill_connections(&app).await).await;
}

/// On Lambda the process is frozen between two invocations: it cannot notice by itself that the connection is gone.
#[tokio::test]
async fn a_connection_killed_while_the_environment_is_frozen_is_not_noticed() {
    let app = TestApp::builder().environments(1).start().await;
    let signal = |signal: &str| {
        let processes = app.process_ids().into_iter().map(|id| id.to_string());
        let sent = Command::new("kill").arg(signal).args(processes).status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "the processes get their signals"
        );
    };
    for _ in 0..3 {
        everything_works_once(&app, async || {
            signal("-STOP");
            kill_connections(&app).await;
            signal("-CONT");
        })
        .await;
    }
}

#[tokio::test]
async fn a_connection_cut_between_two_requests_is_not_noticed() {
    let (app, proxy) = TestApp::behind_proxy().await;
    everything_works_once(&app, async || proxy.cut()).await;
}

/// The worst moment: the server has done its work, and the connection breaks before the answer is through.
#[tokio::test]
async fn an_answer_lost_on_the_way_is_asked_for_again_and_nothing_is_done_twice() {
    let (app, proxy) = TestApp::behind_proxy().await;
    everything_works_once(&app, async || proxy.lose_next_answer()).await;
}
