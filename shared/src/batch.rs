//! A batch of an SQS queue, all of its records at the same time: the failed ones are reported, and only those come back.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, SystemTime};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::FutureExt as _;
use futures::future::join_all;
use lambda_runtime::{Context, LambdaEvent};
use tokio::time::timeout;
use tracing::Instrument as _;

use crate::Error;
use crate::db::Database;
use crate::logs;
use crate::queue::{Message, Queue, QueueError};

/// How many records are worked off at the same time: a whole batch, as the template sets it. What they may ask of SES at once
/// is bounded in [`crate::mail::Mailer`].
const AT_ONCE: usize = 10;
/// Of a larger batch no further records are begun with less time than this left: they are reported and come back in another
/// batch.
const TIME_FOR_RECORDS: Duration = Duration::from_secs(20);
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

/// Gives the messages of a batch to `handle`, all at the same time, each with a database to ask: what they ask leaves in
/// common flights. Answers with those that failed: it did, or panicked, or there was no time left. `queues` are those that the
/// batch may come from.
pub async fn run<F>(
    event: LambdaEvent<SqsEvent>,
    db: &Database,
    queues: &[&Queue],
    handle: impl Fn(Database, Message) -> F + Sync,
) -> SqsBatchResponse
where
    F: Future<Output = Result<(), Failure>> + Send,
{
    let LambdaEvent { payload, context } = event;
    let span = logs::invocation(&context.request_id);
    let work = async {
        let mut failed = Vec::new();
        for (number, records) in payload.records.chunks(AT_ONCE).enumerate() {
            let left = time_left(&context);
            if number > 0 && left < TIME_FOR_RECORDS {
                failed.extend(records);
                continue;
            }
            let limit = left.saturating_sub(TIME_TO_ANSWER);
            let works = records.iter().map(|record| {
                let handle = &handle;
                move |db| {
                    let span = tracing::error_span!("record", message_id = record.message_id);
                    work_off(record, limit, move |message| handle(db, message)).instrument(span)
                }
            });
            let done = db.together(works).await;
            let outcomes = records.iter().zip(done);
            failed.extend(outcomes.filter_map(|(record, done)| (!done).then_some(record)));
        }
        let mut response = SqsBatchResponse::default();
        response.set_failures(failed.iter().filter_map(|record| record.message_id.clone()));
        back_off(&failed, queues).await;
        response
    };
    work.instrument(span).await
}

/// Whether it is done. If not, the log says why.
async fn work_off<F>(
    record: &SqsMessage,
    limit: Duration,
    handle: impl FnOnce(Message) -> F + Send,
) -> bool
where
    F: Future<Output = Result<(), Failure>>,
{
    let body = record.body.as_deref().unwrap_or_default();
    let message = match Message::from_body(body) {
        Ok(message) => message,
        Err(error) => {
            // Only where it is wrong: the error's words quote what was found there.
            let (line, column) = (error.line(), error.column());
            let cause = format!("not a message, at line {line} column {column}");
            log(record, None, &Failure::Poison(cause));
            return false;
        }
    };
    let subject = message.subject();
    let work = AssertUnwindSafe(async { handle(message).await }).catch_unwind();
    let outcome = match timeout(limit, work).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_panic)) => Err(Failure::Retry("panic; see the line before".to_owned())),
        Err(_elapsed) => Err(Failure::Retry("out of time".to_owned())),
    };
    match outcome {
        Ok(()) => true,
        Err(failure) => {
            log(record, Some(&subject), &failure);
            false
        }
    }
}

fn log(record: &SqsMessage, subject: Option<&str>, failure: &Failure) {
    let (kind, receives) = (failure.kind(), receives(record));
    match failure {
        Failure::Retry(_) => {
            tracing::warn!(subject, kind, receives, cause = %failure, "a record failed");
        }
        Failure::Misconfigured(_) | Failure::Poison(_) => {
            tracing::error!(subject, kind, receives, cause = %failure, "a record failed");
        }
    }
}

