//! The outbox from the far side: what becomes of the promises that changes of tasks left in it.

use uuid::Uuid;

use crate::Error;
use crate::db::{Call, Database};

/// How many rows are taken at once.
const ROUND: i64 = 100;

/// Rows that were overdue.
#[derive(Debug)]
pub struct Overdue {
    /// To be published. Each has its next time already, should that be in vain.
    pub rows: Vec<Uuid>,
    /// Given up, each with its task.
    pub dead: Vec<(Uuid, Uuid)>,
    /// Whether there may be more.
    pub more: bool,
}

/// Takes a row away whose promise is kept.
pub async fn delete(db: &Database, id: Uuid) -> Result<(), Error> {
    db.rows(deletion(id)).await.map(drop)
}

pub(super) fn deletion(id: Uuid) -> Call {
    Call::new(include_str!("delete.sql")).bind(id)
}

/// Takes rows whose time has come. Should the answer be lost, they have their next time and are published then.
pub async fn take_overdue(db: &Database) -> Result<Overdue, Error> {
    let take = Call::new(include_str!("take_overdue.sql")).bind(ROUND);
    let taken = db.rows(take).await?;
    let mut overdue = Overdue {
        rows: Vec::new(),
        dead: Vec::new(),
        more: i64::try_from(taken.len()) == Ok(ROUND),
    };
    for row in &taken {
        let id = row.try_get("id")?;
        if row.try_get("dies")? {
            overdue.dead.push((id, row.try_get("task_id")?));
        } else {
            overdue.rows.push(id);
        }
    }
    Ok(overdue)
}

/// Puts rows back that were taken but that the queue refused.
pub async fn put_back(db: &Database, ids: Vec<Uuid>) -> Result<(), Error> {
    let put_back = Call::new(include_str!("put_back.sql")).bind(ids);
    db.rows(put_back).await.map(drop)
}

/// How old the oldest promise is that was not kept yet, in seconds.
pub async fn oldest(db: &Database) -> Result<u64, Error> {
    let rows = db.rows(Call::new(include_str!("oldest.sql"))).await?;
    let seconds: i64 = rows.first().map_or(Ok(0), |row| row.try_get("seconds"))?;
    Ok(u64::try_from(seconds).unwrap_or(0))
}

/// Forgets rows that died a month ago. Answers how many there were.
pub async fn forget_dead(db: &Database) -> Result<usize, Error> {
    let forget = Call::new(include_str!("forget_dead.sql"));
    Ok(db.rows(forget).await?.len())
}
