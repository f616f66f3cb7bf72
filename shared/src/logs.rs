//! JSON log lines on standard output, where Lambda picks them up: see [`mod@line`] for their shape.

mod line;
mod output;

use tracing::Span;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use line::JsonLines;

pub(crate) use output::{together, write};

/// The crates whose lines the log level is for.
const OURS: [&str; 11] = [
    "shared",
    "docs",
    "workspaces",
    "projects",
    "tasks",
    "comments",
    "webhooks",
    "worker",
    "reminders",
    "relay",
    "migrate",
];

/// Where the runtime repeats with which error an invocation failed: without its id, and with all that the error holds. Who
/// fails has logged why.
const REPETITIONS: &str = "lambda_runtime::layers::panic";

/// Starts logging at the level Lambda's logging configuration sets (`AWS_LAMBDA_LOG_LEVEL`, `INFO` without it). Libraries
/// only warn: what they say of a request could hold what a user wrote.
pub fn init() {
    tracing_subscriber::registry()
        .with(JsonLines::from_env())
        .with(filter(&level()))
        .init();
    // A panic's own words may quote what a user wrote: the log has the place only.
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "panic");
    }));
}

/// What belongs to one invocation. The runtime freezes the environment between two of them, so their lines are told apart by
/// this id, at every log level.
pub fn invocation(request_id: &str) -> Span {
    tracing::error_span!("invocation", request_id)
}

/// The level that Lambda's logging configuration sets, in capital letters.
pub(crate) fn level() -> String {
    std::env::var("AWS_LAMBDA_LOG_LEVEL")
        .map_or_else(|_| "INFO".to_owned(), |level| level.to_uppercase())
}

fn filter(level: &str) -> Targets {
    let level = match level {
        // Lambda has one level more. What it is for is logged as an error here.
        "FATAL" => LevelFilter::ERROR,
        level => level.parse().unwrap_or(LevelFilter::INFO),
    };
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_targets(OURS.map(|name| (name, level)))
        .with_target(REPETITIONS, LevelFilter::OFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn libraries_warn_at_most() {
        let filter = filter("DEBUG");
        assert!(filter.would_enable("worker::task_change", &Level::DEBUG));
        assert!(filter.would_enable("hyper", &Level::WARN));
        assert!(!filter.would_enable("hyper", &Level::INFO));
    }

    #[test]
    fn the_level_is_for_all() {
        let filter = filter("ERROR");
        assert!(!filter.would_enable("worker", &Level::WARN));
        assert!(!filter.would_enable("hyper", &Level::WARN));
        assert!(filter.would_enable("hyper", &Level::ERROR));
        assert!(super::filter("FATAL").would_enable("worker", &Level::ERROR));
    }
}
