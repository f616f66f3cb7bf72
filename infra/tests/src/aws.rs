//! The local AWS, as one test sees it: an account of its own, with queues, a schedule group and a verified sender.

use std::collections::BTreeMap;
use std::fmt;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::{
    MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry,
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::environment::required_variable;

/// The Region of everything local.
const REGION: &str = "eu-central-1";
/// The group of the reminders' schedules.
const SCHEDULE_GROUP: &str = "reminders";
const SCHEDULER_ROLE: &str = "scheduler";
/// The address that mails come from; it is verified.
pub const SENDER: &str = "no-reply@cairn.example";
/// Where the links in mails lead.
pub const FRONTEND: &str = "https://app.example.com";
/// How often a message is received before it goes to the dead letter queue, as in template.yaml.
const RECEIVES: u32 = 5;
/// How many messages SQS takes at once.
const BATCH: usize = 10;

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

/// A queue with its dead letter queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// What functions are told.
    pub url: String,
    /// What schedules are told.
    pub arn: String,
    /// The URL of its dead letter queue.
    pub dead_letters: String,
    dead_letters_arn: String,
}

/// A message that was received.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its id.
    pub id: String,
    /// What deletes it.
    pub receipt_handle: String,
    /// Its body.
    pub body: String,
    /// How often it was received, this time included.
    pub receives: u32,
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

/// A schedule that has not fired yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// When it fires, as it was written: `at(…)`.
    pub expression: String,
    /// The ARN of what it calls.
    pub target: String,
    /// What it sends there.
    pub input: Value,
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

    /// The names of the schedules that have not fired yet, in order.
    pub async fn schedule_names(&self) -> Vec<String> {
        let listed = self
            .scheduler
            .list_schedules()
            .group_name(SCHEDULE_GROUP)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .unwrap_or_else(|error| fail("the schedules cannot be listed", error));
        let mut names: Vec<String> = listed
            .into_iter()
            .filter_map(|summary| summary.name)
            .collect();
        names.sort();
        names
    }

    /// The schedules that have not fired yet, by name.
    pub async fn schedules(&self) -> Vec<Schedule> {
        let mut schedules = Vec::new();
        for name in self.schedule_names().await {
            schedules.extend(self.schedule(&name).await);
        }
        schedules
    }

    /// One schedule, if it has not fired yet.
    pub async fn schedule(&self, name: &str) -> Option<Schedule> {
        let found = self
            .scheduler
            .get_schedule()
            .group_name(SCHEDULE_GROUP)
            .name(name)
            .send()
            .await;
        let schedule = match found {
            Ok(schedule) => schedule,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(aws_sdk_scheduler::operation::get_schedule::GetScheduleError::is_resource_not_found_exception) =>
            {
                return None;
            }
            Err(error) => fail("a schedule cannot be read", error),
        };
        let target = schedule.target().expect("a schedule has a target");
        Some(Schedule {
            name: name.to_owned(),
            expression: schedule
                .schedule_expression()
                .unwrap_or_default()
                .to_owned(),
            target: target.arn().to_owned(),
            input: serde_json::from_str(target.input().unwrap_or_default())
                .expect("a schedule's input is JSON"),
        })
    }

    /// Makes a schedule as it stands here.
    pub async fn create_schedule(&self, schedule: &Schedule) {
        use aws_sdk_scheduler::types::{
            ActionAfterCompletion, FlexibleTimeWindow, FlexibleTimeWindowMode, Target,
        };
        let target = Target::builder()
            .arn(&schedule.target)
            .role_arn(self.scheduler_role())
            .input(schedule.input.to_string())
            .build()
            .expect("a complete target");
        let window = FlexibleTimeWindow::builder()
            .mode(FlexibleTimeWindowMode::Off)
            .build()
            .expect("a complete window");
        self.scheduler
            .create_schedule()
            .group_name(SCHEDULE_GROUP)
            .name(&schedule.name)
            .schedule_expression(&schedule.expression)
            .flexible_time_window(window)
            .action_after_completion(ActionAfterCompletion::Delete)
            .target(target)
            .send()
            .await
            .unwrap_or_else(|error| fail("a schedule cannot be made", error));
    }

    /// Deletes a schedule.
    pub async fn delete_schedule(&self, name: &str) {
        self.scheduler
            .delete_schedule()
            .group_name(SCHEDULE_GROUP)
            .name(name)
            .send()
            .await
            .unwrap_or_else(|error| fail("a schedule cannot be deleted", error));
    }

    /// The bodies of all messages in a queue, also of those that are not to be seen now. Nothing is received by it.
    pub async fn messages(&self, queue_url: &str) -> Vec<Value> {
        let waiting = peek(&self.http, &self.endpoint, queue_url).await;
        waiting
            .iter()
            .map(|message| {
                let body = message["Body"].as_str().expect("a message has a body");
                serde_json::from_str(body).unwrap_or_else(|_| body.into())
            })
            .collect()
    }

    /// Puts a message on a queue.
    pub async fn send(&self, queue_url: &str, body: &Value) {
        self.sqs
            .send_message()
            .queue_url(queue_url)
            .message_body(body.to_string())
            .send()
            .await
            .unwrap_or_else(|error| fail("a message cannot be sent", error));
    }

    /// Puts many messages on a queue, in this order.
    pub async fn send_all(&self, queue_url: &str, bodies: &[Value]) {
        for bodies in bodies.chunks(BATCH) {
            let entries = bodies.iter().enumerate().map(|(position, body)| {
                SendMessageBatchRequestEntry::builder()
                    .id(position.to_string())
                    .message_body(body.to_string())
                    .build()
                    .expect("a complete entry")
            });
            let sent = self
                .sqs
                .send_message_batch()
                .queue_url(queue_url)
                .set_entries(Some(entries.collect()))
                .send()
                .await
                .unwrap_or_else(|error| fail("messages cannot be sent", error));
            assert!(sent.failed.is_empty(), "{:?}", sent.failed);
        }
    }

    /// Receives up to ten messages.
    pub async fn receive(&self, queue_url: &str) -> Vec<Received> {
        let answer = self
            .sqs
            .receive_message()
            .queue_url(queue_url)
            .max_number_of_messages(10)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .send()
            .await
            .unwrap_or_else(|error| fail("no messages can be received", error));
        let received = answer
            .messages
            .unwrap_or_default()
            .into_iter()
            .map(|message| Received {
                receives: message
                    .attributes()
                    .and_then(|all| all.get(&MessageSystemAttributeName::ApproximateReceiveCount))
                    .and_then(|count| count.parse().ok())
                    .unwrap_or(1),
                id: message.message_id.unwrap_or_default(),
                receipt_handle: message.receipt_handle.unwrap_or_default(),
                body: message.body.unwrap_or_default(),
            });
        received.collect()
    }

    /// Deletes a message that was received.
    pub async fn delete(&self, queue_url: &str, message: &Received) {
        self.sqs
            .delete_message()
            .queue_url(queue_url)
            .receipt_handle(&message.receipt_handle)
            .send()
            .await
            .unwrap_or_else(|error| fail("a message cannot be deleted", error));
    }

    /// Lets a message that was received be seen again at once, as it would be after its visibility time-out.
    pub async fn return_now(&self, queue_url: &str, message: &Received) {
        self.sqs
            .change_message_visibility()
            .queue_url(queue_url)
            .receipt_handle(&message.receipt_handle)
            .visibility_timeout(0)
            .send()
            .await
            .unwrap_or_else(|error| fail("a message cannot be returned", error));
    }

    /// Moves the messages of a dead letter queue back, as an operator does.
    pub async fn redrive(&self, queue: &Queue) {
        loop {
            let batch = self.receive(&queue.dead_letters).await;
            if batch.is_empty() {
                return;
            }
            for message in batch {
                self.sqs
                    .send_message()
                    .queue_url(&queue.url)
                    .message_body(&message.body)
                    .send()
                    .await
                    .unwrap_or_else(|error| fail("a message cannot be sent", error));
                self.delete(&queue.dead_letters, &message).await;
            }
        }
    }
}

