//! The queues of the local stack, and what waits in them. Looking takes nothing out and counts as no receive.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context as _;
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws::REGION;
use crate::aws_client::AwsClient;
use crate::system::STAGE;

/// The account of everything local.
const ACCOUNT: &str = "000000000000";
/// What the name of a queue for dead letters ends with.
const DEAD_LETTERS: &str = "-dead-letters";

/// A queue.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// How many messages a receiver would get now.
    pub visible: u64,
    /// How many were received and not yet deleted.
    pub in_flight: u64,
    /// How many were sent to be seen later.
    pub delayed: u64,
    /// After how many receives a message goes among the dead letters, if it does.
    pub receives: Option<u64>,
    /// What is in it, the newest first.
    pub messages: Vec<Message>,
}

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Message {
    /// Its id.
    #[serde(rename = "MessageId")]
    pub id: String,
    /// Its body.
    pub body: String,
    /// When it was sent.
    #[serde(
        rename = "SentTimestamp",
        with = "jiff::fmt::serde::timestamp::second::required"
    )]
    pub sent_at: Timestamp,
    /// From when on a receiver gets it.
    #[serde(with = "jiff::fmt::serde::timestamp::second::required")]
    pub visible_at: Timestamp,
    /// Whether that has come.
    pub is_visible: bool,
    /// How often it was received.
    pub receive_count: u64,
}

impl Queue {
    /// Whether it is one for dead letters.
    pub fn is_for_dead_letters(&self) -> bool {
        self.name.ends_with(DEAD_LETTERS)
    }

    /// All that is in it.
    pub fn total(&self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }
}

impl Message {
    /// Its body as a person reads JSON best; unchanged if it is none.
    pub fn readable_body(&self) -> String {
        serde_json::from_str::<Value>(&self.body)
            .and_then(|body| serde_json::to_string_pretty(&body))
            .unwrap_or_else(|_| self.body.clone())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    queue_urls: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    attributes: HashMap<String, String>,
}

/// Account, Region, URL of the queue.
type Messages = BTreeMap<String, BTreeMap<String, BTreeMap<String, Vec<Message>>>>;

#[derive(Deserialize)]
struct Inspected {
    messages: Messages,
}

/// All queues of the stack, by name: each is followed by the one for its dead letters.
pub async fn list(aws: &AwsClient) -> anyhow::Result<Vec<Queue>> {
    let prefix = json!({"QueueNamePrefix": format!("cairn-{STAGE}-")});
    let listed = aws.sqs::<Listed>("ListQueues", &prefix);
    let query = [("account", ACCOUNT), ("region", REGION)];
    let inspected = aws.inspect::<Inspected>("sqs/messages", &query);
    let (listed, inspected) = tokio::try_join!(listed, inspected)?;
    let mut messages: HashMap<String, Vec<Message>> = inspected
        .messages
        .into_values()
        .flat_map(BTreeMap::into_values)
        .flatten()
        .map(|(url, messages)| (name_of(&url), messages))
        .collect();
    let queues = listed.queue_urls.iter().map(|url| describe(aws, url));
    let mut queues = try_join_all(queues).await?;
    for queue in &mut queues {
        queue.messages = messages.remove(&queue.name).unwrap_or_default();
        queue.messages.reverse();
    }
    queues.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(queues)
}

async fn describe(aws: &AwsClient, url: &str) -> anyhow::Result<Queue> {
    let asked = json!({"QueueUrl": url, "AttributeNames": ["All"]});
    let Described { attributes } = aws.sqs("GetQueueAttributes", &asked).await?;
    let count = |name: &str| {
        let value = attributes.get(name).and_then(|value| value.parse().ok());
        value.with_context(|| format!("The local AWS does not say how many {name} there are"))
    };
    let redrive = attributes
        .get("RedrivePolicy")
        .and_then(|policy| serde_json::from_str::<Value>(policy).ok())
        .unwrap_or_default();
    let receives = &redrive["maxReceiveCount"];
    Ok(Queue {
        name: name_of(url),
        arn: attributes
            .get("QueueArn")
            .context("The local AWS does not say what the ARN of a queue is")?
            .clone(),
        visible: count("ApproximateNumberOfMessages")?,
        in_flight: count("ApproximateNumberOfMessagesNotVisible")?,
        delayed: count("ApproximateNumberOfMessagesDelayed")?,
        // CloudFormation makes it a number, MiniStack a text.
        receives: receives
            .as_u64()
            .or_else(|| receives.as_str().and_then(|text| text.parse().ok())),
        messages: Vec::new(),
    })
}

fn name_of(url: &str) -> String {
    url.rsplit('/').next().unwrap_or_default().to_owned()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Moves {
    results: Vec<Move>,
}

/// What became of dead letters that were sent back.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Move {
    /// `COMPLETED`, or `FAILED`.
    pub status: String,
    /// How many were sent back.
    #[serde(rename = "ApproximateNumberOfMessagesMoved")]
    pub moved: u64,
    /// Why not all of them were.
    pub failure_reason: Option<String>,
}

/// Sends the dead letters of the queue `name` back to where they came from, as the runbook says.
pub async fn redrive(aws: &AwsClient, name: &str) -> anyhow::Result<Move> {
    let queue = name.strip_suffix(DEAD_LETTERS).with_context(|| {
        format!("{name} is no queue for dead letters, so there is nothing to send back.")
    })?;
    let arn = |name: &str| format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}");
    let order = json!({"SourceArn": arn(name), "DestinationArn": arn(queue)});
    let _: Value = aws.sqs("StartMessageMoveTask", &order).await?;
    let asked = json!({"SourceArn": arn(name), "MaxResults": 1});
    let Moves { results } = aws.sqs("ListMessageMoveTasks", &asked).await?;
    let newest = results.into_iter().next();
    newest.context("The local AWS does not say what became of it")
}
