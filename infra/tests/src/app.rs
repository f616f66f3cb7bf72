//! The functions, running as on Lambda, with a database and an account of the local AWS of their own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cairn_dev::database_proxy::DatabaseProxy;
use cairn_dev::lambda_host::{FunctionSettings, Invoked, LambdaHost, api_routes};
use cairn_dev::tokens::SigningKey;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::aws::Aws;
use crate::aws_proxy::AwsProxy;
use crate::database::TestDatabase;
use crate::environment::{background, built_function};
use crate::people::User;
use crate::request::{Client, Request};

/// What stands in `iss` of the tokens that the functions accept.
pub const ISSUER: &str = "https://clerk.example.com";
/// The one authorized party.
pub const PARTY: &str = "https://app.example.com";

/// The secret that Clerk's events are signed with.
pub const WEBHOOK_SECRET: &str = "whsec_Y2Fpcm4tdGVzdHMtc2lnbi10aGVpci1ldmVudHM=";

/// Where Clerk sends its events.
const WEBHOOK_ROUTE: &str = "POST /api/webhooks/clerk";

/// The functions of the API.
const API: [&str; 5] = ["docs", "workspaces", "projects", "tasks", "comments"];
/// The functions that events are for.
const EVENTS: [&str; 4] = ["webhooks", "worker", "reminders", "relay"];

/// A running API, as one test sees it.
pub struct TestApp {
    running: Arc<Running>,
    client: Client,
    database: tokio_postgres::Client,
}

struct Running {
    host: LambdaHost,
    functions: Vec<&'static str>,
    key: Arc<SigningKey>,
    database: Arc<TestDatabase>,
    aws: Arc<Aws>,
}

/// How the functions are to be started, where it matters for a test.
pub struct TestAppBuilder {
    environments: usize,
    timeout: Duration,
    variables: BTreeMap<String, String>,
    without: Vec<&'static str>,
    proxy: Option<Arc<DatabaseProxy>>,
    aws_proxies: BTreeMap<&'static str, String>,
    functions: Vec<&'static str>,
    beside: Option<Arc<Running>>,
    database: Option<Arc<TestDatabase>>,
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
            ("CLERK_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ];
        TestAppBuilder {
            environments: 2,
            timeout: Duration::from_secs(10),
            variables: variables
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            without: Vec::new(),
            proxy: None,
            aws_proxies: BTreeMap::new(),
            functions: API.to_vec(),
            beside: None,
            database: None,
            key,
        }
    }

