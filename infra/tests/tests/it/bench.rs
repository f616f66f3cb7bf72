//! The benchmark works, from the build to the figures. What the figures say is another matter: these are of unoptimised functions.

use cairn_tests::{built_function, required_variable};
use serde_json::Value;
use tokio::process::Command;

#[tokio::test]
async fn a_quick_benchmark_measures_everything() {
    let report = std::env::temp_dir().join(format!("cairn-bench-{}.json", uuid::Uuid::now_v7()));
    let run = Command::new(built_function("cairn-dev"))
        .args(["bench", "--quick", "--only", "task", "--functions"])
        .arg(required_variable("CAIRN_FUNCTIONS_DIR"))
        .arg("--json")
        .arg(&report)
        .output()
        .await
        .expect("it runs");
    let said = String::from_utf8_lossy(&run.stderr);
    if said.contains("PostgreSQL's server is not installed") && std::env::var_os("CI").is_none() {
        eprintln!("skipped: {}", said.trim());
        return;
    }
    assert!(run.status.success(), "{said}");

    let text = std::fs::read(&report).expect("the figures are written");
    std::fs::remove_file(&report).expect("they can be removed");
    let figures: Value = serde_json::from_slice(&text).expect("they are JSON");
    let sections = &figures["sections"];
    let routes = sections["routes"]["rows"].as_array().expect("routes");
    let list = "GET /api/tasks/project/{projectId}/tasks";
    let list = routes.iter().find(|row| row["route"] == list);
    let measured = &list.expect("the list of tasks is measured")["sides"][0];
    for figure in [
        "/plain/p50_ms",
        "/plain/cpu_ms",
        "/plain/database_cpu_ms",
        "/limit/p50_ms",
        "/least_function/p50_ms",
        "/least_function/cpu_ms",
        "/least_function/database_cpu_ms",
        "/memory/now",
    ] {
        let value = measured.pointer(figure).and_then(Value::as_f64);
        assert!(
            value.is_some_and(|value| value > 0.0),
            "{figure}: {measured}"
        );
    }
    assert_eq!(measured["flights"], serde_json::json!([1, 1]), "{measured}");

    let start = &sections["start"][0];
    assert_eq!(start["function"], "tasks");
    assert!(
        start["answer_with_tls_ms"]["median"].as_f64() > Some(0.0),
        "{start}"
    );
    for section in ["sizes", "events", "growth"] {
        let rows = sections[section].as_array();
        assert!(
            rows.is_some_and(|rows| !rows.is_empty()),
            "{section}: {sections}"
        );
    }
}
