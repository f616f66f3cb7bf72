//! An old database, a new one, and the program between them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cairn_tests::TestDatabase;
use serde_json::Value;
use tokio::process::Command;
use tokio_postgres::Client;
use uuid::Uuid;

const SCHEMA: &str = include_str!("../fixtures/reference/schema.sql");
/// Some 20,000 tasks and 60,000 comments, as they come.
pub const WHOLE: &str = include_str!("../fixtures/reference/data.sql");
/// A handful of rows with nothing odd in them.
pub const SMALL: &str = include_str!("../fixtures/reference/small.sql");

/// The small database's task that is still to remind.
pub const TASK_TO_COME: &str = "44444444-4444-4444-8444-111111111111";
pub const TASK_OVERDUE: &str = "44444444-4444-4444-8444-222222222222";
pub const TASK_DONE: &str = "44444444-4444-4444-8444-333333333333";
pub const PROJECT: &str = "22222222-2222-4222-8222-222222222222";
pub const COMMENT: &str = "55555555-5555-4555-8555-111111111111";

/// The old system's database. (It stands in one that has Cairn's tables as well: no two of them share a name.)
pub struct Old {
    database: TestDatabase,
    client: Client,
}

impl Old {
    /// One with this in it.
    pub async fn with(data: &str) -> Self {
        let database = TestDatabase::create().await;
        let client = database.connect().await;
        let old = Self { database, client };
        old.run(SCHEMA).await;
        old.run(data).await;
        old
    }

    pub async fn run(&self, sql: &str) {
        run(&self.client, sql).await;
    }

    /// Another connection to it.
    pub async fn connect(&self) -> Client {
        self.database.connect().await
    }

    /// The program, told to bring this into the database behind `target`.
    pub fn importer(&self, target: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cairn-import"));
        command
            .args(["reference", "--source", &self.database.url()])
            .env("DIRECT_URL", target)
            .env_remove("DATABASE_URL");
        command
    }

    /// Brings this into the database behind `target`.
    pub async fn import(&self, target: &str) -> Report {
        self.import_with(target, &[]).await
    }

    pub async fn import_with(&self, target: &str, arguments: &[&str]) -> Report {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let path = folder.join(format!("{}.json", Uuid::now_v7()));
        let mut importer = self.importer(target);
        let output = importer
            .args(arguments)
            .arg("--report")
            .arg(&path)
            .output()
            .await
            .expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the import failed: {said}");
        let json = std::fs::read_to_string(&path).expect("there is a report");
        std::fs::remove_file(&path).expect("the report can be removed");
        Report {
            text: String::from_utf8(output.stdout).expect("text"),
            json: serde_json::from_str(&json).expect("the report is JSON"),
        }
    }
}

/// A database of Cairn's.
pub struct New {
    database: TestDatabase,
    client: Client,
}

impl New {
    pub async fn create() -> Self {
        let database = TestDatabase::create().await;
        let client = database.connect().await;
        Self { database, client }
    }

    pub fn url(&self) -> String {
        self.database.url()
    }

    pub async fn run(&self, sql: &str) {
        run(&self.client, sql).await;
    }

    /// Forgets what was imported, once the last import has let go of it: its session drops its view of it after the program
    /// has ended, and before it gives the lock that keeps imports apart away.
    pub async fn forget_import(&self) {
        self.run("SELECT pg_advisory_xact_lock(426836062830); DROP SCHEMA cairn_import CASCADE")
            .await;
    }

    /// The first column of all rows.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        texts(&self.client, query).await
    }

    /// The one value there is.
    pub async fn text(&self, query: &str) -> String {
        let mut texts = self.texts(query).await;
        assert_eq!(texts.len(), 1, "{query}: {texts:?}");
        texts.remove(0)
    }

    /// All that there is, by table. Of the outbox only what does not depend on when it was written.
    pub async fn contents(&self) -> BTreeMap<&'static str, Vec<String>> {
        let mut contents = BTreeMap::new();
        for (table, columns) in [
            ("users", "t"),
            ("workspaces", "t"),
            ("workspace_members", "t"),
            ("projects", "t"),
            ("project_members", "t"),
            ("tasks", "t"),
            ("comments", "t"),
            ("outbox", "(kind, task_id, attempts, dead_at)"),
            ("deliveries", "t"),
            ("clerk_objects", "t"),
            ("clerk_memberships", "t"),
        ] {
            let rows = format!("SELECT {columns}::text FROM {table} t ORDER BY 1");
            contents.insert(table, self.texts(&rows).await);
        }
        contents
    }
}

/// What an import said it did.
pub struct Report {
    pub text: String,
    pub json: Value,
}

impl Report {
    /// How many rows of a table have this fate.
    pub fn count(&self, table: &str, fate: &str) -> i64 {
        self.json["tables"][table][fate].as_i64().unwrap_or(0)
    }

    /// The fates of all tables, those that nothing has left out: `tasks: 3 inserted`.
    pub fn fates(&self) -> Vec<String> {
        let tables = self.json["tables"].as_object().expect("tables");
        let fates = ["inserted", "updated", "unchanged", "kept", "skipped"];
        tables
            .keys()
            .flat_map(|table| fates.map(|fate| (table, fate, self.count(table, fate))))
            .filter(|(_, _, rows)| *rows > 0)
            .map(|(table, fate, rows)| format!("{table}: {rows} {fate}"))
            .collect()
    }

    /// What is said of one old row, in the order in which it is said: its fate's reason, or what is odd about it.
    pub fn of(&self, table: &str, old_id: &str) -> Vec<String> {
        let rows = self.json["rows"].as_array().expect("rows");
        let mut said = Vec::new();
        for row in rows {
            if row["table"] == table && row["old_id"] == old_id {
                if let Some(reason) = row["reason"].as_str() {
                    let fate = row["fate"].as_str().expect("a fate");
                    said.push(format!("{fate}: {reason}"));
                }
                let notes = row["notes"].as_array().into_iter().flatten();
                said.extend(notes.map(|note| note.as_str().expect("text").to_owned()));
            }
        }
        said
    }

    /// Every row that something is said of: `tasks/<old id>`.
    pub fn rows(&self) -> Vec<String> {
        let rows = self.json["rows"].as_array().expect("rows");
        let name = |row: &Value| {
            format!(
                "{}/{}",
                row["table"].as_str().expect("a table"),
                row["old_id"].as_str().expect("an id")
            )
        };
        rows.iter().map(name).collect()
    }
}

/// Connections to a test's databases count time in UTC, as the program does.
pub async fn run(client: &Client, sql: &str) {
    client
        .batch_execute(sql)
        .await
        .unwrap_or_else(|error| panic!("{error:?}: {sql}"));
}

pub async fn texts(client: &Client, query: &str) -> Vec<String> {
    run(client, "SET TIME ZONE 'UTC'").await;
    let rows = client.query(query, &[]).await;
    let rows = rows.unwrap_or_else(|error| panic!("{query}: {error:?}"));
    rows.iter().map(|row| row.get(0)).collect()
}
