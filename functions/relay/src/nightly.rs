//! The nightly comparison of the schedules with the database, in both directions, and the end of what is kept for a month.

use std::collections::HashSet;
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;
use lambda_runtime::Context;
use shared::Error;
use shared::batch::time_left;
use shared::db::Database;
use shared::metrics;
use shared::queries::{daily_use, deliveries, outbox, reminders};
use shared::reminders::{is_to_be_scheduled, may_be_deleted};
use shared::schedules::{Created, Reminder, ScheduleError, Schedules};

use crate::job::{Interrupted, count};

/// How many calls to Scheduler are under way at the same time.
const AT_ONCE: usize = 16;
/// Nothing further is begun with less time than this left. What is not done is done the next night.
const TIME_TO_END: Duration = Duration::from_secs(30);
/// How many tasks are looked at again at once.
const ROUND: usize = 1000;

/// What the night came to.
#[derive(Debug, Default)]
struct Repaired {
    made: usize,
    deleted: usize,
    failed: usize,
}

/// Makes the schedules that are missing, deletes those that no longer match a task, and forgets what is too old.
pub async fn run(
    db: &Database,
    schedules: &Schedules,
    context: &Context,
) -> Result<(), Interrupted> {
    // Forgetting comes first: it takes seconds, and should not wait for a night with less to repair. What fails of it keeps
    // nothing else from being done.
    let forgotten = forget(db).await;
    let mails = forget_mails(db, context).await;
    let compared = compare(db, schedules, context).await;
    forgotten
        .and(mails)
        .map_err(Interrupted::from)
        .and(compared)
}

async fn compare(
    db: &Database,
    schedules: &Schedules,
    context: &Context,
) -> Result<(), Interrupted> {
    let night = Night {
        db,
        schedules,
        context,
    };
    let mut unmatched = night.scheduled().await?;
    let mut repaired = Repaired::default();
    let now = Timestamp::now();
    let mut to_come = reminders::reminders_to_come(db, now);
    // The listing is older than what is read here: a schedule that was made meanwhile only is found to be there already.
    while let Some(page) = to_come.next().await? {
        let missing = page
            .into_iter()
            .filter(|reminder| !unmatched.remove(reminder) && is_to_be_scheduled(reminder.at, now))
            .collect();
        night.make(missing, &mut repaired).await;
    }
    unmatched.retain(|reminder| may_be_deleted(reminder.at, now));
    let unmatched: Vec<_> = unmatched.into_iter().collect();
    for wrong in unmatched.chunks(ROUND) {
        night.delete(wrong, &mut repaired).await?;
    }
    metrics::count("ScheduleMade", count(repaired.made));
    metrics::count("ScheduleDeleted", count(repaired.deleted));
    metrics::count("ScheduleRepairFailed", count(repaired.failed));
    let Repaired {
        made,
        deleted,
        failed,
    } = repaired;
    tracing::info!(
        made,
        deleted,
        failed,
        "the schedules were compared with the database"
    );
    Ok(())
}

struct Night<'a> {
    db: &'a Database,
    schedules: &'a Schedules,
    context: &'a Context,
}

impl Night<'_> {
    /// All reminders that are scheduled. (A million takes some 50 MB.)
    async fn scheduled(&self) -> Result<HashSet<Reminder>, ScheduleError> {
        let (mut scheduled, mut others) = (HashSet::new(), 0);
        let mut pages = self.schedules.list();
        while let Some(page) = pages.next().await? {
            scheduled.extend(page.reminders);
            others += page.others;
        }
        if others > 0 {
            tracing::warn!(
                others,
                "schedules in the group that are not ours are left alone"
            );
        }
        Ok(scheduled)
    }

    async fn make(&self, missing: Vec<Reminder>, repaired: &mut Repaired) {
        let outcomes = stream::iter(missing)
            .map(|reminder| async move {
                if self.is_over() {
                    return Err(());
                }
                let made = self.schedules.create(reminder).await;
                made.map_err(|cause| tracing::warn!(schedule = %reminder, %cause, "a schedule cannot be made"))
            })
            .buffer_unordered(AT_ONCE);
        outcomes
            .for_each(|outcome| {
                match outcome {
                    Ok(Created::New) => repaired.made += 1,
                    Ok(Created::Already | Created::TooLate) => {}
                    Err(()) => repaired.failed += 1,
                }
                std::future::ready(())
            })
            .await;
    }

    /// Deletes schedules, and then looks at their tasks again. One that was set back to the old time after the database had
    /// been read may have found the schedule still there, and left it at that: it is made again.
    async fn delete(&self, wrong: &[Reminder], repaired: &mut Repaired) -> Result<(), Error> {
        let mut outcomes = stream::iter(wrong.to_vec())
            .map(|reminder| async move {
                if self.is_over() {
                    return None;
                }
                let deleted = self.schedules.delete(reminder).await;
                if let Err(cause) = &deleted {
                    tracing::warn!(schedule = %reminder, %cause, "a schedule cannot be deleted");
                }
                // Also one that may be deleted all the same is looked at.
                Some((reminder, deleted.is_ok()))
            })
            .buffer_unordered(AT_ONCE);
        let mut touched = HashSet::new();
        while let Some(outcome) = outcomes.next().await {
            match outcome {
                Some((reminder, true)) => {
                    repaired.deleted += 1;
                    touched.insert(reminder);
                }
                Some((reminder, false)) => {
                    repaired.failed += 1;
                    touched.insert(reminder);
                }
                None => repaired.failed += 1,
            }
        }
        if touched.is_empty() {
            return Ok(());
        }
        let tasks = touched
            .iter()
            .map(|reminder| reminder.task.param())
            .collect();
        let wanted = reminders::reminders_of(self.db, tasks).await?;
        let now = Timestamp::now();
        let wanted_after_all = wanted
            .into_iter()
            .filter(|reminder| touched.contains(reminder) && is_to_be_scheduled(reminder.at, now))
            .collect();
        self.make(wanted_after_all, repaired).await;
        Ok(())
    }

    fn is_over(&self) -> bool {
        time_left(self.context) < TIME_TO_END
    }
}

async fn forget(db: &Database) -> Result<(), Error> {
    let rows = outbox::forget_dead(db).await;
    let days = daily_use::forget_past(db).await;
    let (rows, days) = (rows?, days?);
    metrics::count("OutboxForgotten", count(rows));
    tracing::info!(rows, days, "what was too old is forgotten");
    Ok(())
}

async fn forget_mails(db: &Database, context: &Context) -> Result<(), Error> {
    let mut mails = 0;
    let mut settled = deliveries::Forgetting::new(db);
    while let Some(some) = settled.next().await? {
        mails += some;
        if time_left(context) < TIME_TO_END {
            break;
        }
    }
    loop {
        let some = deliveries::forget_unsettled(db).await?;
        mails += some;
        if some == 0 || time_left(context) < TIME_TO_END {
            break;
        }
    }
    metrics::count("DeliveryForgotten", count(mails));
    tracing::info!(mails, "mails that cannot come up again are forgotten");
    Ok(())
}
