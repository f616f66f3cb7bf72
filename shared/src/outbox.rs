//! The near side of the outbox: after a change that left a row in it, the request nudges the worker. The row is the promise;
//! whatever becomes of the nudge, the answer stays the same, and the relay publishes what was lost.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use uuid::Uuid;

use crate::db::{Call, Database};
use crate::queue::{Message, Queue};

/// How long publishing may delay an answer.
const LIMIT: Duration = Duration::from_millis(300);
/// How much of it SQS gets. The rest is for the row.
const SEND_LIMIT: Duration = Duration::from_millis(270);

/// Publishes what the outbox promises.
#[derive(Clone, Debug)]
pub struct Outbox {
    db: Database,
    queue: Arc<Queue>,
}

impl Outbox {
    /// Publishes rows of `db` to `queue`.
    pub fn new(db: Database, queue: Queue) -> Self {
        Self {
            db,
            queue: Arc::new(queue),
        }
    }

    /// Sends the message for a row, if a change left one. Takes 0.3 s at most and never fails: a row whose message did not
    /// go out is due at once for the relay, or at its own time if even that cannot be written.
    pub async fn publish(&self, outbox_id: Option<Uuid>) {
        let Some(outbox_id) = outbox_id else {
            return;
        };
        if timeout(LIMIT, self.send_or_make_due(outbox_id))
            .await
            .is_err()
        {
            tracing::warn!(%outbox_id, "publishing took too long, the relay will do it");
        }
    }

    async fn send_or_make_due(&self, outbox_id: Uuid) {
        let message = Message::TaskChange { outbox_id };
        let cause = match timeout(SEND_LIMIT, self.queue.send(&message)).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_elapsed) => "no answer in time".to_owned(),
        };
        tracing::warn!(%outbox_id, cause, "SQS did not take a message, the relay will publish it");
        let make_due = Call::new(include_str!("queries/outbox/make_due.sql")).bind(outbox_id);
        if let Err(error) = self.db.rows(make_due).await {
            tracing::warn!(%outbox_id, cause = error.cause(), "the outbox row stays due at its own time");
        }
    }
}
