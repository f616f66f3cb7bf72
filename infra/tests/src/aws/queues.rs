//! Queues and what is in them.

use aws_sdk_sqs::types::{
    MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry,
};
use serde_json::{Value, json};

use super::{Aws, fail, get_json};

/// How often a message is received before it goes to the dead letter queue, as in template.yaml.
const RECEIVES: u32 = 5;
/// How many messages SQS takes at once.
const BATCH: usize = 10;

/// A queue with its dead letter queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// What functions are told.
    pub url: String,
    /// What schedules are told.
    pub arn: String,
    /// The URL of its dead letter queue.
    pub dead_letters: String,
    pub(super) dead_letters_arn: String,
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

impl Aws {
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
    pub(super) async fn create(sqs: &aws_sdk_sqs::Client, name: &str) -> Self {
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
