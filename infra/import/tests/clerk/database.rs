//! A database that is filled.

use cairn_tests::TestDatabase;
use serde_json::Value;
use shared::clerk::{Event, apply};
use shared::db::{ConnectionSettings, Database, DatabaseConfig};
use tokio_postgres::Client;

/// All that is stored of Clerk, a line for each row, without what tells two words about the same version from each other.
const CONTENTS: &str = "
SELECT 'user ' || u::text FROM users u
UNION ALL
SELECT 'workspace ' || w::text FROM workspaces w
UNION ALL
SELECT 'member ' || m::text FROM workspace_members m
UNION ALL
SELECT 'owner ' || o::text FROM workspace_owners o
UNION ALL
SELECT 'address of ' || u.id || ' is of ' || coalesce(email_owner(u.email), 'nobody') FROM users u WHERE u.email IS NOT NULL
UNION ALL
SELECT 'seen ' || (c.kind, c.id, c.version, c.deleted)::text FROM clerk_objects c
UNION ALL
SELECT 'said ' || (s.workspace_id, s.user_id, s.source, s.version, s.deleted, s.role, s.since)::text FROM clerk_memberships s
 ORDER BY 1";

/// That, too.
const TIES: &str = "
SELECT (c.kind, c.id, c.tie)::text FROM clerk_objects c
UNION ALL
SELECT (s.workspace_id, s.user_id, s.source, s.tie)::text FROM clerk_memberships s
 ORDER BY 1";

/// A database with the present schema, empty at first.
pub struct Filled {
    database: TestDatabase,
    /// To look with.
    pub client: Client,
    follower: Database,
}

impl Filled {
    pub async fn empty() -> Self {
        let database = TestDatabase::create().await;
        let connection = ConnectionSettings::parse(&database.url()).expect("a database URL");
        Self {
            client: database.connect().await,
            follower: Database::new(DatabaseConfig {
                connection,
                prepared_statements: true,
            }),
            database,
        }
    }

    pub fn url(&self) -> String {
        self.database.url()
    }

    /// The same through a proxy on this loopback port.
    pub fn url_through(&self, port: u16) -> String {
        self.database.url_through(port)
    }

    /// Applies events as the worker does when they come by the webhook.
    pub async fn follow(&self, events: impl IntoIterator<Item = Value>) {
        for event in events {
            let text = event.to_string();
            let event = Event::parse(&text)
                .unwrap_or_else(|error| panic!("{error}: {text}"))
                .unwrap_or_else(|| panic!("nobody follows this: {text}"));
            apply(&self.follower, &event)
                .await
                .unwrap_or_else(|error| panic!("{error:?}: {text}"));
        }
    }

    pub async fn contents(&self) -> Vec<String> {
        self.texts(CONTENTS).await
    }

    pub async fn ties(&self) -> Vec<String> {
        self.texts(TIES).await
    }

    /// The first column of all rows.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        let rows = self.client.query(query, &[]).await;
        let rows = rows.unwrap_or_else(|error| panic!("{query}: {error:?}"));
        rows.iter().map(|row| row.get(0)).collect()
    }

    pub async fn execute(&self, statements: &str) {
        self.client
            .batch_execute(statements)
            .await
            .unwrap_or_else(|error| panic!("{statements}: {error:?}"));
    }
}

/// Compares what two databases hold, and shows what differs.
#[track_caller]
pub fn assert_same(found: &[String], expected: &[String]) {
    let lacks: Vec<_> = expected
        .iter()
        .filter(|line| !found.contains(line))
        .collect();
    let extra: Vec<_> = found
        .iter()
        .filter(|line| !expected.contains(line))
        .collect();
    assert!(
        found == expected,
        "lacks {lacks:#?}\nhas besides {extra:#?}"
    );
}
