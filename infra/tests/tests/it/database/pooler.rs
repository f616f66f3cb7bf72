//! The functions behind PgBouncer in transaction mode, in a version that knows no prepared statements.

use std::time::Duration;

use cairn_dev::lambda_host::{FunctionSettings, LambdaHost, api_routes};
use cairn_dev::service::PgBouncer;
use cairn_dev::tokens::SigningKey;
use cairn_tests::{Aws, built_function};
use serde_json::{Value, json};
use shared::db::{Call, ConnectionSettings, Database, DatabaseConfig};
use tokio::process::Command;

use super::migrations::binary;
use super::system_postgres::{PASSWORD, SystemPostgres, connect, installed, system_postgres};

const ISSUER: &str = "https://clerk.example.com";
const FUNCTIONS: [&str; 5] = ["docs", "workspaces", "projects", "tasks", "comments"];

/// PostgreSQL, and PgBouncer before it with fewer connections than clients.
struct Pooled {
    server: SystemPostgres,
    pooler: PgBouncer,
}

impl Pooled {
    async fn start() -> Option<Self> {
        let pgbouncer = installed("pgbouncer", "pgbouncer")?;
        let server = system_postgres().await?;
        let pooler = PgBouncer::start(&pgbouncer, &server, 3, "").await;
        Some(Self {
            server,
            pooler: pooler.expect("the pooler starts"),
        })
    }

    fn url(&self) -> String {
        format!(
            "postgresql://postgres:{PASSWORD}@127.0.0.1:{}/postgres",
            self.pooler.port()
        )
    }

    async fn migrate(&self) {
        let run = Command::new(binary())
            .env_clear()
            .env("DATABASE_URL", self.url())
            .output()
            .await;
        let run = run.expect("it runs");
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        );
    }
}

/// The functions, two environments of each: with the pool's three connections no session keeps its own.
async fn start_functions(database: String, key: &SigningKey) -> LambdaHost {
    let mut environment = Aws::create().await.variables();
    environment.extend([
        ("DATABASE_URL".to_owned(), database),
        ("DATABASE_PREPARED_STATEMENTS".to_owned(), "off".to_owned()),
        ("CLERK_JWT_KEY".to_owned(), key.public_pem()),
        ("CLERK_ISSUER".to_owned(), ISSUER.to_owned()),
    ]);
    let settings = FUNCTIONS.map(|name| FunctionSettings {
        name: name.to_owned(),
        binary: built_function(name),
        environment: environment.clone(),
        environments: 2,
        timeout: Duration::from_secs(10),
    });
    LambdaHost::start(settings.to_vec(), api_routes())
        .await
        .expect("the functions start")
}

#[tokio::test]
async fn every_request_succeeds_though_each_may_meet_another_connection() {
    let Some(pooled) = Pooled::start().await else {
        return;
    };
    pooled.migrate().await;
    let database = connect(&pooled.server.url("postgres")).await;
    let person = "INSERT INTO users (id, name, email, email_verified, version)
                  VALUES ('user_ada', 'Ada', 'ada@example.com', true, 1);
                  -- She makes more workspaces than a day has for one person.
                  INSERT INTO daily_use (user_id, workspaces) VALUES ('user_ada', -1000)";
    database.batch_execute(person).await.expect("a person");

    let key = SigningKey::generate();
    let host = start_functions(pooled.url(), &key).await;
    let token = key.session_token(ISSUER, "user_ada", None, Duration::from_mins(5));
    let client = reqwest::Client::new();
    let request = async |method: &str, path: &str, body: Option<Value>| -> Value {
        let method = method.parse().expect("a method");
        let mut request = client
            .request(method, format!("{}{path}", host.url()))
            .bearer_auth(&token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let answer: Value = answer.json().await.expect("JSON");
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer["data"].clone()
    };

    for round in 0..50 {
        let workspace = request(
            "POST",
            "/api/workspace",
            Some(json!({"name": format!("W{round}")})),
        )
        .await;
        let workspace = workspace["id"].as_str().expect("an id").to_owned();
        let project =
            json!({"name": "P", "workspaceId": workspace, "team_lead": "ada@example.com"});
        let project = request("POST", "/api/projects", Some(project)).await;
        let project = project["id"].as_str().expect("an id").to_owned();
        let task = json!({"title": "T", "assigneeId": "user_ada", "due_date": "2030-01-01"});
        let task = request(
            "POST",
            &format!("/api/tasks/project/{project}/tasks"),
            Some(task),
        )
        .await;
        let task = task["id"].as_str().expect("an id").to_owned();

        let comments = format!("/api/tasks/{task}/comments");
        let projects = format!("/api/projects/workspace/{workspace}/projects");
        let tasks = format!("/api/tasks/project/{project}/tasks");
        let (workspaces, projects, tasks, comment, health) = tokio::join!(
            request("GET", "/api/workspace", None),
            request("GET", &projects, None),
            request("GET", &tasks, None),
            request("POST", &comments, Some(json!({"message": "Hello"}))),
            request("GET", "/api/health", None),
        );
        assert_eq!(workspaces.as_array().map(Vec::len), Some(round + 1));
        assert_eq!(projects[0]["tasks"][0]["id"], task.as_str());
        assert_eq!(tasks[0]["priority"], "MEDIUM");
        assert_eq!(comment["taskId"], task.as_str());
        assert_eq!(health["database"], "up");
    }
}

/// A client of the pooler that sends transactions by tens, each ten in one flight. `first` is a number of its own.
async fn send_by_tens(url: &str, first: i32) {
    let connection = ConnectionSettings::parse(url).expect("the URL of a database");
    let db = Database::new(DatabaseConfig {
        connection,
        prepared_statements: false,
    });
    for ten in 0..20 {
        let works = (0..10).map(|n| {
            let n = first + 10 * ten + n;
            move |db: Database| async move {
                let insert = Call::new("INSERT INTO numbers VALUES ($1) ON CONFLICT DO NOTHING");
                let read = Call::new("SELECT n FROM numbers WHERE n = $1");
                let [_, rows] = db.transaction([insert.bind(n), read.bind(n)]).await?;
                Ok::<_, shared::Error>(rows.len())
            }
        });
        for read in db.together(works).await {
            assert_eq!(read.expect("it is carried out"), 1);
        }
    }
}

/// The pooler may give each transaction of a flight another connection.
#[tokio::test]
async fn transactions_that_share_a_flight_succeed_behind_a_pooler() {
    let Some(pooled) = Pooled::start().await else {
        return;
    };
    let database = connect(&pooled.server.url("postgres")).await;
    database
        .batch_execute("CREATE TABLE numbers (n int PRIMARY KEY)")
        .await
        .expect("a table");
    let url = pooled.url();
    tokio::join!(
        send_by_tens(&url, 0),
        send_by_tens(&url, 1000),
        send_by_tens(&url, 2000),
        send_by_tens(&url, 3000),
        send_by_tens(&url, 4000),
    );
    let count = database
        .query_one("SELECT count(*) FROM numbers", &[])
        .await;
    let count: i64 = count.expect("the numbers").get(0);
    assert_eq!(count, 5 * 200);
}

#[tokio::test]
async fn migrations_hold_their_lock_behind_a_pooler_too() {
    let Some(pooled) = Pooled::start().await else {
        return;
    };
    pooled.migrate().await;
    pooled.migrate().await;
    let database = connect(&pooled.server.url("postgres")).await;
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'";
    let left: i64 = database
        .query_one(locks, &[])
        .await
        .expect("the locks")
        .get(0);
    assert_eq!(left, 0, "a lock stayed behind with the pooler's connection");
}