    /// Further processes of functions, over the same database and in the same account of AWS as this one's.
    pub fn beside(&self) -> TestAppBuilder {
        TestAppBuilder {
            beside: Some(Arc::clone(&self.running)),
            key: Arc::clone(&self.running.key),
            ..Self::builder().variable("CLERK_JWT_KEY", &self.running.key.public_pem())
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

    /// The way to the functions.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The account of AWS that the functions use.
    pub fn aws(&self) -> &Aws {
        &self.running.aws
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

    /// Where the functions answer, without a slash at its end.
    pub fn url(&self) -> &str {
        self.running.host.url()
    }

    /// A session token for `user` that lasts as long as a test.
    pub fn lasting_token(&self, user: &User) -> String {
        self.key()
            .session_token(ISSUER, &user.id, Some(PARTY), Duration::from_hours(2))
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
        for function in &self.running.functions {
            self.running
                .host
                .replace_environments(function)
                .expect("there is such a function");
        }
    }

    /// The processes of all functions.
    pub fn process_ids(&self) -> Vec<u32> {
        let of_function = |function: &&str| {
            let ids = self.running.host.process_ids(function);
            ids.expect("there is such a function")
        };
        self.running
            .functions
            .iter()
            .flat_map(of_function)
            .collect()
    }

    /// Kills the processes of a function, whatever they are doing. The next invocation starts another.
    pub fn kill(&self, function: &str) {
        self.running
            .host
            .kill(function)
            .expect("there is such a function");
    }

    /// Kills the processes of a function, and waits until it is noticed: or an idle one's successor would have its death to answer
    /// for in the next invocation.
    pub async fn kill_and_replace(&self, function: &str) {
        let processes = || {
            let ids = self.running.host.process_ids(function);
            ids.expect("there is such a function")
        };
        let killed = processes();
        self.kill(function);
        while processes().iter().any(|id| killed.contains(id)) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// What the functions wrote, all of them together.
    pub fn logs(&self) -> Vec<String> {
        self.running
            .functions
            .iter()
            .flat_map(|function| self.logs_of(function))
            .collect()
    }

    /// What one function wrote.
    pub fn logs_of(&self, function: &str) -> Vec<String> {
        self.running
            .host
            .logs(function)
            .expect("there is such a function")
    }

    /// The sum of a metric over all that a function wrote.
    pub fn metric(&self, function: &str, name: &str) -> u64 {
        let lines = self.logs_of(function).into_iter();
        lines
            .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
            .filter_map(|line| line[name].as_u64())
            .sum()
    }

    /// All that the database holds, as text, for a comparison: `table: rows`.
    pub async fn contents(&self) -> BTreeMap<String, Vec<String>> {
        const TABLES: [&str; 11] = [
            "users",
            "workspaces",
            "workspace_members",
            "projects",
            "project_members",
            "tasks",
            "comments",
            "outbox",
            "deliveries",
            "clerk_objects",
            "clerk_memberships",
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
    pub fn without(mut self, name: &'static str) -> Self {
        self.variables.remove(name);
        self.without.push(name);
        self
    }

    /// Puts a proxy between the functions and the database. (The test's own connection does not go through it.)
    #[must_use]
    pub fn through(mut self, proxy: &Arc<DatabaseProxy>) -> Self {
        self.proxy = Some(Arc::clone(proxy));
        self
    }

    /// Uses a database that is there already. What goes `through` a proxy reaches it only if the proxy leads to its server.
    #[must_use]
    pub fn over(mut self, database: &Arc<TestDatabase>) -> Self {
        self.database = Some(Arc::clone(database));
        self
    }

    /// Starts the functions that events are for, too.
    #[must_use]
    pub fn with_events(mut self) -> Self {
        self.functions = [API.as_slice(), &EVENTS].concat();
        self
    }

    /// Starts these functions only.
    #[must_use]
    pub fn only(mut self, functions: &[&'static str]) -> Self {
        self.functions = functions.to_vec();
        self
    }

    /// Puts a proxy between a function and AWS. (What the test itself does in the account does not go through it.)
    #[must_use]
    pub fn aws_through(mut self, function: &'static str, proxy: &AwsProxy) -> Self {
        self.aws_proxies.insert(function, proxy.url().to_owned());
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
            let (database, aws) = if let Some(other) = &self.beside {
                (Arc::clone(&other.database), Arc::clone(&other.aws))
            } else {
                let database = match self.database {
                    Some(database) => database,
                    None => Arc::new(TestDatabase::create().await),
                };
                (database, Arc::new(Aws::create().await))
            };
            let mut variables = aws.variables();
            let url = self.proxy.map_or_else(
                || database.url(),
                |proxy| database.url_through(proxy.port()),
            );
            variables.insert("DATABASE_URL".to_owned(), url);
            variables.extend(self.variables);
            variables.retain(|name, _| !self.without.iter().any(|other| other == name));
            let settings = self.functions.iter().map(|name| {
                let mut environment = variables.clone();
                if let Some(url) = self.aws_proxies.get(name) {
                    environment.insert("AWS_ENDPOINT_URL".to_owned(), url.clone());
                }
                FunctionSettings {
                    name: (*name).to_owned(),
                    binary: built_function(name),
                    environment,
                    environments: self.environments,
                    timeout: self.timeout,
                }
            });
            let mut routes = api_routes();
            if self.functions.contains(&"webhooks") {
                // A function URL is an address of its own; here it is the path that Clerk is told.
                routes = routes.with(WEBHOOK_ROUTE, "webhooks");
            }
            let routes = routes.only(&self.functions);
            let host = LambdaHost::start(settings.collect(), routes)
                .await
                .expect("the functions start");
            Running {
                host,
                functions: self.functions,
                key: self.key,
                database,
                aws,
            }
        };
        background()
            .spawn(starting)
            .await
            .expect("the functions start")
    }
}
