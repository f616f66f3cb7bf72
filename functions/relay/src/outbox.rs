//! Publishes the rows of the outbox whose messages were lost, or never sent.

use std::time::{Duration, Instant};

use lambda_runtime::Context;
use shared::Error;
use shared::batch::time_left;
use shared::db::Database;
use shared::metrics;
use shared::queries::outbox;
use shared::queue::{Message, Queue};

use crate::job::{Interrupted, count};

/// How long the job takes at most, however much time the function has: the next minute's goes on where it stops.
const LIMIT: Duration = Duration::from_mins(1);
/// No further rows are taken with less time than this left: to take, publish and put back may each take a while.
const TIME_FOR_A_ROUND: Duration = Duration::from_secs(30);

/// Publishes the rows that are overdue, as long as there is time and SQS takes them.
pub async fn publish_overdue(
    db: &Database,
    queue: &Queue,
    context: &Context,
) -> Result<(), Interrupted> {
    let started = Instant::now();
    let left = || time_left(context).min(LIMIT.saturating_sub(started.elapsed()));
    while publish_some(db, queue).await? && left() > TIME_FOR_A_ROUND {}
    metrics::seconds("OutboxOldestSeconds", outbox::oldest(db).await?);
    Ok(())
}

/// Publishes some rows, and says whether it makes sense to go on at once.
async fn publish_some(db: &Database, queue: &Queue) -> Result<bool, Error> {
    let overdue = outbox::take_overdue(db).await?;
    for (outbox_id, task) in &overdue.dead {
        tracing::error!(%outbox_id, task_id = %task, "given up: published too often, or too old");
    }
    metrics::count("OutboxDead", count(overdue.dead.len()));
    let messages: Vec<_> = overdue
        .rows
        .iter()
        .map(|&outbox_id| Message::TaskChange { outbox_id })
        .collect();
    let refused: Vec<_> = queue
        .send_all(&messages)
        .await
        .into_iter()
        .map(|position| overdue.rows[position])
        .collect();
    metrics::count("OutboxPublished", count(messages.len() - refused.len()));
    let all_taken = refused.is_empty();
    if !all_taken {
        outbox::put_back(db, refused).await?;
    }
    Ok(overdue.more && all_taken)
}
