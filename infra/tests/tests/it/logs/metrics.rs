//! What requests leave in the metrics.

use cairn_tests::{Behaviour, TestApp, proxy_to_database};
use serde_json::{Value, json};

use super::shape;

/// The metrics that the functions of the API reported, as `(name, line)`.
fn metrics(app: &TestApp, name: &str) -> Vec<Value> {
    let lines = app.logs().into_iter();
    lines
        .map(|line| serde_json::from_str(&line).expect("JSON"))
        .filter(|line: &Value| line.get("_aws").is_some() && line.get(name).is_some())
        .collect()
}

/// The sets of dimensions of a metric.
fn dimensions(line: &Value, name: &str) -> Value {
    let directives = line["_aws"]["CloudWatchMetrics"].as_array();
    let mut of_metric = directives
        .into_iter()
        .flatten()
        .filter(|directive| directive["Metrics"][0]["Name"] == name);
    of_metric.next().expect("a directive")["Dimensions"].clone()
}

#[tokio::test]
async fn requests_are_counted_by_route_and_status_and_not_by_what_clients_make_up() {
    let app = TestApp::builder().environments(1).start().await;
    let ada = app.user("Ada").await;
    let nobodys = "/api/workspace/org_nobodys";
    app.get(&ada, nobodys)
        .await
        .is_refused(404, "Workspace not found");
    app.anonymous("GET", nobodys).await;
    app.request(&ada, "BREW", nobodys).await;
    app.anonymous("GET", "/made/up").await;
    app.anonymous("BREW", "/made/up/too").await;

    let counted = metrics(&app, "Requests");
    let seen: Vec<_> = counted
        .iter()
        .map(|line| (line["Route"].as_str(), line["Status"].as_str()))
        .collect();
    // Function by function.
    assert_eq!(
        seen,
        [
            (Some("unmatched"), Some("404")),
            (Some("unmatched"), Some("404")),
            (Some("GET /api/workspace/{workspaceId}"), Some("404")),
            (Some("GET /api/workspace/{workspaceId}"), Some("401")),
            (Some("OTHER /api/workspace/{workspaceId}"), Some("405")),
        ]
    );
    for line in &counted {
        assert_eq!(line["Requests"], 1);
        let by = json!([["FunctionName", "Route", "Status"]]);
        assert_eq!(dimensions(line, "Requests"), by);
        assert!(line["RequestDuration"].as_f64().is_some_and(|ms| ms > 0.0));
        let by = json!([["FunctionName", "Route"]]);
        assert_eq!(dimensions(line, "RequestDuration"), by);
    }
    assert!(metrics(&app, "ServerErrors").is_empty());
}

/// Lambda drops lines below its level, and takes those without time and level for `INFO`.
#[tokio::test]
async fn no_log_level_silences_a_metric() {
    let proxy = proxy_to_database().await;
    let app = TestApp::builder()
        .through(&proxy)
        .variable("AWS_LAMBDA_LOG_LEVEL", "ERROR")
        .variable("REQUEST_METRICS", "off")
        .environments(1)
        .start()
        .await;
    let ada = app.user("Ada").await;
    app.get(&ada, "/api/workspace").await.data(200);
    proxy.behave(Behaviour::Refuse);
    let failed = app.get(&ada, "/api/workspace").await;
    failed.is_refused(503, "Service unavailable");

    let id = failed.header("x-request-id");
    let lines = app.logs();
    for line in &lines {
        shape::function_of(line);
        assert!(line.contains("\"ERROR\""), "{line}");
    }
    let logged = |line: &&String| line.contains("\"request failed\"") && line.contains(id);
    assert_eq!(lines.iter().filter(logged).count(), 1, "{lines:#?}");

    let errors = metrics(&app, "ServerErrors");
    assert_eq!(errors.len(), 1, "{lines:#?}");
    assert_eq!(errors[0]["ServerErrors"], 1);
    let by = json!([["FunctionName"], ["FunctionName", "FunctionVersion"]]);
    assert_eq!(dimensions(&errors[0], "ServerErrors"), by);
    assert!(
        metrics(&app, "Requests").is_empty(),
        "they are switched off"
    );
}

#[tokio::test]
async fn a_switch_that_is_neither_on_nor_off_is_named_at_the_start() {
    let app = TestApp::builder()
        .only(&["docs"])
        .variable("REQUEST_METRICS", "sometimes")
        .environments(1)
        .start()
        .await;
    let answer = app.anonymous("GET", "/").await;
    assert!(answer.status.is_server_error(), "{answer}");
    let lines = app.logs();
    assert!(
        lines
            .iter()
            .any(|line| line.contains("REQUEST_METRICS must be on or off")),
        "{lines:#?}"
    );
}
