//! Databases for the tests: copies of one that the `migrate` function has prepared.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::process::Command;
use tokio::sync::OnceCell;
use tokio_postgres::{Client, Config, NoTls};

use crate::environment::{background, built_function, required_variable};

/// A database of its own for a test, or for all the tests that share one. It is dropped at the end, or by the next test run.
pub struct TestDatabase {
    name: String,
    server: Server,
}

/// Where a database is.
enum Server {
    /// On the server of all tests.
    Shared,
    /// On one of a test's own, which goes with its databases. The URL of one of them.
    Own(String),
}

impl TestDatabase {
    /// A database with the present schema and nothing in it.
    pub async fn create() -> Self {
        static TEMPLATE: OnceCell<Template> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(Template::prepare).await;
        let copy = Self::copy_of(&template.name).await;
        for (setting, value) in &template.settings {
            let name = &copy.name;
            execute(&format!("ALTER DATABASE {name} SET {setting} = '{value}'")).await;
        }
        copy
    }

    /// A database without any schema.
    pub async fn empty() -> Self {
        Self::copy_of("template0").await
    }

    /// A database with the present schema on another server, where it exists already and is empty.
    pub async fn on(url: &str) -> Self {
        migrate(url).await;
        let name = reqwest::Url::parse(url).expect("a URL").path().to_owned();
        Self {
            name: name.trim_start_matches('/').to_owned(),
            server: Server::Own(url.to_owned()),
        }
    }

    async fn copy_of(template: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = database_name(&NEXT.fetch_add(1, Ordering::Relaxed).to_string());
        execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        Self {
            name,
            server: Server::Shared,
        }
    }

    /// Its URL, for the server's superuser.
    pub fn url(&self) -> String {
        match &self.server {
            Server::Shared => url_of(&self.name),
            Server::Own(url) => url.clone(),
        }
    }

    /// Its URL when the server is reached through another loopback port.
    pub fn url_through(&self, port: u16) -> String {
        let mut url = reqwest::Url::parse(&self.url()).expect("a URL");
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(port)).expect("a port");
        url.into()
    }

    /// The server's host and port.
    pub fn server_address() -> String {
        let url =
            reqwest::Url::parse(&maintenance_url()).expect("CAIRN_TEST_DATABASE_URL is a URL");
        format!(
            "{}:{}",
            url.host_str().expect("a host"),
            url.port().unwrap_or(5432)
        )
    }

    /// A connection for the use of the calling test. It ends with the test's runtime.
    pub async fn connect(&self) -> Client {
        connect(&self.url()).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if matches!(self.server, Server::Own(_)) {
            return;
        }
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        background().spawn(async move { execute(&statement).await });
    }
}

/// A connection to the database behind `url`.
pub(crate) async fn connect(url: &str) -> Client {
    let config: Config = url.parse().expect("a database URL");
    let (client, connection) = config.connect(NoTls).await.expect("the database answers");
    tokio::spawn(async move { drop(connection.await) });
    client
}

/// What the others are copies of.
struct Template {
    name: String,
    /// The settings of this database, which the server does not copy.
    settings: Vec<(String, String)>,
}

impl Template {
    /// Makes it, and drops what test runs before this one left behind.
    async fn prepare() -> Self {
        drop_leftovers().await;
        let name = database_name("template");
        execute(&format!("CREATE DATABASE {name}")).await;
        migrate(&url_of(&name)).await;
        let settings = settings_of(&name).await;
        Self { name, settings }
    }
}

async fn settings_of(database: &str) -> Vec<(String, String)> {
    const SETTINGS: &str = "SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
                             WHERE d.datname = $1 AND s.setrole = 0";
    let client = connect(&maintenance_url()).await;
    let settings = client.query(SETTINGS, &[&database]).await;
    let settings = settings.expect("the settings can be read");
    let settings = settings.iter().map(|row| row.get::<_, String>(0));
    settings
        .filter_map(|setting| {
            let (name, value) = setting.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect()
}

async fn migrate(url: &str) {
    let migrate = Command::new(built_function("migrate"))
        .env_clear()
        .env("DIRECT_URL", url)
        .output()
        .await
        .expect("the migrate function runs");
    let said = String::from_utf8_lossy(&migrate.stderr);
    assert!(migrate.status.success(), "the migrations failed: {said}");
}

/// The names hold the process that made them, so that two test runs on one server leave each other's alone.
fn database_name(suffix: &str) -> String {
    format!("cairn_test_{}_{suffix}", std::process::id())
}

async fn drop_leftovers() {
    let client = connect(&maintenance_url()).await;
    let names = client
        .query(
            r"SELECT datname FROM pg_database WHERE datname ~ '^cairn_test_\d+_(\d+|template)$'",
            &[],
        )
        .await
        .expect("the databases can be listed");
    for row in names {
        let name: String = row.get(0);
        let process = name.split('_').nth(2).unwrap_or_default();
        if !Path::new("/proc").join(process).exists() {
            execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

async fn execute(statement: &str) {
    let client = connect(&maintenance_url()).await;
    client
        .batch_execute(statement)
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error:?}"));
}

fn maintenance_url() -> String {
    required_variable("CAIRN_TEST_DATABASE_URL")
}

fn url_of(database: &str) -> String {
    let mut url =
        reqwest::Url::parse(&maintenance_url()).expect("CAIRN_TEST_DATABASE_URL is a URL");
    url.set_path(database);
    url.into()
}
