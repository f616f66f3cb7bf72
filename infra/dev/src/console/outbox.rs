//! The outbox: what was promised and not done yet, and what came of the promises that were kept.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use super::page::{Frame, Moment, Told, show, told};
use super::{Shared, database};

/// A row of the outbox.
struct Promise {
    id: Uuid,
    kind: String,
    task: Uuid,
    title: Option<String>,
    made: Moment,
    attempts: i32,
    next: Moment,
    given_up: Option<Moment>,
}

/// A mail that was sent, or is being sent.
struct Delivery {
    kind: String,
    task: Uuid,
    title: Option<String>,
    user: String,
    recipient: Option<String>,
    version: i64,
    tries: i32,
    claimed_until: Moment,
    sent: Option<Moment>,
    message: Option<String>,
}

#[derive(Template)]
#[template(path = "console/outbox.html")]
struct Page {
    frame: Frame,
    promises: Told<Vec<Promise>>,
    deliveries: Told<Vec<Delivery>>,
}

/// What is promised, and what was delivered.
pub async fn page(State(console): Shared) -> Response {
    let url = &console.database_url;
    let (promises, deliveries) = tokio::join!(
        database::rows(url, include_str!("outbox.sql"), &[]),
        database::rows(url, include_str!("deliveries.sql"), &[]),
    );
    show(&Page {
        frame: Frame::of("/outbox"),
        promises: told(promises.and_then(|rows| rows.iter().map(promise).collect())),
        deliveries: told(deliveries.and_then(|rows| rows.iter().map(delivery).collect())),
    })
}

fn promise(row: &Row) -> anyhow::Result<Promise> {
    Ok(Promise {
        id: row.try_get("id")?,
        kind: row.try_get("kind")?,
        task: row.try_get("task_id")?,
        title: row.try_get("title")?,
        made: row.try_get::<_, Timestamp>("created_at")?.into(),
        attempts: row.try_get("attempts")?,
        next: row.try_get::<_, Timestamp>("next_attempt_at")?.into(),
        given_up: row
            .try_get::<_, Option<Timestamp>>("dead_at")?
            .map(Moment::from),
    })
}

fn delivery(row: &Row) -> anyhow::Result<Delivery> {
    Ok(Delivery {
        kind: row.try_get("kind")?,
        task: row.try_get("task_id")?,
        title: row.try_get("title")?,
        user: row.try_get("user_id")?,
        recipient: row.try_get("recipient")?,
        version: row.try_get("version")?,
        tries: row.try_get("tries")?,
        claimed_until: row.try_get::<_, Timestamp>("claimed_until")?.into(),
        sent: row
            .try_get::<_, Option<Timestamp>>("sent_at")?
            .map(Moment::from),
        message: row.try_get("message_id")?,
    })
}
