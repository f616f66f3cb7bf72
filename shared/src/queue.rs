//! The queues, and what is sent through them.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::aws;

/// How many messages SQS takes in one call.
const BATCH: usize = 10;
/// The longest that SQS holds a message back.
pub const LONGEST_DELAY: Duration = Duration::from_mins(15);

/// The body of a message. It carries ids, never contents: what it is about is read when its turn comes. Only Clerk's
/// events are what they say.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// An event of Clerk, as received.
    ClerkEvent(Box<RawValue>),
    /// A task was made or changed so that something follows.
    TaskChange {
        /// The row of the outbox that promises it.
        outbox_id: Uuid,
    },
    /// A task's reminder is due.
    Reminder {
        /// Which task.
        task_id: Uuid,
        /// The time for which it was scheduled: it counts only while it is the task's.
        #[serde(with = "jiff::fmt::serde::timestamp::second::required")]
        remind_at: Timestamp,
    },
}

/// What Scheduler could not deliver.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Undelivered {
    message_body: String,
}

/// A queue in SQS.
pub struct Queue {
    url: String,
    client: OnceCell<Client>,
}

/// SQS did not take a message, or was not heard to.
#[derive(thiserror::Error)]
#[error("{0}")]
pub struct QueueError(String);

impl fmt::Debug for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Queue").field(&self.url).finish()
    }
}

impl Queue {
    /// The queue at `url`. Nothing is called yet.
    pub fn new(url: String) -> Self {
        Self {
            url,
            client: OnceCell::new(),
        }
    }

    /// Whether it is the queue that the event source `arn` names.
    pub fn is(&self, arn: &str) -> bool {
        let (of_arn, of_url) = (arn.rsplit(':').next(), self.url.rsplit('/').next());
        of_arn == of_url
    }

    /// Puts a message on the queue. When it returns without error SQS holds it.
    pub async fn send(&self, message: &Message) -> Result<(), QueueError> {
        self.send_after(Duration::ZERO, message).await
    }

    /// Puts a message on the queue that is seen only after `delay`, [`LONGEST_DELAY`] at most.
    pub async fn send_after(&self, delay: Duration, message: &Message) -> Result<(), QueueError> {
        self.client()
            .await
            .send_message()
            .queue_url(&self.url)
            .message_body(message.to_body())
            .set_delay_seconds((!delay.is_zero()).then(|| whole_seconds(delay.min(LONGEST_DELAY))))
            .send()
            .await
            .map(drop)
            .map_err(|error| QueueError::of(&error))
    }

    /// Puts many messages on the queue and answers with the positions of those that SQS did not take. When a whole call
    /// fails SQS is away, and the rest is not tried.
    pub async fn send_all(&self, messages: &[Message]) -> Vec<usize> {
        let mut refused = Vec::new();
        for (number, batch) in messages.chunks(BATCH).enumerate() {
            let first = number * BATCH;
            match self.send_batch(batch).await {
                Ok(positions) => refused.extend(positions.into_iter().map(|i| first + i)),
                Err(cause) => {
                    tracing::warn!(%cause, "SQS did not take a batch of messages");
                    refused.extend(first..messages.len());
                    break;
                }
            }
        }
        refused
    }

    async fn send_batch(&self, messages: &[Message]) -> Result<Vec<usize>, QueueError> {
        let entries = messages
            .iter()
            .enumerate()
            .map(|(i, message)| {
                SendMessageBatchRequestEntry::builder()
                    .id(i.to_string())
                    .message_body(message.to_body())
                    .build()
            })
            .collect::<Result<_, _>>()
            .map_err(|error| QueueError(error.to_string()))?;
        let answer = self
            .client()
            .await
            .send_message_batch()
            .queue_url(&self.url)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| QueueError::of(&error))?;
        for failed in answer.failed() {
            tracing::warn!(cause = failed.code(), "SQS refused one message of a batch");
        }
        Ok(answer
            .failed()
            .iter()
            .filter_map(|failed| failed.id().parse().ok())
            .collect())
    }

    /// Lets a message that was received but not worked off be seen again after `delay`, whatever the queue's visibility
    /// time-out.
    pub async fn retry_after(
        &self,
        receipt_handle: &str,
        delay: Duration,
    ) -> Result<(), QueueError> {
        self.client()
            .await
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(receipt_handle)
            .visibility_timeout(whole_seconds(delay))
            .send()
            .await
            .map(drop)
            .map_err(|error| QueueError::of(&error))
    }

    async fn client(&self) -> &Client {
        self.client
            .get_or_init(|| async { Client::new(aws::sdk_config()) })
            .await
    }
}

