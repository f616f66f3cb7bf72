//! Objects of Clerk on their way into the database, as the events that would have told of them.

use std::cell::Cell;
use std::time::Duration;

use anyhow::bail;
use backon::{ExponentialBuilder, Retryable as _};
use futures::future::join_all;
use serde_json::{Value, json};
use shared::clerk::{self, Applied, Event, Unreadable};
use shared::db::{ConnectionSettings, Database, DatabaseConfig};

use super::Kind;
use super::report::Report;
use super::walk::id;

/// A database that is busy is given a moment, besides the one that `apply` gives it.
const REPETITIONS: usize = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// After so many objects that it did not take, the database itself must be at fault.
const MOST_FAILURES: usize = 10;

/// Applies objects, over a few connections at once.
pub struct Fill {
    databases: Vec<Database>,
    /// Objects that the database did not take.
    failures: Cell<usize>,
    pub report: Report,
}

/// `DATABASE_PREPARED_STATEMENTS`, as the functions read it: on unless it is `off`.
fn prepared_statements() -> anyhow::Result<bool> {
    let value = std::env::var("DATABASE_PREPARED_STATEMENTS").unwrap_or_default();
    match value.trim() {
        "" | "on" => Ok(true),
        "off" => Ok(false),
        _ => bail!("DATABASE_PREPARED_STATEMENTS must be on or off"),
    }
}

/// What became of an object.
enum Outcome {
    Applied(Applied),
    Unreadable(Unreadable),
    Failed(shared::Error),
}

impl Fill {
    pub fn new(settings: &ConnectionSettings, connections: usize) -> anyhow::Result<Self> {
        let prepared_statements = prepared_statements()?;
        let database = || {
            Database::new(DatabaseConfig {
                connection: settings.clone(),
                prepared_statements,
            })
        };
        Ok(Self {
            databases: std::iter::repeat_with(database).take(connections).collect(),
            failures: Cell::default(),
            report: Report::default(),
        })
    }

    /// Brings objects as they are at Clerk into the database, and notes what became of each.
    pub async fn take(&mut self, kind: Kind, objects: Vec<Value>) -> anyhow::Result<()> {
        let share = objects.len().div_ceil(self.databases.len()).max(1);
        let failures = &self.failures;
        let shares = objects.chunks(share).zip(&self.databases);
        let shares = shares.map(|(objects, database)| async move {
            let mut outcomes = Vec::with_capacity(objects.len());
            for object in objects {
                if failures.get() >= MOST_FAILURES {
                    break;
                }
                let outcome = bring(database, kind.updated(), object).await;
                if matches!(outcome, Outcome::Failed(_)) {
                    failures.set(failures.get() + 1);
                }
                outcomes.push((id(object), outcome));
            }
            outcomes
        });
        let outcomes = join_all(shares).await;
        for (id, outcome) in outcomes.into_iter().flatten() {
            self.report.of(kind).seen += 1;
            self.note(kind, id, outcome);
        }
        self.go_on()
    }

    /// Applies the event that would have told of a deletion at `at` (milliseconds).
    pub async fn delete(&mut self, kind: Kind, at: i64, data: &Value) -> anyhow::Result<()> {
        let event = json!({"type": kind.deleted(), "timestamp": at, "data": data});
        match follow(&self.databases[0], &event).await {
            Outcome::Applied(Applied::New) => self.report.of(kind).removed += 1,
            // Something newer is known of it.
            Outcome::Applied(Applied::Stale) => {}
            outcome => {
                self.failures.set(self.failures.get() + 1);
                self.note(kind, id(data), outcome);
            }
        }
        self.go_on()
    }

    fn go_on(&self) -> anyhow::Result<()> {
        if self.failures.get() >= MOST_FAILURES {
            bail!("The database fails: see above");
        }
        Ok(())
    }

    fn note(&mut self, kind: Kind, id: Option<&str>, outcome: Outcome) {
        let tally = self.report.of(kind);
        match outcome {
            Outcome::Applied(Applied::New) => tally.changed += 1,
            Outcome::Applied(Applied::Stale) => tally.unchanged += 1,
            Outcome::Unreadable(why) => tally.unreadable.push(format!("{}: {why}", name(id))),
            Outcome::Failed(error) => tally
                .failed
                .push(format!("{}: {}", name(id), error.cause())),
        }
    }
}

/// The event that says of an object what it is now. Its own time is the object's, not the present one: so it is the same
/// event whenever this runs, and what Clerk itself says of the same version is preferred.
async fn bring(database: &Database, kind: &str, object: &Value) -> Outcome {
    let at = ["updated_at", "created_at"]
        .iter()
        .find_map(|field| object.get(field).filter(|at| at.is_number()));
    let event = json!({"type": kind, "timestamp": at, "data": object});
    follow(database, &event).await
}

async fn follow(database: &Database, event: &Value) -> Outcome {
    let event = match Event::parse(&event.to_string()) {
        Ok(event) => event.expect("events of these types are followed"),
        Err(unreadable) => return Outcome::Unreadable(unreadable),
    };
    let pauses = ExponentialBuilder::new()
        .with_min_delay(FIRST_PAUSE)
        .with_max_times(REPETITIONS);
    let applied = (|| clerk::apply(database, &event)).retry(pauses).await;
    applied.map_or_else(Outcome::Failed, Outcome::Applied)
}

/// An id for the report. Nothing else that may stand in its place is shown.
fn name(id: Option<&str>) -> &str {
    let plain = |id: &&str| {
        id.len() <= 64
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    id.filter(plain).unwrap_or("an object with an odd id")
}
