//! The functions, running as on Lambda, with a database and an account of the local AWS of their own.

mod builder;
mod processes;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cairn_dev::database_proxy::DatabaseProxy;
use cairn_dev::lambda_host::{Invoked, LambdaHost};
use cairn_dev::tokens::SigningKey;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::aws::Aws;
use crate::database::TestDatabase;
use crate::people::User;
use crate::proxy::proxy_to_database;
use crate::request::{Client, Request};

pub use builder::TestAppBuilder;

/// What stands in `iss` of the tokens that the functions accept.
pub const ISSUER: &str = "https://clerk.example.com";
/// The one authorized party.
pub const PARTY: &str = "https://app.example.com";

/// The secret that Clerk's events are signed with.
pub const WEBHOOK_SECRET: &str = "whsec_Y2Fpcm4tdGVzdHMtc2lnbi10aGVpci1ldmVudHM=";

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

impl TestApp {
    /// The functions that most tests share: they keep apart by having people and workspaces of their own.
    pub async fn shared() -> Self {
        static SHARED: OnceCell<Arc<Running>> = OnceCell::const_new();
        let running = SHARED
            .get_or_init(|| async { Arc::new(Self::builder().run().await) })
            .await;
        Self::attach(Arc::clone(running)).await
    }

    /// Functions and a database of a test's own, one environment of each, and what is between them and the database.
    pub async fn behind_proxy() -> (Self, Arc<DatabaseProxy>) {
        let proxy = proxy_to_database().await;
        let app = Self::builder()
            .through(&proxy)
            .environments(1)
            .start()
            .await;
        (app, proxy)
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
