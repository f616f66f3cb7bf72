//! Clerk's events and the queues' messages, brought to the functions as Clerk and AWS do it.

use std::time::Duration;

use cairn_dev::lambda_host::Outcome;
use cairn_dev::webhooks::WebhookSecret;
use serde_json::{Value, json};

use crate::app::{TestApp, WEBHOOK_SECRET};
use crate::aws::{Queue, Received};
use crate::request::{Answer, Client};

/// How long `drain` goes on before it says that the queue does not get empty.
const DRAIN_TIMEOUT: Duration = Duration::from_mins(1);
const DRAIN_PAUSE: Duration = Duration::from_millis(50);

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// How many messages are done and gone from the queue.
    pub done: usize,
    /// How many the function did not finish. They can be received again at once.
    pub failed: usize,
}

impl TestApp {
    /// A signed event of Clerk, sent to the webhook.
    pub async fn clerk_event(&self, event: &Value) -> Answer {
        let secret = WebhookSecret::parse(WEBHOOK_SECRET).expect("a secret");
        signed_event(self.client(), &secret, event).await
    }

    /// Gives up to ten messages of a queue to a function, as an event source mapping does: what the function does not report
    /// as failed is deleted. What failed is not kept invisible, so that tests need not wait; a process that dies or runs out of
    /// time has failed in all of its messages.
    pub async fn deliver(&self, function: &str, queue: &Queue) -> Delivered {
        let batch = self.aws().receive(&queue.url).await;
        self.deliver_batch(function, queue, &batch).await
    }

    /// The same with messages that were received before.
    pub async fn deliver_batch(
        &self,
        function: &str,
        queue: &Queue,
        batch: &[Received],
    ) -> Delivered {
        let mut delivered = Delivered::default();
        if batch.is_empty() {
            return delivered;
        }
        let failed = self.reported_failures(function, queue, batch).await;
        for message in batch {
            let has_failed = failed
                .as_ref()
                .is_none_or(|failed| failed.contains(&message.id));
            if has_failed {
                self.aws().return_now(&queue.url, message).await;
                delivered.failed += 1;
            } else {
                self.aws().delete(&queue.url, message).await;
                delivered.done += 1;
            }
        }
        delivered
    }

    /// Gives messages that were received to a function, and answers with the ids of those that it reports as failed; nothing if
    /// it failed altogether. They all stay where they are.
    pub async fn reported_failures(
        &self,
        function: &str,
        queue: &Queue,
        batch: &[Received],
    ) -> Option<Vec<String>> {
        self.failures(function, &sqs_event(queue, batch)).await
    }

    /// Delivers until the queue is empty: everything is done, or failed so often that it is in the dead letter queue.
    pub async fn drain(&self, function: &str, queue: &Queue) -> Delivered {
        let mut sum = Delivered::default();
        let draining = async {
            while !self.aws().messages(&queue.url).await.is_empty() {
                let delivered = self.deliver(function, queue).await;
                sum.done += delivered.done;
                sum.failed += delivered.failed;
                if delivered == Delivered::default() {
                    // The rest is on its way, or held back for a while.
                    tokio::time::sleep(DRAIN_PAUSE).await;
                }
            }
        };
        let in_time = tokio::time::timeout(DRAIN_TIMEOUT, draining).await;
        assert!(in_time.is_ok(), "{} does not get empty", queue.url);
        sum
    }

    /// Invokes a function with messages that are on no queue, and answers with the positions of those that failed.
    pub async fn invoke_with(&self, function: &str, messages: &[Value]) -> Vec<usize> {
        let received: Vec<Received> = messages
            .iter()
            .enumerate()
            .map(|(position, body)| Received {
                id: position.to_string(),
                receipt_handle: "none".to_owned(),
                body: body.to_string(),
                receives: 1,
            })
            .collect();
        let queue = &self.aws().task_queue;
        match self.failures(function, &sqs_event(queue, &received)).await {
            None => (0..messages.len()).collect(),
            Some(failed) => failed
                .iter()
                .map(|id| id.parse().expect("an id from above"))
                .collect(),
        }
    }

    /// Lets `relay` do one of its jobs: `outbox` or `nightly`.
    pub async fn relay(&self, job: &str) {
        let invoked = self.invoke("relay", &json!({"job": job})).await;
        assert!(
            matches!(invoked.outcome, Outcome::Answer(_)),
            "relay failed: {invoked:?}"
        );
    }

    /// The ids of the messages that the function reports as failed; nothing if it failed altogether.
    async fn failures(&self, function: &str, event: &Value) -> Option<Vec<String>> {
        let Outcome::Answer(answer) = self.invoke(function, event).await.outcome else {
            return None;
        };
        let answer: Value = serde_json::from_slice(&answer).expect("the answer is JSON");
        let failures = answer["batchItemFailures"].as_array();
        let failures =
            failures.unwrap_or_else(|| panic!("{function} does not report its failures: {answer}"));
        Some(
            failures
                .iter()
                .map(|failure| {
                    failure["itemIdentifier"]
                        .as_str()
                        .expect("an id")
                        .to_owned()
                })
                .collect(),
        )
    }
}

/// Sends an event to the webhook behind `client`, as Clerk does.
pub(crate) async fn signed_event(client: &Client, secret: &WebhookSecret, event: &Value) -> Answer {
    let body = event.to_string().into_bytes();
    let signed = secret.sign_now(&body);
    client
        .request("POST", "/api/webhooks/clerk")
        .header("content-type", "application/json")
        .header("svix-id", &signed.id)
        .header("svix-timestamp", &signed.timestamp)
        .header("svix-signature", &signed.signature)
        .body(body)
        .await
}

fn sqs_event(queue: &Queue, messages: &[Received]) -> Value {
    let records: Vec<Value> = messages
        .iter()
        .map(|message| {
            json!({
                "messageId": message.id,
                "receiptHandle": message.receipt_handle,
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": message.receives.to_string(),
                    "SentTimestamp": "1767225600000",
                    "SenderId": "AIDAEXAMPLE",
                    "ApproximateFirstReceiveTimestamp": "1767225600000",
                },
                "messageAttributes": {},
                "md5OfBody": "00000000000000000000000000000000",
                "eventSource": "aws:sqs",
                "eventSourceARN": queue.arn,
                "awsRegion": "eu-central-1",
            })
        })
        .collect();
    json!({"Records": records})
}
