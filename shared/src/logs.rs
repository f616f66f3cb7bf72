//! JSON log lines on standard output, where Lambda picks them up.

use tracing_subscriber::EnvFilter;

/// The level that Lambda's logging configuration sets, in capital letters.
pub(crate) fn level() -> String {
    std::env::var("AWS_LAMBDA_LOG_LEVEL")
        .map_or_else(|_| "INFO".to_owned(), |level| level.to_uppercase())
}

/// Starts logging at the level Lambda's logging configuration sets (`AWS_LAMBDA_LOG_LEVEL`, `INFO` without it). Libraries
/// only warn: what they say of a request could hold what a user wrote.
pub fn init() {
    let level = level().to_lowercase();
    let functions = [
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
    let filter = functions
        .iter()
        .fold(EnvFilter::new("warn"), |filter, function| {
            match format!("{function}={level}").parse() {
                Ok(directive) => filter.add_directive(directive),
                Err(_) => filter,
            }
        });
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_target(false)
        .with_env_filter(filter)
        .init();
    // A panic's own words may quote what a user wrote: the log has the place only.
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "panic");
    }));
}
