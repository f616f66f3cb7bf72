//! Counts that alarms watch. A line on standard output in CloudWatch's embedded metric format: no call, no permission, and
//! it stands in the log among the lines that explain it.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// The namespace of all of Cairn's metrics. Their dimension is the function's name.
pub const NAMESPACE: &str = "Cairn";

/// Adds `value` to the metric `name`.
pub fn count(name: &'static str, value: u64) {
    write(&line(name, value, "Count"));
}

/// Reports `seconds` as the present value of the metric `name`.
pub fn seconds(name: &'static str, seconds: u64) {
    write(&line(name, seconds, "Seconds"));
}

#[expect(clippy::print_stdout, reason = "this is the way to CloudWatch")]
fn write(line: &Value) {
    println!("{line}");
}

fn line(name: &'static str, value: u64, unit: &'static str) -> Value {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut line = json!({
        "_aws": {
            "Timestamp": u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["FunctionName"]],
                "Metrics": [{ "Name": name, "Unit": unit }],
            }],
        },
        "FunctionName": std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default(),
    });
    line[name] = value.into();
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_the_metric_and_holds_its_value_at_the_top() {
        let line = line("MailRefused", 3, "Count");
        let metric = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(
            metric["Metrics"][0],
            json!({ "Name": "MailRefused", "Unit": "Count" })
        );
        assert_eq!(line["MailRefused"], 3);
        let dimension = metric["Dimensions"][0][0].as_str().expect("a name");
        assert!(
            line[dimension].is_string(),
            "a dimension needs its value beside it"
        );
    }
}
