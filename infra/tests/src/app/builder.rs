//! How the functions of a test are started.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cairn_dev::database_proxy::DatabaseProxy;
use cairn_dev::lambda_host::{FunctionSettings, LambdaHost, api_routes};
use cairn_dev::tokens::SigningKey;

use super::{ISSUER, PARTY, Running, TestApp, WEBHOOK_SECRET};
use crate::aws::Aws;
use crate::aws_proxy::AwsProxy;
use crate::database::TestDatabase;
use crate::environment::{background, built_function};

/// Where Clerk sends its events.
const WEBHOOK_ROUTE: &str = "POST /api/webhooks/clerk";

/// The functions of the API.
const API: [&str; 5] = ["docs", "workspaces", "projects", "tasks", "comments"];
/// The functions that events are for.
const EVENTS: [&str; 4] = ["webhooks", "worker", "reminders", "relay"];

/// The time-out that template.yaml gives a function. When it runs out a batch is cut short, and the relay begins nothing more.
fn deployed_timeout(function: &str) -> Duration {
    Duration::from_secs(match function {
        "worker" | "reminders" => 30,
        "relay" => 900,
        _ => 10,
    })
}

/// How the functions are to be started, where it matters for a test.
pub struct TestAppBuilder {
    environments: usize,
    timeout: Option<Duration>,
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
    /// Functions and a database of a test's own.
    pub fn builder() -> TestAppBuilder {
        let key = Arc::new(SigningKey::generate());
        let variables = [
            ("CLERK_JWT_KEY", key.public_pem()),
            ("CLERK_ISSUER", ISSUER.to_owned()),
            ("CLERK_AUTHORIZED_PARTIES", PARTY.to_owned()),
            ("AWS_LAMBDA_LOG_LEVEL", "info".to_owned()),
            ("CLERK_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ];
        TestAppBuilder {
            environments: 2,
            timeout: None,
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
}

impl TestAppBuilder {
    /// How many processes each function has.
    #[must_use]
    pub fn environments(mut self, environments: usize) -> Self {
        self.environments = environments;
        self
    }

    /// The functions' time-out, if it is not to be the one they are deployed with.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
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

    pub(super) async fn run(self) -> Running {
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
                    timeout: self.timeout.unwrap_or_else(|| deployed_timeout(name)),
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
