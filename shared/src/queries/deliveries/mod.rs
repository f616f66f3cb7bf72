//! Which mails were sent, or are being sent.

use jiff::Timestamp;
use uuid::Uuid;

use crate::Error;
use crate::db::{Call, Database, Row};
use crate::mail::MailKind;
use crate::model::{TaskId, UserId};
use crate::queries::outbox;

/// How many are looked at at once.
const ROUND: i64 = 2000;

/// Which mail: no two are alike in all four.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// What kind of mail.
    pub kind: MailKind,
    /// The task it is about.
    pub task: TaskId,
    /// To whom.
    pub user: UserId,
    /// The number of the assignment, or the due date in seconds since the epoch.
    pub version: i64,
}

/// How things stand with a mail when somebody wants to send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The caller is to send it, as the first.
    First,
    /// The caller is to send it. Somebody tried before, and nobody knows whether that mail went out.
    TakenOver,
    /// Somebody else is about to send it.
    Held,
    /// It was sent.
    Sent,
}

/// Asks for the right to send a mail, for a minute. `attempt` is new for each try.
pub async fn claim(db: &Database, delivery: &Delivery, attempt: Uuid) -> Result<Claim, Error> {
    let claim = delivery.call(include_str!("claim.sql")).bind(attempt);
    let rows = db.rows(claim).await?;
    let row = rows
        .first()
        .ok_or_else(|| Error::internal("a claim gave no row"))?;
    let tries: Option<i32> = row.try_get("tries")?;
    Ok(match (row.try_get("sent")?, tries) {
        (true, _) => Claim::Sent,
        (false, None) => Claim::Held,
        (false, Some(1)) => Claim::First,
        (false, Some(_)) => Claim::TakenOver,
    })
}

/// Marks a mail as sent, under SES's id of it. With it goes the row of the outbox whose promise is `kept` thereby.
pub async fn mark_sent(
    db: &Database,
    delivery: &Delivery,
    message_id: &str,
    kept: Option<Uuid>,
) -> Result<(), Error> {
    settle(db, delivery, Some(message_id.to_owned()), kept).await
}

/// Marks a mail as one that is not sent at all. With it goes the row of the outbox whose promise is `kept` thereby.
pub async fn give_up(db: &Database, delivery: &Delivery, kept: Option<Uuid>) -> Result<(), Error> {
    settle(db, delivery, None, kept).await
}

/// Not in one transaction with the row of the outbox: whoever has that locked must not keep the mark from being seen, and a
/// mark without the deletion is only a promise that is looked at again.
async fn settle(
    db: &Database,
    delivery: &Delivery,
    message_id: Option<String>,
    kept: Option<Uuid>,
) -> Result<(), Error> {
    let settle = delivery.call(include_str!("settle.sql")).bind(message_id);
    match kept {
        Some(promise) => db
            .pipeline([settle, outbox::deletion(promise)])
            .await
            .map(drop),
        None => db.rows(settle).await.map(drop),
    }
}

/// Gives up a claim on a mail that certainly was not sent, as if nobody had tried.
pub async fn forget_claim(db: &Database, delivery: &Delivery, attempt: Uuid) -> Result<(), Error> {
    let call = delivery
        .call(include_str!("forget_claim.sql"))
        .bind(attempt);
    db.rows(call).await.map(drop)
}

/// Ends a claim on a mail that may have been sent.
pub async fn end_claim(db: &Database, delivery: &Delivery, attempt: Uuid) -> Result<(), Error> {
    let call = delivery.call(include_str!("end_claim.sql")).bind(attempt);
    db.rows(call).await.map(drop)
}

/// A look through all mails that were settled a month ago, of which most may have to stay: part by part, since all together
/// take longer than a statement may.
pub struct Forgetting<'d> {
    db: &'d Database,
    /// The last one that was looked at.
    after: Position,
}

/// A place in the order of `forget_settled.sql`.
struct Position {
    sent_at: Timestamp,
    kind: String,
    task: Uuid,
    user: String,
    version: i64,
}

impl<'d> Forgetting<'d> {
    /// Before the first one.
    pub fn new(db: &'d Database) -> Self {
        let after = Position {
            sent_at: Timestamp::UNIX_EPOCH,
            kind: String::new(),
            task: Uuid::nil(),
            user: String::new(),
            version: i64::MIN,
        };
        Self { db, after }
    }

    /// Forgets those of the next part that cannot come up again. Answers how many; nothing at the end.
    pub async fn next(&mut self) -> Result<Option<usize>, Error> {
        let after = &self.after;
        let forget = Call::new(include_str!("forget_settled.sql"))
            .bind(ROUND)
            .bind(after.sent_at)
            .bind(after.kind.clone())
            .bind(after.task)
            .bind(after.user.clone())
            .bind(after.version);
        let rows = self.db.rows(forget).await?;
        let Some(last) = rows.first() else {
            return Ok(None);
        };
        self.after = Position::of(last)?;
        let forgotten: i64 = last.try_get("forgotten")?;
        Ok(Some(usize::try_from(forgotten).unwrap_or_default()))
    }
}

impl Position {
    fn of(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            sent_at: row.try_get("sent_at")?,
            kind: row.try_get("kind")?,
            task: row.try_get("task_id")?,
            user: row.try_get("user_id")?,
            version: row.try_get("version")?,
        })
    }
}

/// Forgets some of the mails that nobody knows the fate of and that cannot come up again. Answers how many; none are left when
/// it is 0.
pub async fn forget_unsettled(db: &Database) -> Result<usize, Error> {
    let forget = Call::new(include_str!("forget_unsettled.sql")).bind(ROUND);
    Ok(db.rows(forget).await?.len())
}

impl Delivery {
    fn call(&self, sql: &'static str) -> Call {
        Call::new(sql)
            .bind(self.kind.as_str())
            .bind(self.task.param())
            .bind(self.user.param())
            .bind(self.version)
    }
}
