//! `cargo import clerk`, run as it is, against a stand-in for Clerk's Backend API.

mod database;
mod instance;
mod stand_in;

mod deletions;
mod events;
mod failures;
mod filling;
mod speed;

use std::process::Output;

use tokio::process::Command;

use database::Filled;
use stand_in::{KEY, StandIn};

/// What a run said and did.
struct Run {
    success: bool,
    /// The report.
    report: String,
    /// Progress and errors.
    said: String,
}

impl Run {
    /// Runs `cargo import clerk` with these arguments.
    async fn of(clerk: &StandIn, database: &Filled, arguments: &[&str]) -> Self {
        Self::with_key(clerk, database, arguments, Some(KEY)).await
    }

    async fn with_key(
        clerk: &StandIn,
        database: &Filled,
        arguments: &[&str],
        key: Option<&str>,
    ) -> Self {
        let key = key.map(|key| ("CLERK_SECRET_KEY", key));
        let url = database.url();
        let variables = key.into_iter().chain([("DATABASE_URL", &*url)]);
        Self::with_variables(clerk, arguments, &variables.collect::<Vec<_>>()).await
    }

    async fn with_variables(
        clerk: &StandIn,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let output = Command::new(env!("CARGO_BIN_EXE_cairn-import"))
            .arg("clerk")
            .args(arguments)
            .env_clear()
            .envs(variables.iter().copied())
            .env("CLERK_API_URL", clerk.url())
            .output()
            .await
            .expect("the binary runs");
        let Output {
            status,
            stdout,
            stderr,
        } = output;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is text");
        let run = Self {
            success: status.success(),
            report: text(stdout),
            said: text(stderr),
        };
        let all = format!("{}{}", run.report, run.said);
        let keys = variables
            .iter()
            .filter(|(name, _)| *name == "CLERK_SECRET_KEY");
        let keys = keys.map(|(_, key)| *key);
        for secret in keys.chain(["@", "Person", "Club", "+420", "It is not so"]) {
            assert!(!all.contains(secret), "{secret} must not be shown:\n{all}");
        }
        run
    }

    /// The same, for a run that has to succeed.
    async fn expect(clerk: &StandIn, database: &Filled, arguments: &[&str]) -> Self {
        let run = Self::of(clerk, database, arguments).await;
        assert!(run.success, "{}\n{}", run.report, run.said);
        run
    }

    /// A number of the report.
    #[track_caller]
    fn count(&self, kind: &str, column: &str) -> usize {
        let mut lines = self.report.lines();
        let header = lines.next().expect("the report has a header");
        let at = header.split_whitespace().position(|name| name == column);
        let row = lines
            .find_map(|line| line.strip_prefix(kind))
            .unwrap_or_else(|| panic!("no line about {kind}:\n{}", self.report));
        let number = at.and_then(|at| row.split_whitespace().nth(at));
        let number = number.unwrap_or_else(|| panic!("no column {column}:\n{}", self.report));
        number.parse().expect("it is a number")
    }

    /// The sum over users, organizations and memberships.
    #[track_caller]
    fn total(&self, column: &str) -> usize {
        ["users", "organizations", "memberships"]
            .iter()
            .map(|kind| self.count(kind, column))
            .sum()
    }
}