impl Queue {
    async fn create(sqs: &aws_sdk_sqs::Client, name: &str) -> Self {
        let (dead_letters, dead_letters_arn) =
            create_queue(sqs, &format!("{name}-dead-letters"), None).await;
        let redrive = json!({"deadLetterTargetArn": dead_letters_arn, "maxReceiveCount": RECEIVES});
        let (url, arn) = create_queue(sqs, name, Some(&redrive)).await;
        Self {
            url,
            arn,
            dead_letters,
            dead_letters_arn,
        }
    }
}

async fn create_queue(
    sqs: &aws_sdk_sqs::Client,
    name: &str,
    redrive: Option<&Value>,
) -> (String, String) {
    let mut request = sqs
        .create_queue()
        .queue_name(name)
        .attributes(QueueAttributeName::VisibilityTimeout, "180");
    if let Some(redrive) = redrive {
        request = request.attributes(QueueAttributeName::RedrivePolicy, redrive.to_string());
    }
    let made = request
        .send()
        .await
        .unwrap_or_else(|error| fail("a queue cannot be made", error));
    let url = made.queue_url.expect("a queue has a URL");
    let described = sqs
        .get_queue_attributes()
        .queue_url(&url)
        .attribute_names(QueueAttributeName::QueueArn)
        .send()
        .await
        .unwrap_or_else(|error| fail("a queue cannot be described", error));
    let arn = described
        .attributes()
        .and_then(|all| all.get(&QueueAttributeName::QueueArn))
        .expect("a queue has an ARN")
        .clone();
    (url, arn)
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

/// The messages in a queue, as the local AWS shows them.
pub(crate) async fn peek(http: &reqwest::Client, endpoint: &str, queue_url: &str) -> Vec<Value> {
    let url = reqwest::Url::parse_with_params(
        &format!("{endpoint}/_ministack/sqs/messages"),
        [("QueueUrl", queue_url)],
    );
    let answer = get_json(http, url.expect("a URL").as_str()).await;
    let accounts = answer["messages"].as_object();
    let queues = accounts
        .into_iter()
        .flat_map(serde_json::Map::values)
        .filter_map(Value::as_object)
        .flat_map(serde_json::Map::values)
        .filter_map(Value::as_object)
        .flat_map(serde_json::Map::values);
    queues
        .filter_map(Value::as_array)
        .flatten()
        .cloned()
        .collect()
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
