//! Which reminders there are to be.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Time;
use uuid::Uuid;

use crate::Error;
use crate::db::{Call, Database, Row};
use crate::model::TaskId;
use crate::reminders::remind_at;
use crate::schedules::Reminder;

/// How many tasks are read at once.
const PAGE: i64 = 5000;
/// How far a reminder may lie behind its due date: a whole day, in whatever time zone.
const FARTHEST: Duration = Duration::from_hours(48);

/// The reminders of all tasks that are not done, page by page.
#[derive(Debug)]
pub struct Reminders<'a> {
    db: &'a Database,
    after: Option<(Timestamp, Uuid)>,
}

/// The reminders to come after `now`, page by page.
pub fn reminders_to_come(db: &Database, now: Timestamp) -> Reminders<'_> {
    Reminders {
        db,
        after: Some((now - FARTHEST, Uuid::nil())),
    }
}

impl Reminders<'_> {
    /// The next page; nothing after the last. Some of the first ones may have been due already.
    pub async fn next(&mut self) -> Result<Option<Vec<Reminder>>, Error> {
        let Some((due_date, id)) = self.after else {
            return Ok(None);
        };
        let page = Call::new(include_str!("page.sql"))
            .bind(due_date)
            .bind(id)
            .bind(PAGE);
        let rows = self.db.rows(page).await?;
        self.after = match rows.last() {
            Some(last) if i64::try_from(rows.len()) == Ok(PAGE) => {
                Some((last.try_get("due_date")?, last.try_get("id")?))
            }
            _ => None,
        };
        rows.iter()
            .map(from_row)
            .collect::<Result<_, _>>()
            .map(Some)
    }
}

/// The reminders of those of `tasks` that are there and not done.
pub async fn reminders_of(db: &Database, tasks: Vec<Uuid>) -> Result<Vec<Reminder>, Error> {
    let of_tasks = Call::new(include_str!("of_tasks.sql")).bind(tasks);
    db.rows(of_tasks).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Reminder, Error> {
    let timezone: &str = row.try_get("timezone")?;
    let reminder_time: Time = row.try_get("reminder_time")?;
    Ok(Reminder {
        task: TaskId::from(row.try_get::<Uuid>("id")?),
        at: remind_at(row.try_get("due_date")?, timezone, reminder_time),
    })
}
