//! The local AWS, as one test sees it: an account of its own, with queues, a schedule group and a verified sender.

mod queues;
mod schedules;

use std::collections::BTreeMap;
use std::fmt;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_sqs::error::DisplayErrorContext;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::environment::required_variable;

pub(crate) use queues::peek;
pub use queues::{Queue, Received};
pub use schedules::Schedule;

/// The Region of everything local.
const REGION: &str = "eu-central-1";
/// The group of the reminders' schedules.
const SCHEDULE_GROUP: &str = "reminders";
const SCHEDULER_ROLE: &str = "scheduler";
/// The address that mails come from; it is verified.
pub const SENDER: &str = "no-reply@cairn.example";
/// Where the links in mails lead.
pub const FRONTEND: &str = "https://app.example.com";

/// An account of the local AWS: what happens in it no other test sees.
pub struct Aws {
    account: String,
    endpoint: String,
    sqs: aws_sdk_sqs::Client,
    scheduler: aws_sdk_scheduler::Client,
    http: reqwest::Client,
    /// Clerk's events.
    pub webhook_queue: Queue,
    /// Changed tasks.
    pub task_queue: Queue,
    /// Reminders that are due.
    pub reminder_queue: Queue,
}

/// A mail that was sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Mail {
    /// The id that SES gave it.
    pub message_id: String,
    /// From whom.
    pub source: String,
    /// To whom.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub body_text: String,
    /// The HTML.
    pub body_html: String,
    /// When, in seconds since the epoch.
    pub timestamp: f64,
}

impl Aws {
    /// A new account with all that the functions need.
    pub async fn create() -> Self {
        let endpoint = endpoint();
        // The local AWS takes an access key of twelve digits for the number of the account.
        let account = 100_000_000_000 + Uuid::now_v7().as_u128() % 900_000_000_000;
        let account = account.to_string();
        let config = sdk_config(&endpoint, &account);
        let sqs = aws_sdk_sqs::Client::new(&config);
        let scheduler = aws_sdk_scheduler::Client::new(&config);
        let ses = aws_sdk_sesv2::Client::new(&config);
        ses.create_email_identity()
            .email_identity(SENDER)
            .send()
            .await
            .unwrap_or_else(|error| fail("the sender cannot be verified", error));
        scheduler
            .create_schedule_group()
            .name(SCHEDULE_GROUP)
            .send()
            .await
            .unwrap_or_else(|error| fail("the schedule group cannot be made", error));
        let webhook_queue = Queue::create(&sqs, "webhooks").await;
        let task_queue = Queue::create(&sqs, "tasks").await;
        let reminder_queue = Queue::create(&sqs, "reminders").await;
        let aws = Self {
            account,
            endpoint,
            sqs,
            scheduler,
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("an HTTP client"),
            webhook_queue,
            task_queue,
            reminder_queue,
        };
        aws.create_scheduler_role().await;
        aws
    }

    /// The role in whose name Scheduler delivers, with what the template lets it do.
    async fn create_scheduler_role(&self) {
        let policy = |statement: Value| {
            json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
        };
        let assume = policy(json!({
            "Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole",
        }));
        let remind = policy(json!({
            "Effect": "Allow", "Action": "sqs:SendMessage",
            "Resource": [&self.reminder_queue.arn, &self.reminder_queue.dead_letters_arn],
        }));
        let role = ("RoleName", SCHEDULER_ROLE);
        self.iam(&[
            ("Action", "CreateRole"),
            role,
            ("AssumeRolePolicyDocument", &assume),
        ])
        .await;
        self.iam(&[
            ("Action", "PutRolePolicy"),
            role,
            ("PolicyName", "remind"),
            ("PolicyDocument", &remind),
        ])
        .await;
    }

    /// A request to IAM: so few that they are not worth a client of its own.
    async fn iam(&self, parameters: &[(&str, &str)]) {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0",
            self.account
        );
        let answer = self
            .http
            .post(&self.endpoint)
            .query(parameters)
            .header("authorization", authorization)
            .send()
            .await
            .expect("the local AWS answers");
        assert!(answer.status().is_success(), "{parameters:?}: {answer:?}");
    }

    fn scheduler_role(&self) -> String {
        format!("arn:aws:iam::{}:role/{SCHEDULER_ROLE}", self.account)
    }

    /// The variables that functions are told about this account by.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let role = self.scheduler_role();
        let variables = [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", &self.account),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("WEBHOOK_QUEUE_URL", &self.webhook_queue.url),
            ("TASK_QUEUE_URL", &self.task_queue.url),
            ("REMINDER_QUEUE_URL", &self.reminder_queue.url),
            ("REMINDER_QUEUE_ARN", &self.reminder_queue.arn),
            ("SCHEDULE_GROUP", SCHEDULE_GROUP),
            ("SCHEDULER_ROLE_ARN", &role),
            ("SCHEDULE_DLQ_ARN", &self.reminder_queue.dead_letters_arn),
            ("MAIL_FROM", &format!("Cairn <{SENDER}>")),
            ("FRONTEND_URL", FRONTEND),
        ];
        variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    /// All mails of the account, in the order they were sent.
    pub async fn mails(&self) -> Vec<Mail> {
        mails_of(&self.http, &self.endpoint, &self.account).await
    }

    /// The mails to one address.
    pub async fn mails_to(&self, address: &str) -> Vec<Mail> {
        let mut mails = self.mails().await;
        mails.retain(|mail| mail.to.iter().any(|to| to.contains(address)));
        mails
    }
}

/// Where AWS clients find the local AWS.
pub(crate) fn endpoint() -> String {
    required_variable("CAIRN_TEST_AWS_ENDPOINT")
}

pub(crate) fn sdk_config(endpoint: &str, access_key: &str) -> SdkConfig {
    let credentials = Credentials::new(access_key, "local", None, None, "tests");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

/// The mails of an account, in the order they were sent.
pub(crate) async fn mails_of(http: &reqwest::Client, endpoint: &str, account: &str) -> Vec<Mail> {
    let url = format!("{endpoint}/_ministack/ses/messages?account={account}");
    let mut answer = get_json(http, &url).await;
    match answer["messages"][account].take() {
        Value::Null => Vec::new(),
        mails => serde_json::from_value(mails).expect("the mails are as expected"),
    }
}

async fn get_json(http: &reqwest::Client, url: &str) -> Value {
    let answer = http.get(url).send().await.expect("the local AWS answers");
    answer.json().await.expect("the local AWS answers JSON")
}

fn fail<E: std::error::Error>(what: &str, error: E) -> ! {
    panic!("{what}: {}", DisplayErrorContext(&error))
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Aws").field(&self.account).finish()
    }
}