impl QueueError {
    fn of<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E>) -> Self {
        Self(aws::describe(error))
    }
}

impl Message {
    /// As it stands in the queue. SQS refuses two characters that JSON allows; they may as well be written as escapes.
    pub fn to_body(&self) -> String {
        serde_json::to_string(self)
            .expect("ids and JSON serialise")
            .replace('\u{FFFE}', "\\ufffe")
            .replace('\u{FFFF}', "\\uffff")
    }

    /// What it is about, for the log.
    pub fn subject(&self) -> String {
        match self {
            Self::ClerkEvent(_) => "event of Clerk".to_owned(),
            Self::TaskChange { outbox_id } => format!("outbox row {outbox_id}"),
            Self::Reminder { task_id, remind_at } => {
                format!("reminder of task {task_id} at {remind_at}")
            }
        }
    }

    /// Reads a message's body. Scheduler's dead letters are its call of `SendMessage` with the body in it: sent back to their
    /// queue, they are read like the message that they stand for.
    pub fn from_body(body: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(body).or_else(|error| match serde_json::from_str(body) {
            Ok(Undelivered { message_body }) => serde_json::from_str(&message_body),
            Err(_) => Err(error),
        })
    }
}

/// Rounded up: what is to be late must not be early.
fn whole_seconds(delay: Duration) -> i32 {
    let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_look_as_agreed() {
        let task_id = Uuid::nil();
        let remind_at = Timestamp::from_second(1_767_225_600).expect("a time");
        let reminder = Message::Reminder { task_id, remind_at }.to_body();
        assert_eq!(
            reminder,
            r#"{"reminder":{"task_id":"00000000-0000-0000-0000-000000000000","remind_at":1767225600}}"#
        );
        assert!(
            matches!(Message::from_body(&reminder), Ok(Message::Reminder { remind_at: at, .. }) if at == remind_at)
        );
        let change = Message::TaskChange { outbox_id: task_id }.to_body();
        assert_eq!(
            change,
            r#"{"task_change":{"outbox_id":"00000000-0000-0000-0000-000000000000"}}"#
        );
    }

    #[test]
    fn what_scheduler_could_not_deliver_is_read_like_the_message_in_it() {
        let reminder = Message::Reminder {
            task_id: Uuid::nil(),
            remind_at: Timestamp::UNIX_EPOCH,
        };
        let undelivered = |body: &str| {
            let queue = "https://sqs.eu-central-1.amazonaws.com/1/cairn-reminders";
            serde_json::json!({ "MessageBody": body, "QueueUrl": queue }).to_string()
        };
        let read = Message::from_body(&undelivered(&reminder.to_body()));
        assert_eq!(read.expect("a reminder").to_body(), reminder.to_body());
        assert!(Message::from_body(&undelivered("{}")).is_err());
        assert!(Message::from_body("{}").is_err());
    }

    #[test]
    fn an_event_keeps_its_text_but_for_what_sqs_refuses() {
        let event = RawValue::from_string("{ \"name\": \"a\u{FFFF}b\" }".to_owned());
        let body = Message::ClerkEvent(event.expect("JSON")).to_body();
        assert_eq!(body, r#"{"clerk_event":{ "name": "a\uffffb" }}"#);
    }

    #[test]
    fn a_queue_is_found_by_the_name_in_the_arn() {
        let queue = Queue::new("https://sqs.eu-central-1.amazonaws.com/1/cairn-tasks".to_owned());
        assert!(queue.is("arn:aws:sqs:eu-central-1:1:cairn-tasks"));
        assert!(!queue.is("arn:aws:sqs:eu-central-1:1:tasks"));
        assert!(!queue.is(""));
    }

    #[test]
    fn delays_are_rounded_up() {
        assert_eq!(whole_seconds(Duration::from_millis(1)), 1);
        assert_eq!(whole_seconds(Duration::from_secs(2)), 2);
    }
}
