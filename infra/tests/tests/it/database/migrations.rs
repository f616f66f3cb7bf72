//! What `migrate` does to a database, on the oldest and on the newest version of PostgreSQL.

use std::path::PathBuf;
use std::process::Output;
use std::sync::atomic::{AtomicU32, Ordering};

use cairn_tests::{built_function, required_variable};
use serde_json::Value;
use tokio::process::Command;
use tokio_postgres::Client;

use super::system_postgres::{PASSWORD, connect, system_postgres};

/// Everything a test can see of the schema.
const OBJECTS: &str = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
                        UNION ALL SELECT typname::text FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
                        ORDER BY 1";

/// An empty database on one of the servers.
struct Empty {
    url: String,
    maintenance: String,
    name: String,
}

impl Empty {
    async fn create(maintenance: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // A name that the next test run finds and drops if this one is killed.
        let name = format!("cairn_test_{}_9{number:05}", std::process::id());
        let client = connect(maintenance).await;
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .expect("it is created");
        let mut url = reqwest::Url::parse(maintenance).expect("a URL");
        url.set_path(&name);
        Self {
            url: url.into(),
            maintenance: maintenance.to_owned(),
            name,
        }
    }

    async fn connect(&self) -> Client {
        connect(&self.url).await
    }

    async fn objects(&self) -> Vec<String> {
        let rows = self
            .connect()
            .await
            .query(OBJECTS, &[])
            .await
            .expect("the catalogue");
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn drop(self) {
        let statement = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        connect(&self.maintenance)
            .await
            .batch_execute(&statement)
            .await
            .expect("it is dropped");
    }
}

/// Runs a check in an empty database of each server.
async fn on_every_server(check: impl AsyncFn(&Empty)) {
    let embedded = Empty::create(&required_variable("CAIRN_TEST_DATABASE_URL")).await;
    check(&embedded).await;
    embedded.drop().await;
    if let Some(server) = system_postgres().await {
        check(&Empty::create(&server.url("postgres")).await).await;
    }
}

pub fn binary() -> PathBuf {
    built_function("migrate")
}

async fn migrate(url: &str) -> Output {
    Command::new(binary())
        .env_clear()
        .env("DATABASE_URL", url)
        .kill_on_drop(true)
        .output()
        .await
        .expect("it runs")
}

/// The names of the migrations that a run applied.
fn applied(output: &Output) -> Vec<String> {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON on standard output");
    serde_json::from_value(said["applied"].clone()).expect("a list of names")
}

/// The sentence a run failed with.
fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr.clone()).expect("text");
    assert_eq!(said.lines().count(), 1, "one sentence and no more: {said}");
    assert!(
        !said.contains(PASSWORD) && !said.contains("127.0.0.1"),
        "{said}"
    );
    said
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    on_every_server(async |database| {
        let first = applied(&migrate(&database.url).await);
        assert_eq!(first.first().map(String::as_str), Some("V1__schema"));
        let objects = database.objects().await;
        assert!(objects.contains(&"tasks".to_owned()), "{objects:?}");

        assert!(applied(&migrate(&database.url).await).is_empty());
        assert_eq!(database.objects().await, objects);
    })
    .await;
}

#[tokio::test]
async fn runs_at_the_same_time_wait_for_each_other() {
    on_every_server(async |database| {
        let url = database.url.as_str();
        let (first, second, third) = tokio::join!(migrate(url), migrate(url), migrate(url));
        let mut outcomes = [applied(&first), applied(&second), applied(&third)];
        outcomes.sort_by_key(Vec::len);
        assert!(
            outcomes[0].is_empty() && outcomes[1].is_empty(),
            "{outcomes:?}"
        );
        assert!(!outcomes[2].is_empty(), "{outcomes:?}");
    })
    .await;
}

