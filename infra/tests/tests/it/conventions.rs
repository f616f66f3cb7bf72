//! What holds for every answer, whatever the route.

use base64::Engine as _;
use cairn_dev::lambda_host::Outcome;
use cairn_tests::{TestApp, World};
use serde_json::{Value, json};

#[tokio::test]
async fn the_root_says_that_the_server_runs() {
    let app = TestApp::shared().await;
    let answer = app.anonymous("GET", "/").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({"message": "Server is running successfully!"})
    );
}

#[tokio::test]
async fn health_tells_the_state_of_the_database() {
    let app = TestApp::shared().await;
    let answer = app.anonymous("GET", "/api/health").await;
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn the_document_and_its_page_are_served_without_any_other_host() {
    let app = TestApp::shared().await;
    let document = app.anonymous("GET", "/api/openapi.json").await;
    assert_eq!(document.status, 200);
    assert!(
        document.json()["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1")),
        "{document}"
    );
    let page = app.anonymous("GET", "/api/docs").await;
    // Viewers may live under a folder of their own.
    let page = if page.status.is_redirection() {
        app.anonymous("GET", page.header("location")).await
    } else {
        page
    };
    assert_eq!(page.status, 200, "{page}");
    assert!(
        page.header("content-type").starts_with("text/html"),
        "{page}"
    );
    let html = String::from_utf8(page.body).expect("text");
    for attribute in [
        "src=\"http",
        "src=\"//",
        "href=\"http",
        "href=\"//",
        "@import",
        "url(http",
    ] {
        assert!(
            !html.contains(attribute),
            "the page loads something from elsewhere: {attribute}"
        );
    }
}

#[tokio::test]
async fn unknown_routes_are_answered_in_the_envelope_by_every_function() {
    let app = TestApp::shared().await;
    let ada = app.user("Ada").await;
    for path in [
        "/nothing",
        "/api",
        "/api/nothing/at/all",
        "/api/workspace/a/b/c/d",
        "/api/projects/a/b/c/d",
        "/api/tasks/a/b/c/d",
        "/api/comments/a/b/c/d",
    ] {
        app.get(&ada, path).await.is_refused(404, "Not found");
        app.anonymous("POST", path)
            .await
            .is_refused(404, "Not found");
    }
}

#[tokio::test]
async fn a_wrong_method_is_refused_and_the_right_ones_are_named() {
    let app = TestApp::shared().await;
    let ada = app.user("Ada").await;
    for (method, path, allowed) in [
        ("DELETE", "/api/workspace", "GET,HEAD,POST"),
        ("PUT", "/api/workspace/add-member", "POST"),
        ("POST", "/api/projects/x", "DELETE,GET,HEAD,PATCH,PUT"),
        ("GET", "/api/tasks", "DELETE"),
        ("PUT", "/api/tasks/x/comments", "GET,HEAD,POST"),
        ("PUT", "/api/comments/x", "DELETE,GET,HEAD,PATCH"),
        ("POST", "/api/health", "GET,HEAD"),
    ] {
        let answer = app.request(&ada, method, path).await;
        // A literal that also fits another route's parameter adds that route's methods.
        answer.is_refused(405, "Method not allowed");
        let mut named: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
        named.sort_unstable();
        for method in allowed.split(',') {
            assert!(
                named.contains(&method),
                "{path}: {method} is missing in {named:?}"
            );
        }
        assert!(!named.contains(&method), "{path}: {named:?}");
    }
}

#[tokio::test]
async fn every_answer_is_json_and_carries_the_id_of_its_invocation() {
    let app = TestApp::shared().await;
    let ada = app.user("Ada").await;
    for (function, method, path) in [
        ("docs", "GET", "/"),
        ("docs", "GET", "/nothing"),
        ("docs", "GET", "/api/health"),
        ("workspaces", "GET", "/api/workspace"),
        ("projects", "GET", "/api/projects/x"),
        ("tasks", "PUT", "/api/tasks"),
        ("tasks", "GET", "/api/tasks/mine"),
        ("comments", "GET", "/api/comments/task/x/comments"),
    ] {
        for token in [Some(app.token(&ada)), None] {
            let mut event = event(method, path);
            if let Some(token) = token {
                event["headers"]["authorization"] = format!("Bearer {token}").into();
            }
            let invoked = app.invoke(function, &event).await;
            let Outcome::Answer(answer) = invoked.outcome else {
                panic!("{path}: {:?}", invoked.outcome)
            };
            let answer: Value = serde_json::from_slice(&answer).expect("JSON");
            assert_eq!(
                answer["headers"]["x-request-id"], invoked.request_id,
                "{method} {path}: {answer}"
            );
            assert_eq!(
                answer["headers"]["content-type"], "application/json",
                "{method} {path}: {answer}"
            );
        }
    }
}

fn event(method: &str, path: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "api.example.com"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "api.example.com",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
            "requestId": "the-gateways-own-id",
            "stage": "$default",
            "timeEpoch": 0,
        },
        "isBase64Encoded": false,
    })
}