/// Lets failed records be seen again soon. Where that fails they come back when the queue's visibility time-out has passed.
async fn back_off(failed: &[&SqsMessage], queues: &[&Queue]) {
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
    use std::sync::Mutex;

    use serde_json::{Value, json};
    use tokio::sync::Barrier;
    use uuid::Uuid;

    use super::*;
    use crate::db::{ConnectionSettings, DatabaseConfig};

    fn change(number: u128) -> String {
        let outbox_id = Uuid::from_u128(number);
        Message::TaskChange { outbox_id }.to_body()
    }

    fn changes(count: usize) -> Vec<String> {
        (0..).map(change).take(count).collect()
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

    /// The ids of the messages that failed, of a batch that was given this time.
    async fn failures<F: Future<Output = Result<(), Failure>> + Send>(
        bodies: &[String],
        left: Duration,
        handle: impl Fn(Message) -> F + Sync,
    ) -> Vec<String> {
        // Nobody connects to it.
        let connection = ConnectionSettings::parse("postgres://nobody@localhost/nothing");
        let db = Database::new(DatabaseConfig {
            connection: connection.expect("a URL"),
            prepared_statements: true,
        });
        let response = run(event(bodies, left), &db, &[], |_db, message| {
            handle(message)
        });
        let failures = response.await.batch_item_failures.into_iter();
        failures.map(|failure| failure.item_identifier).collect()
    }

    const LONG: Duration = Duration::from_secs(30);
    const SHORT: Duration = TIME_TO_ANSWER.saturating_add(Duration::from_millis(50));

    #[tokio::test]
    async fn only_what_failed_is_reported() {
        let seen = Mutex::new(Vec::new());
        let handle = |message| {
            let Message::TaskChange { outbox_id } = message else {
                unreachable!("only changes are sent")
            };
            seen.lock()
                .expect("nobody panics here")
                .push(outbox_id.as_u128());
            async move {
                match outbox_id.as_u128() {
                    2 => Err(Failure::Retry("away".to_owned())),
                    3 => panic!("a fault of the program"),
                    _ => Ok(()),
                }
            }
        };
        let bodies = [change(1), change(2), change(3), "{}".to_owned(), change(5)];
        let failed = failures(&bodies, LONG, handle).await;
        assert_eq!(failed, ["message-1", "message-2", "message-3"]);
        assert_eq!(
            seen.into_inner().expect("nobody panicked here"),
            [1, 2, 3, 5]
        );
    }

    #[tokio::test]
    async fn a_panic_before_the_first_await_is_one_record_too() {
        let handle = |message| {
            assert!(matches!(message, Message::Reminder { .. }));
            async { Ok(()) }
        };
        assert_eq!(failures(&[change(1)], LONG, handle).await, ["message-0"]);
    }

    #[tokio::test]
    async fn a_whole_batch_is_worked_off_at_the_same_time() {
        let all_there = Barrier::new(AT_ONCE);
        let handle = |_| async {
            all_there.wait().await;
            Ok(())
        };
        let failed = failures(&changes(AT_ONCE), SHORT, handle).await;
        assert_eq!(failed, [""; 0]);
    }

    #[tokio::test]
    async fn what_there_is_no_time_for_is_reported() {
        let hangs = |_| std::future::pending();
        let failed = failures(&changes(2), SHORT, hangs).await;
        assert_eq!(failed, ["message-0", "message-1"]);
        let works = |_| async { Ok(()) };
        let failed = failures(&changes(AT_ONCE + 2), SHORT, works).await;
        assert_eq!(failed, ["message-10", "message-11"]);
        let failed = failures(&changes(AT_ONCE + 2), LONG, works).await;
        assert_eq!(failed, [""; 0]);
    }

    #[test]
    fn the_pauses_grow_and_end() {
        assert_eq!(pause_after(0), Duration::from_secs(5));
        assert_eq!(pause_after(1), Duration::from_secs(5));
        assert_eq!(pause_after(4), Duration::from_mins(3));
        assert_eq!(pause_after(5), Duration::from_secs(1));
    }
}