#[tokio::test]
async fn a_failing_migration_leaves_nothing_half_done() {
    on_every_server(async |database| {
        let client = database.connect().await;
        client
            .batch_execute("CREATE TABLE comments ()")
            .await
            .expect("a table in the way");

        let said = refusal(&migrate(&database.url).await);
        assert!(
            said.contains("V1__schema") && said.contains("42P07"),
            "{said}"
        );
        let left: Vec<_> = database.objects().await;
        assert_eq!(
            left,
            [
                "comments",
                "refinery_schema_history",
                "refinery_schema_history_pkey"
            ]
        );
        let history = client
            .query("SELECT FROM refinery_schema_history", &[])
            .await;
        assert!(history.expect("the history").is_empty());

        client
            .batch_execute("DROP TABLE comments")
            .await
            .expect("it is out of the way");
        assert!(!applied(&migrate(&database.url).await).is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_schema_that_is_ahead_of_the_program_is_left_as_it_is() {
    on_every_server(async |database| {
        applied(&migrate(&database.url).await);
        let client = database.connect().await;
        let later = "INSERT INTO refinery_schema_history
                     VALUES (999, 'later', '2026-01-02T03:04:05Z', '1')";
        client
            .batch_execute(later)
            .await
            .expect("a later migration");

        assert!(applied(&migrate(&database.url).await).is_empty());

        // But a migration that was overtaken by a later one is not passed over in silence.
        let forget = "DELETE FROM refinery_schema_history WHERE version = 1";
        client
            .batch_execute(forget)
            .await
            .expect("the history can be changed");
        let said = refusal(&migrate(&database.url).await);
        assert!(said.contains("V1__schema was never applied"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn a_migration_that_was_edited_after_it_was_applied_is_refused() {
    on_every_server(async |database| {
        applied(&migrate(&database.url).await);
        let edit = "UPDATE refinery_schema_history SET checksum = '1' WHERE version = 1";
        database
            .connect()
            .await
            .batch_execute(edit)
            .await
            .expect("the history can be changed");
        let said = refusal(&migrate(&database.url).await);
        assert!(said.contains("V1__schema is different"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn new_connections_keep_one_plan_unless_somebody_said_otherwise() {
    on_every_server(async |database| {
        let name = database.name.as_str();
        let setting = async |name: &str| -> String {
            let row = database
                .connect()
                .await
                .query_one("SELECT current_setting($1)", &[&name])
                .await;
            row.expect("the setting").get(0)
        };
        applied(&migrate(&database.url).await);
        assert_eq!(setting("plan_cache_mode").await, "force_generic_plan");
        assert_eq!(setting("jit").await, "off");

        let set = format!("ALTER DATABASE {name} SET plan_cache_mode = 'auto'");
        let client = database.connect().await;
        client.batch_execute(&set).await.expect("it is set");
        applied(&migrate(&database.url).await);
        assert_eq!(setting("plan_cache_mode").await, "auto");
        assert_eq!(setting("jit").await, "off");
    })
    .await;
}

#[tokio::test]
async fn somebody_who_does_not_own_the_database_may_migrate_it() {
    on_every_server(async |database| {
        let (name, role) = (&database.name, format!("{}_role", database.name));
        let client = database.connect().await;
        let made = format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'password'; GRANT ALL ON SCHEMA public TO {role}"
        );
        client.batch_execute(&made).await.expect("a role");
        let mut url = reqwest::Url::parse(&database.url).expect("a URL");
        url.set_username(&role).expect("a user name");
        url.set_password(Some("password")).expect("a password");

        assert!(!applied(&migrate(url.as_str()).await).is_empty());
        let set =
            "SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
                    WHERE d.datname = current_database()";
        let set = client.query_one(set, &[]).await.expect("the settings");
        assert_eq!(set.get::<_, i64>(0), 0, "{name} has no settings");
        let gone = format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
        client.batch_execute(&gone).await.expect("the role goes");
    })
    .await;
}

#[tokio::test]
async fn the_direct_url_comes_before_the_pooled_one() {
    let database = Empty::create(&required_variable("CAIRN_TEST_DATABASE_URL")).await;
    let output = Command::new(binary())
        .env_clear()
        .env("DATABASE_URL", "postgresql://127.0.0.1:1/nowhere")
        .env("DIRECT_URL", &database.url)
        .output()
        .await;
    assert!(!applied(&output.expect("it runs")).is_empty());
    database.drop().await;
}

#[tokio::test]
async fn what_is_wrong_with_the_url_is_said_without_repeating_it() {
    let said = refusal(&migrate("").await);
    assert!(
        said.contains("DIRECT_URL (or DATABASE_URL) has to be set"),
        "{said}"
    );
    let said = refusal(&migrate(&format!("mysql://root:{PASSWORD}@127.0.0.1/cairn")).await);
    assert!(said.contains("DATABASE_URL cannot be used"), "{said}");

    let Some(server) = system_postgres().await else {
        return;
    };
    let said = refusal(&migrate(&server.url("nowhere")).await);
    assert!(said.contains("\"nowhere\" does not exist"), "{said}");
    let wrong = server.url("postgres").replace(PASSWORD, "wrong");
    let said = refusal(&migrate(&wrong).await);
    assert!(said.contains("password authentication failed"), "{said}");
    assert!(!said.contains("wrong"), "{said}");
}
