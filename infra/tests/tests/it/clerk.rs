//! Clerk's events: taken at the webhook, and followed by the database in whatever order they come.

mod api;
mod fixtures;
mod histories;
mod through_the_queue;
mod webhook;

use std::sync::Arc;

use cairn_tests::TestDatabase;
use serde_json::Value;
use shared::clerk::{Event, apply};
use shared::db::{ConnectionSettings, Database, DatabaseConfig};
use tokio_postgres::Client;

/// A database that follows Clerk.
struct Follower {
    database: Database,
    /// To look with.
    client: Client,
    _kept: Arc<TestDatabase>,
}

impl Follower {
    async fn of(database: Arc<TestDatabase>) -> Self {
        let connection = ConnectionSettings::parse(&database.url()).expect("the URL of a database");
        Self {
            database: Database::new(DatabaseConfig {
                connection,
                prepared_statements: true,
            }),
            client: database.connect().await,
            _kept: database,
        }
    }

    /// Applies events in this order; none of them is of a type that nobody follows.
    async fn follow(&self, events: &[Value]) {
        for event in events {
            let text = event.to_string();
            let event = Event::parse(&text)
                .unwrap_or_else(|error| panic!("{error}: {text}"))
                .unwrap_or_else(|| panic!("nobody follows this: {text}"));
            apply(&self.database, &event)
                .await
                .unwrap_or_else(|error| panic!("{error:?}: {text}"));
        }
    }

    /// The first column of all rows, as text.
    async fn texts(&self, query: &str) -> Vec<String> {
        let rows = self.client.query(query, &[]).await;
        let rows = rows.unwrap_or_else(|error| panic!("{query}: {error:?}"));
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// An event of `infra/tests/fixtures/clerk`.
fn fixture(name: &str) -> Value {
    let path = format!("{}/fixtures/clerk/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}
