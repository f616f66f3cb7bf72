//! The functions, running as on Lambda, with a database of their own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cairn_dev::lambda_host::{FunctionSettings, Invoked, LambdaHost, api_routes};
use cairn_dev::tokens::SigningKey;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::database::TestDatabase;
use crate::environment::{background, built_function};
use crate::people::User;
use crate::proxy::DatabaseProxy;
use crate::request::{Client, Request};

/// What stands in `iss` of the tokens that the functions accept.
pub const ISSUER: &str = "https://clerk.example.com";
/// The one authorized party.
pub const PARTY: &str = "https://app.example.com";

const FUNCTIONS: [&str; 5] = ["docs", "workspaces", "projects", "tasks", "comments"];

/// A running API, as one test sees it.
pub struct TestApp {
    running: Arc<Running>,
    client: Client,
    database: tokio_postgres::Client,
}

struct Running {
    host: LambdaHost,
    key: Arc<SigningKey>,
    database: TestDatabase,
}

/// How the functions are to be started, where it matters for a test.
pub struct TestAppBuilder {
    environments: usize,
    timeout: Duration,
    variables: BTreeMap<String, String>,
    proxy: Option<Arc<DatabaseProxy>>,
    key: Arc<SigningKey>,
}

impl TestApp {
    /// The functions that most tests share: they keep apart by having people and workspaces of their own.
    pub async fn shared() -> Self {
        static SHARED: OnceCell<Arc<Running>> = OnceCell::const_new();
        let running = SHARED
            .get_or_init(|| async { Arc::new(Self::builder().run().await) })
            .await;
        Self::attach(Arc::clone(running)).await
    }

    /// Functions and a database of a test's own.
    pub fn builder() -> TestAppBuilder {
        let key = Arc::new(SigningKey::generate());
        let variables = [
            ("CLERK_JWT_KEY", key.public_pem()),
            ("CLERK_ISSUER", ISSUER.to_owned()),
            ("CLERK_AUTHORIZED_PARTIES", PARTY.to_owned()),
            ("AWS_LAMBDA_LOG_LEVEL", "info".to_owned()),
            ("AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "true".to_owned()),
        ];
        TestAppBuilder {
            environments: 2,
            timeout: Duration::from_secs(10),
            variables: variables
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            proxy: None,
            key,
        }
    }

    async fn attach(running: Arc<Running>) -> Self {
        let client = Client::new(running.host.url());
        let database = running.database.connect().await;
        Self {
            running,
            client,
            database,
        }
    }

    /// The test's own connection to the functions' database.
    pub fn database(&self) -> &tokio_postgres::Client {
        &self.database
    }

    /// Somebody who signed up.
    pub async fn user(&self, name: &str) -> User {
        User::insert(&self.database, name).await
    }

    /// The key whose public half the functions trust.
    pub fn key(&self) -> &SigningKey {
        &self.running.key
    }

    /// A session token for `user`.
    pub fn token(&self, user: &User) -> String {
        self.key()
            .session_token(ISSUER, &user.id, Some(PARTY), Duration::from_mins(1))
    }

    /// A request without a token.
    pub fn anonymous(&self, method: &str, path: &str) -> Request {
        self.client.request(method, path)
    }

    /// A request of `user`.
    pub fn request(&self, user: &User, method: &str, path: &str) -> Request {
        self.anonymous(method, path).token(&self.token(user))
    }

    /// A GET of `user`.
    pub fn get(&self, user: &User, path: &str) -> Request {
        self.request(user, "GET", path)
    }

    /// A POST of `user`.
    pub fn post(&self, user: &User, path: &str, body: &Value) -> Request {
        self.request(user, "POST", path).json(body)
    }

    /// A PATCH of `user`.
    pub fn patch(&self, user: &User, path: &str, body: &Value) -> Request {
        self.request(user, "PATCH", path).json(body)
    }

    /// A PUT of `user`.
    pub fn put(&self, user: &User, path: &str, body: &Value) -> Request {
        self.request(user, "PUT", path).json(body)
    }

    /// A DELETE of `user`.
    pub fn delete(&self, user: &User, path: &str) -> Request {
        self.request(user, "DELETE", path)
    }

    /// Invokes a function with an event of the test's making.
    pub async fn invoke(&self, function: &str, event: &Value) -> Invoked {
        let event = event.to_string().into_bytes().into();
        self.running
            .host
            .invoke(function, event)
            .await
            .expect("there is such a function")
    }

    /// Replaces the processes of all functions: the next request of each is a cold start.
    pub fn replace_environments(&self) {
        for function in FUNCTIONS {
            self.running
                .host
                .replace_environments(function)
                .expect("there is such a function");
        }
    }

    /// The processes of all functions.
    pub fn process_ids(&self) -> Vec<u32> {
        let of_function = |function| {
            let ids = self.running.host.process_ids(function);
            ids.expect("there is such a function")
        };
        FUNCTIONS.into_iter().flat_map(of_function).collect()
    }

    /// What the functions wrote, all of them together.
    pub fn logs(&self) -> Vec<String> {
        let of_function = |function| {
            self.running
                .host
                .logs(function)
                .expect("there is such a function")
        };
        FUNCTIONS.into_iter().flat_map(of_function).collect()
    }

    /// All that the database holds, as text, for a comparison: `table: rows`.
    pub async fn contents(&self) -> BTreeMap<String, Vec<String>> {
        const TABLES: [&str; 9] = [
            "users",
            "workspaces",
            "workspace_members",
            "projects",
            "project_members",
            "tasks",
            "comments",
            "outbox",
            "clerk_objects",
        ];
        let mut contents = BTreeMap::new();
        for table in TABLES {
            let rows = self
                .database
                .query(&format!("SELECT t::text FROM {table} t ORDER BY 1"), &[])
                .await;
            let rows = rows
                .expect("the table can be read")
                .iter()
                .map(|row| row.get(0))
                .collect();
            contents.insert(table.to_owned(), rows);
        }
        contents
    }
}

impl TestAppBuilder {
    /// How many processes each function has.
    #[must_use]
    pub fn environments(mut self, environments: usize) -> Self {
        self.environments = environments;
        self
    }

    /// The functions' time-out.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets an environment variable of the functions.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Takes an environment variable away.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    /// Puts a proxy between the functions and the database. (The test's own connection does not go through it.)
    #[must_use]
    pub fn through(mut self, proxy: &Arc<DatabaseProxy>) -> Self {
        self.proxy = Some(Arc::clone(proxy));
        self
    }

    /// The key whose public half the functions will trust.
    pub fn key(&self) -> &Arc<SigningKey> {
        &self.key
    }

    /// Starts the functions.
    pub async fn start(self) -> TestApp {
        TestApp::attach(Arc::new(self.run().await)).await
    }

    async fn run(self) -> Running {
        let starting = async move {
            let database = TestDatabase::create().await;
            let mut variables = self.variables;
            let url = self.proxy.map_or_else(
                || database.url(),
                |proxy| database.url_through(proxy.port()),
            );
            variables.insert("DATABASE_URL".to_owned(), url);
            let settings = FUNCTIONS.map(|name| FunctionSettings {
                name: name.to_owned(),
                binary: built_function(name),
                environment: variables.clone(),
                environments: self.environments,
                timeout: self.timeout,
            });
            let host = LambdaHost::start(settings.to_vec(), api_routes())
                .await
                .expect("the functions start");
            Running {
                host,
                key: self.key,
                database,
            }
        };
        background()
            .spawn(starting)
            .await
            .expect("the functions start")
    }
}
