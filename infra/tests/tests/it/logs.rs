//! What the functions write to their logs: JSON lines with the request's id, and nothing of what users say or are.

use cairn_tests::{Behaviour, TestApp, World};
use serde_json::json;

use cairn_tests::operations::{documented, request, somebody_allowed};

mod metrics;
pub mod shape;

/// What must never be seen in a log.
fn secrets(app: &TestApp, world: &World) -> Vec<String> {
    let mut secrets = vec![
        "Unspeakable".to_owned(),
        "@example.com".to_owned(),
        "PRIVATE KEY".to_owned(),
    ];
    for user in [
        &world.owner,
        &world.lead,
        &world.assignee,
        &world.project_member,
        &world.newcomer,
    ] {
        secrets.extend([user.name.clone(), user.email.clone()]);
    }
    // The payload is what a token's bearer needs; header and issuer are no secret.
    let token = app.token(&world.lead);
    secrets.extend(token.split('.').skip(2).map(str::to_owned));
    secrets.push("Bearer ".to_owned());
    secrets
}

#[tokio::test]
async fn every_request_is_logged_as_json_with_its_id_and_without_anything_private() {
    let (app, proxy) = TestApp::behind_proxy().await;
    let world = World::create(app.database()).await;
    let mut ids = Vec::new();
    for operation in documented(&app).await {
        let world = World::create(app.database()).await;
        for user in [somebody_allowed(&world, &operation), &world.newcomer] {
            let answer = request(&app, &world, &operation)
                .token(&app.token(user))
                .await;
            ids.push(answer.header("x-request-id").to_owned());
        }
    }
    let comments = format!("/api/tasks/{}/comments", world.task);
    let private = [
        json!({"message": "Unspeakable"}),
        json!({"message": "Unspeakable\0"}),
        json!({"message": {"Unspeakable": 1}}),
        json!("Unspeakable"),
    ];
    for body in &private {
        ids.push(
            app.post(&world.lead, &comments, body)
                .await
                .header("x-request-id")
                .to_owned(),
        );
    }
    let unreadable = app
        .request(&world.lead, "POST", &comments)
        .body("Unspeakable")
        .await;
    ids.push(unreadable.header("x-request-id").to_owned());
    for token in ["Unspeakable", "a.Unspeakable.b"] {
        let refused = app.anonymous("GET", "/api/workspace").token(token).await;
        ids.push(refused.header("x-request-id").to_owned());
    }
    let query = format!(
        "/api/tasks/mine?q=Unspeakable&cursor=Unspeakable&status={}",
        world.lead.email
    );
    ids.push(
        app.get(&world.lead, &query)
            .await
            .header("x-request-id")
            .to_owned(),
    );
    proxy.behave(Behaviour::Refuse);
    ids.push(
        app.post(&world.lead, &comments, &private[0])
            .await
            .header("x-request-id")
            .to_owned(),
    );

    let lines = app.logs();
    let secrets = secrets(&app, &world);
    for line in &lines {
        shape::function_of(line);
        for secret in &secrets {
            assert!(!line.contains(secret), "{secret} is in the log: {line}");
        }
    }
    for id in &ids {
        assert!(!id.is_empty(), "every answer has an id");
        assert!(
            lines.iter().any(|line| line.contains(id.as_str())),
            "nothing is logged of request {id}"
        );
    }
}

#[tokio::test]
async fn the_cause_of_a_failure_is_in_the_log_and_not_in_the_answer() {
    let app = TestApp::builder().environments(1).start().await;
    let world = World::create(app.database()).await;
    app.database()
        .batch_execute("ALTER TABLE comments RENAME TO remarks")
        .await
        .expect("the table is renamed");
    let failed = app
        .get(
            &world.lead,
            &format!("/api/comments/task/{}/comments", world.task),
        )
        .await;
    failed.is_refused(500, "Internal server error");
    let id = failed.header("x-request-id");
    assert!(
        !String::from_utf8_lossy(&failed.body).contains("comments"),
        "{failed}"
    );
    let lines = app.logs();
    let line = lines
        .iter()
        .find(|line| line.contains(id) && line.contains("42P01"));
    assert!(
        line.is_some(),
        "the SQLSTATE of the missing table is logged: {lines:#?}"
    );
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used_is_named_at_the_start() {
    let app = TestApp::builder()
        .without("CLERK_JWT_KEY")
        .without("CLERK_ISSUER")
        .variable("DATABASE_PREPARED_STATEMENTS", "perhaps")
        .environments(1)
        .start()
        .await;
    let answer = app.anonymous("GET", "/api/workspace").await;
    assert!(answer.status.is_server_error(), "{answer}");
    let lines = app.logs();
    let names = [
        "CLERK_JWT_KEY",
        "CLERK_ISSUER",
        "DATABASE_PREPARED_STATEMENTS",
    ];
    let complete = lines
        .iter()
        .any(|line| names.iter().all(|name| line.contains(name)));
    assert!(complete, "one line names all variables: {lines:#?}");
    for line in &lines {
        shape::function_of(line);
    }
}