#[tokio::test]
async fn a_body_in_base64_and_one_without_content_type_are_read() {
    let app = TestApp::shared().await;
    let ada = app.user("Ada").await;
    let body = json!({"name": "Über 🚀"}).to_string();
    let mut event = event("POST", "/api/workspace");
    event["headers"]["authorization"] = format!("Bearer {}", app.token(&ada)).into();
    event["isBase64Encoded"] = true.into();
    event["body"] = base64::engine::general_purpose::STANDARD
        .encode(&body)
        .into();
    let Outcome::Answer(answer) = app.invoke("workspaces", &event).await.outcome else {
        panic!("no answer")
    };
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    assert_eq!(answer["statusCode"], 201, "{answer}");
    let made = app
        .request(&ada, "POST", "/api/workspace")
        .body(body.clone())
        .await
        .data(201);
    assert_eq!(made["name"], "Über 🚀");
    let typed = app
        .request(&ada, "POST", "/api/workspace")
        .body(body)
        .header("content-type", "text/plain")
        .await;
    typed.data(201);
}

#[tokio::test]
async fn a_body_over_256_kib_is_refused() {
    let app = TestApp::shared().await;
    let ada = app.user("Ada").await;
    let padded = |size: usize| {
        let start = r#"{"name": "Large", "padding": ""#;
        format!("{start}{}\"}}", "x".repeat(size - start.len() - 2))
    };
    app.request(&ada, "POST", "/api/workspace")
        .body(padded(256 * 1024))
        .await
        .data(201);
    let refused = app
        .request(&ada, "POST", "/api/workspace")
        .body(padded(256 * 1024 + 1))
        .await;
    assert_eq!(refused.status, 413, "{refused}");
    assert_eq!(refused.json()["success"], false);
    assert_eq!(refused.header("content-type"), "application/json");
}

#[tokio::test]
async fn large_answers_are_compressed_where_the_client_takes_it() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    for number in 0..10 {
        app.comment(
            &world.lead,
            &world.task,
            &format!("A remark of some length, number {number}"),
        )
        .await;
    }
    let large = format!("/api/comments/task/{}/comments", world.task);
    let plain = app.get(&world.lead, &large).await;
    assert!(plain.body.len() > 1024);
    assert_eq!(plain.header("content-encoding"), "");
    let packed = app
        .get(&world.lead, &large)
        .header("accept-encoding", "gzip, deflate, br")
        .await;
    assert!(
        ["gzip", "br"].contains(&packed.header("content-encoding")),
        "{:?}",
        packed.headers
    );
    assert!(
        packed.body.len() < plain.body.len() / 2,
        "{} of {}",
        packed.body.len(),
        plain.body.len()
    );
    let small = app
        .get(&world.lead, "/api/comments/x")
        .header("accept-encoding", "gzip")
        .await;
    assert_eq!(small.header("content-encoding"), "");
}

#[tokio::test]
async fn texts_of_any_script_and_markup_come_back_as_they_were() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    for text in [
        "👩‍🚀 emoji 🚀",
        "שלום \u{202e}עולם",
        "مرحبا بالعالم",
        "<script>alert('x')</script> & <b>bold</b>",
        "'; DROP TABLE tasks; --",
        "line\nbreak\ttab \\ \"quote\"",
        "${jndi:ldap://x} {{7*7}} %s %n",
    ] {
        let path = format!("/api/tasks/{}/comments", world.task);
        let made = app
            .post(&world.lead, &path, &json!({"message": text}))
            .await
            .data(201);
        assert_eq!(made["content"], text);
        let task = app
            .task(&world.lead, &world.project, &world.lead, text)
            .await;
        let read = app
            .get(&world.lead, &format!("/api/tasks/{task}"))
            .await
            .data(200);
        assert_eq!(read["title"], text);
    }
}

#[tokio::test]
async fn a_list_too_large_for_lambda_says_how_to_page() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let fill = "INSERT INTO comments (id, task_id, user_id, content)
                SELECT gen_random_uuid(), $1::text::uuid, $2, repeat(md5(n::text), 312) FROM generate_series(1, 700) n";
    app.database()
        .execute(fill, &[&world.task, &world.lead.id])
        .await
        .expect("the comments are written");
    let path = format!("/api/comments/task/{}/comments", world.task);
    let refused = app.get(&world.lead, &path).await;
    refused.is_refused(413, "Too many results: page with ?limit=");
    let packed = app
        .get(&world.lead, &path)
        .header("accept-encoding", "gzip")
        .await;
    assert_eq!(
        packed.status, 200,
        "it fits once it is compressed: {:?}",
        packed.headers
    );
    let page = app
        .get(&world.lead, &format!("{path}?limit=100"))
        .await
        .data(200);
    assert_eq!(page["items"].as_array().map(Vec::len), Some(100));
}
