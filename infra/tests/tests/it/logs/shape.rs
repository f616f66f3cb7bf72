//! The one shape of all lines that functions log.

use jiff::Timestamp;
use serde_json::Value;

/// What a line may say beside `timestamp`, `level`, `message` and `function`. The operators' guide has a table of them: a new
/// one belongs there, too.
const FIELDS: [&str; 27] = [
    "applied",
    "cause",
    "days",
    "deleted",
    "duration_ms",
    "failed",
    "job",
    "kind",
    "location",
    "made",
    "mails",
    "message_id",
    "method",
    "others",
    "outbox_id",
    "receives",
    "remind_at",
    "request_id",
    "route",
    "rows",
    "schedule",
    "status",
    "subject",
    "task_id",
    "time_zone",
    "user_id",
    "version",
];
/// How lines begin that belong to no request: of a start, an end, or the connection that all requests share.
const WITHOUT_REQUEST: [&str; 4] = [
    "the database is away",
    "the function ended",
    "panic",
    "Connection error: ",
];

/// The name of the function that wrote the line, which is a metric or has the shape of all log lines.
///
/// # Panics
///
/// If it has not.
pub fn function_of(line: &str) -> String {
    let entry: Value =
        serde_json::from_str(line).unwrap_or_else(|error| panic!("no JSON ({error}): {line}"));
    let text = |name: &str| entry[name].as_str().unwrap_or_default();
    let at: Result<Timestamp, _> = text("timestamp").parse();
    at.unwrap_or_else(|error| panic!("no time ({error}): {line}"));
    assert!(
        ["DEBUG", "INFO", "WARN", "ERROR"].contains(&text("level")),
        "no level: {line}"
    );
    if entry.get("_aws").is_some() {
        return assert_metric(&entry);
    }
    for name in ["message", "function"] {
        assert!(!text(name).is_empty(), "{name} is missing: {line}");
    }
    for name in entry
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
    {
        let known = ["timestamp", "level", "message", "function"].contains(&name.as_str())
            || FIELDS.contains(&name.as_str());
        assert!(
            known,
            "{name} is a new field, for infra/tests/tests/it/logs/shape.rs and the operators' guide: {line}"
        );
    }
    let about_request = text("message").starts_with("request");
    if about_request {
        for name in ["method", "route", "status", "duration_ms"] {
            assert!(entry.get(name).is_some(), "{name} is missing: {line}");
        }
    }
    let outside = WITHOUT_REQUEST
        .iter()
        .any(|beginning| text("message").starts_with(beginning));
    assert!(
        outside || !text("request_id").is_empty(),
        "no request id: {line}"
    );
    text("function").to_owned()
}

fn assert_metric(entry: &Value) -> String {
    let directives = entry["_aws"]["CloudWatchMetrics"].as_array();
    for directive in directives.expect("a metric has directives") {
        assert_eq!(directive["Namespace"], "Cairn", "{entry}");
        for metric in directive["Metrics"].as_array().into_iter().flatten() {
            let name = metric["Name"].as_str().expect("a name");
            assert!(entry[name].is_number(), "{name} has no value: {entry}");
        }
        for dimension in directive["Dimensions"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|set| set.as_array().into_iter().flatten())
        {
            let value = entry[dimension.as_str().expect("a name")].as_str();
            assert!(
                value.is_some_and(|value| !value.is_empty()),
                "{dimension} has no value: {entry}"
            );
        }
    }
    let function = entry["FunctionName"].as_str();
    function.expect("the function's name").to_owned()
}
