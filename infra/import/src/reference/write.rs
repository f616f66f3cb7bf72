//! Writing what was planned, batch by batch.

use anyhow::Context as _;
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use shared::reminders::remind_at;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

use super::tables::{TABLES, Table};

/// How many rows are written at once: little enough that nobody waits long for what they lock.
const BATCH: i64 = 2000;
/// How many reminders a second the relay gets to see: the worker makes more schedules than that in a second.
const PACE: i64 = 100;
/// How often a batch is tried that others are in the way of.
const TRIES: u32 = 5;

/// How many rows of each table were written.
pub struct Written {
    /// As many as there are tables, in their order.
    pub rows: Vec<i64>,
    /// How many tasks will get a schedule for their reminder.
    pub reminders: i64,
}

/// Writes all that was planned.
pub async fn all(target: &mut Client) -> anyhow::Result<Written> {
    let mut written = Written {
        rows: Vec::new(),
        reminders: 0,
    };
    for table in &TABLES {
        let planned = target
            .query_one(
                &format!("SELECT coalesce(max(n), 0) FROM new_{}", table.name),
                &[],
            )
            .await?;
        let planned: i64 = planned.try_get(0)?;
        let mut rows = 0;
        let mut first = 1;
        while first <= planned {
            let done = patiently(target, table, first, written.reminders)
                .await
                .with_context(|| format!("Writing {} failed", table.name))?;
            rows += done.rows;
            written.reminders += done.reminders;
            first += BATCH;
        }
        eprintln!("Wrote {rows} {}", table.called);
        written.rows.push(rows);
    }
    count_as_past(target)
        .await
        .context("Renewing promises failed")?;
    Ok(written)
}

/// What one batch came to.
struct Batch {
    rows: i64,
    reminders: i64,
}

/// Of two transactions that wait for each other PostgreSQL ends one, and none waits for ever: either may be tried again.
async fn patiently(
    target: &mut Client,
    table: &Table,
    first: i64,
    reminders: i64,
) -> Result<Batch, tokio_postgres::Error> {
    for _ in 1..TRIES {
        match batch(target, table, first, reminders).await {
            Err(error) if is_in_the_way(&error) => {}
            outcome => return outcome,
        }
    }
    batch(target, table, first, reminders).await
}

/// Sees to it that nobody is reminded of what the old system has reminded them of, however long the worker was paused since
/// an earlier import.
async fn count_as_past(target: &Client) -> Result<(), tokio_postgres::Error> {
    let sql = include_str!("tasks/count_as_past.sql");
    for _ in 1..TRIES {
        match target.execute(sql, &[]).await {
            Err(error) if is_in_the_way(&error) => {}
            outcome => return outcome.map(drop),
        }
    }
    target.execute(sql, &[]).await.map(drop)
}

fn is_in_the_way(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        [
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::LOCK_NOT_AVAILABLE,
        ]
        .contains(code)
    })
}

/// Writes a batch, after those that promised this many `reminders` a look.
async fn batch(
    target: &mut Client,
    table: &Table,
    first: i64,
    reminders: i64,
) -> Result<Batch, tokio_postgres::Error> {
    let last = first + BATCH - 1;
    let transaction = target.transaction().await?;
    if let Some(lock) = table.lock {
        transaction.execute(lock, &[&first, &last]).await?;
    }
    let answer = transaction.query(table.write, &[&first, &last]).await?;
    let rows = answer.first().map_or(Ok(0), |row| row.try_get(0))?;
    let now = Timestamp::now();
    let tasks = reminding(&answer, now)?;
    let times: Vec<Timestamp> = (reminders..)
        .map(|before| now + SignedDuration::from_secs(before / PACE))
        .take(tasks.len())
        .collect();
    if !tasks.is_empty() {
        transaction
            .execute(include_str!("tasks/promise.sql"), &[&tasks, &times])
            .await?;
    }
    transaction.commit().await?;
    Ok(Batch {
        rows,
        reminders: i64::try_from(tasks.len()).unwrap_or(BATCH),
    })
}

/// The tasks among those just written whose reminder is still to come.
fn reminding(answer: &[Row], now: Timestamp) -> Result<Vec<Uuid>, tokio_postgres::Error> {
    let mut tasks = Vec::new();
    for row in answer.iter().filter(|row| row.len() > 1) {
        let Some(id) = row.try_get::<_, Option<Uuid>>("id")? else {
            continue;
        };
        let timezone: &str = row.try_get("timezone")?;
        let reminder_time: Time = row.try_get("reminder_time")?;
        if remind_at(row.try_get("due_date")?, timezone, reminder_time) > now {
            tasks.push(id);
        }
    }
    Ok(tasks)
}
