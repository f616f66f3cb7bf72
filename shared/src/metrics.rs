//! What alarms and the dashboard watch. Lines on standard output in CloudWatch's embedded metric format: no call, no
//! permission, and they stand in the log among the lines that explain them.
//!
//! Lambda drops JSON lines below the function's log level, and takes one without `timestamp` and `level` for `INFO`. So a
//! metric names the very level that is set, whatever it is: no log level silences an alarm.

use std::iter;
use std::sync::LazyLock;

use jiff::Timestamp;
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

/// The namespace of all of Cairn's metrics. Each has the dimension `FunctionName`.
pub const NAMESPACE: &str = "Cairn";

/// The dimension that every metric has.
const FUNCTION_NAME: &str = "FunctionName";

/// The version of the function, as a dimension: during a gradual deployment two of them answer.
pub const FUNCTION_VERSION: &str = "FunctionVersion";

static FUNCTION: LazyLock<Function> = LazyLock::new(Function::from_env);

/// A value of a metric, and the sets of dimensions it is told apart by.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    name: &'static str,
    unit: &'static str,
    value: Number,
    by: &'static [&'static [&'static str]],
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
enum Number {
    Whole(u64),
    Fraction(f64),
}

impl Metric {
    /// A number of things.
    pub fn count(name: &'static str, things: u64) -> Self {
        Self::new(name, "Count", Number::Whole(things))
    }

    /// A time in seconds.
    pub fn seconds(name: &'static str, seconds: f64) -> Self {
        Self::new(name, "Seconds", Number::Fraction(seconds))
    }

    /// A time in milliseconds.
    pub fn milliseconds(name: &'static str, milliseconds: f64) -> Self {
        Self::new(name, "Milliseconds", Number::Fraction(milliseconds))
    }

    fn new(name: &'static str, unit: &'static str, value: Number) -> Self {
        Self {
            name,
            unit,
            value,
            by: &[&[]],
        }
    }

    /// Tells values apart by these sets of dimensions, beside the function's name. Each combination of values that is seen
    /// in a month is a metric that CloudWatch charges for: a dimension must not hold what clients choose.
    #[must_use]
    pub fn by(self, sets: &'static [&'static [&'static str]]) -> Self {
        Self { by: sets, ..self }
    }

    /// What CloudWatch is to make of the value beside it.
    fn directive(&self) -> Directive {
        Directive {
            namespace: NAMESPACE,
            dimensions: self.by.iter().copied().map(DimensionSet).collect(),
            metrics: [Definition {
                name: self.name,
                unit: self.unit,
            }],
        }
    }
}

/// Adds `things` to the metric `name`.
pub fn count(name: &'static str, things: u64) {
    report(&[Metric::count(name, things)], &[]);
}

/// Reports `seconds` as the present value of the metric `name`.
pub fn seconds(name: &'static str, seconds: u64) {
    report(&[Metric::new(name, "Seconds", Number::Whole(seconds))], &[]);
}

/// Reports values in one line. `dimensions` has the value of each dimension that they are told apart by; the function's name
/// and version need not be given.
pub fn report(metrics: &[Metric], dimensions: &[(&'static str, &str)]) {
    crate::logs::write(&Line {
        at: Timestamp::now(),
        function: &FUNCTION,
        metrics,
        dimensions,
    });
}

/// The function that reports.
struct Function {
    name: String,
    version: String,
    /// The least level that Lambda lets through.
    level: String,
}

impl Function {
    fn from_env() -> Self {
        let variable = |name| std::env::var(name).unwrap_or_default();
        Self {
            name: variable("AWS_LAMBDA_FUNCTION_NAME"),
            version: variable("AWS_LAMBDA_FUNCTION_VERSION"),
            level: crate::logs::level(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    timestamp: i64,
    cloud_watch_metrics: Vec<Directive>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: Vec<DimensionSet>,
    metrics: [Definition; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}

/// The names of the dimensions that come to the function's.
struct DimensionSet(&'static [&'static str]);

impl Serialize for DimensionSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(iter::once(&FUNCTION_NAME).chain(self.0))
    }
}

struct Line<'a> {
    at: Timestamp,
    function: &'a Function,
    metrics: &'a [Metric],
    dimensions: &'a [(&'static str, &'a str)],
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let metadata = Metadata {
            timestamp: self.at.as_millisecond(),
            cloud_watch_metrics: self.metrics.iter().map(Metric::directive).collect(),
        };
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry("timestamp", &self.at)?;
        line.serialize_entry("level", &self.function.level)?;
        line.serialize_entry("_aws", &metadata)?;
        line.serialize_entry(FUNCTION_NAME, &self.function.name)?;
        line.serialize_entry(FUNCTION_VERSION, &self.function.version)?;
        for (dimension, value) in self.dimensions {
            line.serialize_entry(dimension, value)?;
        }
        for metric in self.metrics {
            line.serialize_entry(metric.name, &metric.value)?;
        }
        line.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn line(metrics: &[Metric], dimensions: &[(&'static str, &str)]) -> Value {
        let function = Function {
            name: "cairn-dev-tasks".to_owned(),
            version: "7".to_owned(),
            level: "ERROR".to_owned(),
        };
        let line = Line {
            at: "2026-01-02T03:04:05.678Z".parse().expect("a time"),
            function: &function,
            metrics,
            dimensions,
        };
        serde_json::to_value(&line).expect("it serialises")
    }

    #[test]
    fn a_line_names_the_metric_and_holds_its_value_at_the_top() {
        let line = line(&[Metric::count("MailRefused", 3)], &[]);
        assert_eq!(
            line,
            json!({
                "timestamp": "2026-01-02T03:04:05.678Z",
                "level": "ERROR",
                "_aws": {
                    "Timestamp": 1_767_323_045_678_u64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Cairn",
                        "Dimensions": [["FunctionName"]],
                        "Metrics": [{ "Name": "MailRefused", "Unit": "Count" }],
                    }],
                },
                "FunctionName": "cairn-dev-tasks",
                "FunctionVersion": "7",
                "MailRefused": 3,
            })
        );
    }

    #[test]
    fn each_metric_of_a_line_has_its_own_sets_of_dimensions_with_their_values_beside_it() {
        let line = line(
            &[
                Metric::count("Requests", 1).by(&[&["Route", "Status"]]),
                Metric::milliseconds("RequestDuration", 1.5).by(&[&["Route"]]),
                Metric::count("ServerErrors", 1).by(&[&[], &[FUNCTION_VERSION]]),
            ],
            &[("Route", "GET /"), ("Status", "500")],
        );
        let directives = line["_aws"]["CloudWatchMetrics"]
            .as_array()
            .expect("a list");
        let dimensions: Vec<&Value> = directives.iter().map(|d| &d["Dimensions"]).collect();
        assert_eq!(
            dimensions,
            [
                &json!([["FunctionName", "Route", "Status"]]),
                &json!([["FunctionName", "Route"]]),
                &json!([["FunctionName"], ["FunctionName", "FunctionVersion"]]),
            ]
        );
        for name in dimensions
            .iter()
            .filter_map(|sets| sets.as_array())
            .flatten()
        {
            for dimension in name.as_array().expect("a set") {
                let dimension = dimension.as_str().expect("a name");
                assert!(line[dimension].is_string(), "{dimension} has no value");
            }
        }
        assert_eq!(line["Requests"], 1);
        assert_eq!(line["RequestDuration"], 1.5);
    }
}
