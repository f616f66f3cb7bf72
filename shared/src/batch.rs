//! A batch of an SQS queue, record by record: the failed ones are reported, and only those come back.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, SystemTime};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::FutureExt as _;
use futures::future::join_all;
use lambda_runtime::{Context, LambdaEvent};
use tokio::time::timeout;
use tracing::Instrument as _;

use crate::Error;
use crate::logs;
use crate::queue::{Message, Queue, QueueError};

/// No record is begun with less time than this left, except the first: the rest is reported and comes back in another batch.
const TIME_FOR_A_RECORD: Duration = Duration::from_secs(12);
/// What is kept of the function's time-out for the answer. Without one, all records of the batch would come back.
const TIME_TO_ANSWER: Duration = Duration::from_secs(2);
/// How long calling the failed records back early may take.
const BACK_OFF_LIMIT: Duration = Duration::from_secs(1);
/// When a failed record is seen again, by how often it was received. The first tries come soon, and all of them long before the
/// relay takes the message for lost. After the last one SQS moves it to the dead letter queue.
const BACK_OFF: [Duration; 4] = [
    Duration::from_secs(5),
    Duration::from_secs(20),
    Duration::from_mins(1),
    Duration::from_mins(3),
];

/// Why a record could not be worked off. In any case it comes back, and ends in the dead letter queue if that does not help:
/// what must not come back is no failure. The causes hold no content.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something is away or busy for the moment.
    #[error("{0}")]
    Retry(String),
    /// Something is set up wrongly: it will work when somebody has mended that.
    #[error("{0}")]
    Misconfigured(String),
    /// The message is not one of ours.
    #[error("{0}")]
    Poison(String),
}

impl Failure {
    fn kind(&self) -> &'static str {
        match self {
            Self::Retry(_) => "retry",
            Self::Misconfigured(_) => "misconfigured",
            Self::Poison(_) => "poison",
        }
    }
}

/// A statement that failed. Its cause is the private one.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Retry(format!("database: {}", error.cause()))
    }
}

impl From<QueueError> for Failure {
    fn from(error: QueueError) -> Self {
        Self::Retry(format!("queue: {error}"))
    }
}

/// Gives the messages of a batch to `handle`, one after the other, and answers with those that failed: it did, or panicked, or
/// there was no time left. `queues` are those that the batch may come from.
pub async fn run<F>(
    event: LambdaEvent<SqsEvent>,
    queues: &[&Queue],
    handle: impl Fn(Message) -> F,
) -> SqsBatchResponse
where
    F: Future<Output = Result<(), Failure>>,
{
    let LambdaEvent { payload, context } = event;
    let span = logs::invocation(&context.request_id);
    let work = async {
        let mut failed = Vec::new();
        for (position, record) in payload.records.into_iter().enumerate() {
            let left = time_left(&context);
            if position > 0 && left < TIME_FOR_A_RECORD {
                failed.push(record);
                continue;
            }
            let limit = left.saturating_sub(TIME_TO_ANSWER);
            if let Err(failure) = work_off(&record, limit, &handle).await {
                log(&record, &failure);
                failed.push(record);
            }
        }
        let mut response = SqsBatchResponse::default();
        response.set_failures(failed.iter().filter_map(|record| record.message_id.clone()));
        back_off(&failed, queues).await;
        response
    };
    work.instrument(span).await
}

async fn work_off<F>(
    record: &SqsMessage,
    limit: Duration,
    handle: impl Fn(Message) -> F,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    let body = record.body.as_deref().unwrap_or_default();
    let message = Message::from_body(body).map_err(|error| {
        // Only where it is wrong: the error's words quote what was found there.
        Failure::Poison(format!(
            "not a message, at line {} column {}",
            error.line(),
            error.column()
        ))
    })?;
    let work = AssertUnwindSafe(async { handle(message).await }).catch_unwind();
    match timeout(limit, work).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_panic)) => Err(Failure::Retry("panic; see the line before".to_owned())),
        Err(_elapsed) => Err(Failure::Retry("out of time".to_owned())),
    }
}

fn log(record: &SqsMessage, failure: &Failure) {
    let message_id = record.message_id.as_deref();
    let subject = record
        .body
        .as_deref()
        .and_then(|body| Message::from_body(body).ok())
        .map(|message| message.subject());
    let (kind, receives) = (failure.kind(), receives(record));
    match failure {
        Failure::Retry(_) => {
            tracing::warn!(message_id, subject, kind, receives, cause = %failure, "a record failed");
        }
        Failure::Misconfigured(_) | Failure::Poison(_) => {
            tracing::error!(message_id, subject, kind, receives, cause = %failure, "a record failed");
        }
    }
}

