//! The deployed stack that `cargo dev test` starts: the production template on a local AWS.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cairn_dev::aws_client::authorization;
use cairn_dev::system::STAGE;
use cairn_dev::tokens::SigningKey;
use cairn_dev::webhooks::WebhookSecret;
use serde_json::{Value, json};

use crate::aws::{self, Mail};
use crate::database::connect;
use crate::environment::required_variable;
use crate::events::signed_event;
use crate::people::User;
use crate::request::{Answer, Client, Request};

mod second;

pub use second::SecondStage;

/// The account of the local AWS that the stack is deployed in.
const ACCOUNT: &str = "000000000000";

/// The stack, as one test sees it.
pub struct Stack {
    stage: String,
    client: Client,
    webhooks: Client,
    database: tokio_postgres::Client,
    key: SigningKey,
    issuer: String,
    webhook_secret: WebhookSecret,
    http: reqwest::Client,
    aws_endpoint: String,
    log: PathBuf,
}

impl Stack {
    /// The stack if there is one in this test run.
    pub async fn find() -> Option<Self> {
        let Ok(url) = std::env::var("CAIRN_TEST_API_URL") else {
            println!(
                "skipped: CAIRN_TEST_API_URL is not set, so there is no deployed stack (`cargo dev test` starts one)"
            );
            return None;
        };
        let key = required_variable("CAIRN_TEST_SIGNING_KEY");
        let client = Client::new(url.trim_end_matches('/'));
        Some(Self {
            stage: STAGE.to_owned(),
            webhooks: client.clone(),
            client,
            database: connect(&required_variable("CAIRN_TEST_STACK_DATABASE_URL")).await,
            key: SigningKey::load_or_create(Path::new(&key)).expect("the stack's key can be read"),
            issuer: required_variable("CAIRN_TEST_ISSUER"),
            webhook_secret: WebhookSecret::parse(&required_variable("CAIRN_TEST_WEBHOOK_SECRET"))
                .expect("the stack's secret can be read"),
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("an HTTP client"),
            aws_endpoint: aws::endpoint(),
            log: required_variable("CAIRN_TEST_STACK_LOG").into(),
        })
    }

    /// A connection to the database behind the stack.
    pub fn database(&self) -> &tokio_postgres::Client {
        &self.database
    }

    /// Somebody who signed up.
    pub async fn user(&self, name: &str) -> User {
        User::insert(&self.database, name).await
    }

    /// A request without a token.
    pub fn anonymous(&self, method: &str, path: &str) -> Request {
        self.client.request(method, path)
    }

    /// A request of `user`.
    pub fn request(&self, user: &User, method: &str, path: &str) -> Request {
        let token = self
            .key
            .session_token(&self.issuer, &user.id, None, Duration::from_mins(1));
        self.anonymous(method, path).token(&token)
    }

    /// All lines that functions of the stack wrote since it was made.
    pub fn log(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.log).expect("the stack has a log");
        // What comes after the last end of a line is being written.
        let complete = text.rsplit_once('\n').map_or("", |(lines, _)| lines);
        complete.lines().map(str::to_owned).collect()
    }

    /// The secret that Clerk's events are signed with.
    pub fn webhook_secret(&self) -> String {
        required_variable("CAIRN_TEST_WEBHOOK_SECRET")
    }

    /// A signed event of Clerk, sent to the webhook.
    pub async fn clerk_event(&self, event: &Value) -> Answer {
        signed_event(&self.webhooks, &self.webhook_secret, event).await
    }

    /// The mails to one address, in the order they were sent.
    pub async fn mails_to(&self, address: &str) -> Vec<Mail> {
        let mut mails = aws::mails_of(&self.http, &self.aws_endpoint, ACCOUNT).await;
        mails.retain(|mail| mail.to.iter().any(|to| to.contains(address)));
        mails
    }

    /// The messages in a queue, seen or not. `queue` is the end of its name.
    pub async fn waiting(&self, queue: &str) -> usize {
        let endpoint = &self.aws_endpoint;
        let url = format!("{endpoint}/{ACCOUNT}/cairn-{}-{queue}", self.stage);
        aws::peek(&self.http, endpoint, &url).await.len()
    }

    /// Lets a queue's messages wait, or go on to their function. `queue` is the end of its name.
    pub async fn enable_queue(&self, queue: &str, enabled: bool) {
        let mappings = format!("{}/2015-03-31/event-source-mappings/", self.aws_endpoint);
        let name = format!(":cairn-{}-{queue}", self.stage);
        let authorized = |request: reqwest::RequestBuilder| {
            request.header("authorization", authorization("lambda"))
        };
        let listed = authorized(self.http.get(&mappings)).send().await;
        let listed: Value = listed
            .expect("the local AWS answers")
            .json()
            .await
            .expect("the answer is JSON");
        let mapping = listed["EventSourceMappings"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|mapping| {
                let source = mapping["EventSourceArn"].as_str();
                source.is_some_and(|source| source.ends_with(&name))
            })
            .unwrap_or_else(|| panic!("no function receives from {queue}: {listed}"));
        let id = mapping["UUID"].as_str().expect("a mapping has an id");
        let changed = authorized(self.http.put(format!("{mappings}{id}")))
            .json(&json!({"Enabled": enabled}))
            .send()
            .await
            .expect("the local AWS answers");
        assert!(changed.status().is_success(), "{changed:?}");
    }
}