/// Lets failed records be seen again soon. Where that fails they come back when the queue's visibility time-out has passed.
async fn back_off(failed: &[SqsMessage], queues: &[&Queue]) {
    let calls = failed.iter().filter_map(|record| {
        let source = record.event_source_arn.as_deref()?;
        let queue = queues.iter().find(|queue| queue.is(source))?;
        let handle = record.receipt_handle.as_deref()?;
        Some(queue.retry_after(handle, pause_after(receives(record))))
    });
    match timeout(BACK_OFF_LIMIT, join_all(calls)).await {
        Ok(outcomes) => {
            for cause in outcomes.into_iter().filter_map(Result::err) {
                tracing::info!(%cause, "a failed record comes back late");
            }
        }
        Err(_elapsed) => tracing::info!("failed records come back late: SQS did not answer"),
    }
}

/// After the last try there is nothing to wait for: SQS moves the message when it would be received again.
fn pause_after(receives: usize) -> Duration {
    BACK_OFF
        .get(receives.saturating_sub(1))
        .copied()
        .unwrap_or(Duration::from_secs(1))
}

fn receives(record: &SqsMessage) -> usize {
    record
        .attributes
        .get("ApproximateReceiveCount")
        .and_then(|count| count.parse().ok())
        .unwrap_or(1)
}

/// How much of the function's time-out is left.
pub fn time_left(context: &Context) -> Duration {
    context
        .deadline()
        .duration_since(SystemTime::now())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    fn change(number: u128) -> String {
        let outbox_id = Uuid::from_u128(number);
        Message::TaskChange { outbox_id }.to_body()
    }

    fn event(bodies: &[String], left: Duration) -> LambdaEvent<SqsEvent> {
        let records: Vec<Value> = bodies
            .iter()
            .enumerate()
            .map(|(i, body)| json!({"messageId": format!("message-{i}"), "body": body}))
            .collect();
        let payload =
            serde_json::from_value(json!({ "Records": records })).expect("an event of SQS");
        let deadline = (SystemTime::now() + left)
            .duration_since(SystemTime::UNIX_EPOCH)
            .expect("a time");
        let mut context = Context::default();
        context.deadline = u64::try_from(deadline.as_millis()).expect("a time");
        LambdaEvent::new(payload, context)
    }

    fn failures(response: &SqsBatchResponse) -> Vec<&str> {
        response
            .batch_item_failures
            .iter()
            .map(|failure| failure.item_identifier.as_str())
            .collect()
    }

    #[tokio::test]
    async fn only_what_failed_is_reported() {
        let seen = RefCell::new(Vec::new());
        let handle = |message| {
            let Message::TaskChange { outbox_id } = message else {
                unreachable!("only changes are sent")
            };
            seen.borrow_mut().push(outbox_id.as_u128());
            async move {
                match outbox_id.as_u128() {
                    2 => Err(Failure::Retry("away".to_owned())),
                    3 => panic!("a fault of the program"),
                    _ => Ok(()),
                }
            }
        };
        let bodies = [change(1), change(2), change(3), "{}".to_owned(), change(5)];
        let response = run(event(&bodies, Duration::from_secs(30)), &[], handle).await;
        assert_eq!(failures(&response), ["message-1", "message-2", "message-3"]);
        assert_eq!(*seen.borrow(), [1, 2, 3, 5]);
    }

    #[tokio::test]
    async fn a_panic_before_the_first_await_is_one_record_too() {
        let handle = |message| {
            assert!(matches!(message, Message::Reminder { .. }));
            async { Ok(()) }
        };
        let response = run(event(&[change(1)], Duration::from_secs(30)), &[], handle).await;
        assert_eq!(failures(&response), ["message-0"]);
    }

    #[tokio::test]
    async fn what_there_is_no_time_for_is_reported() {
        let two = || {
            event(
                &[change(1), change(2)],
                TIME_TO_ANSWER + Duration::from_millis(50),
            )
        };
        let hangs = |_| std::future::pending();
        let response = run(two(), &[], hangs).await;
        assert_eq!(failures(&response), ["message-0", "message-1"]);
        let works = |_| async { Ok(()) };
        let response = run(two(), &[], works).await;
        assert_eq!(failures(&response), ["message-1"]);
    }

    #[test]
    fn the_pauses_grow_and_end() {
        assert_eq!(pause_after(0), Duration::from_secs(5));
        assert_eq!(pause_after(1), Duration::from_secs(5));
        assert_eq!(pause_after(4), Duration::from_mins(3));
        assert_eq!(pause_after(5), Duration::from_secs(1));
    }
}
