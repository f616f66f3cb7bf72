//! Whether a reminder that fires is still wanted.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::batch::Failure;
use shared::config::MailConfig;
use shared::db::Database;
use shared::deliveries::{count_dropped, send_once};
use shared::mail::{MailKind, Mailer, TaskUrl};
use shared::metrics::{self, Metric};
use shared::model::TaskId;
use shared::queries::deliveries::Delivery;
use shared::queries::task_now::{self, TaskNow};
use shared::queue::{LONGEST_DELAY, Message, Queue};
use shared::reminders::Verdict;

/// From here on somebody should know that reminders are late.
const LATE: SignedDuration = SignedDuration::from_mins(5);

/// Sends reminders.
pub struct Reminders {
    queue: Queue,
    mailer: Mailer,
    task_url: TaskUrl,
}

impl Reminders {
    pub fn new(queue: Queue, mail: MailConfig) -> Self {
        Self {
            queue,
            task_url: mail.task_url.clone(),
            mailer: Mailer::new(mail),
        }
    }

    /// The queue that reminders come from.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Reminds the assignee of a task, if the reminder for `remind_at` still is the task's.
    pub async fn remind(
        &self,
        db: &Database,
        id: TaskId,
        remind_at: Timestamp,
    ) -> Result<(), Failure> {
        let cause = match task_now::task(db, id).await? {
            None => "the task is gone",
            Some(task) => {
                let now = Timestamp::now();
                let late = now.duration_since(remind_at);
                match task.reminder_facts().verdict(remind_at, now) {
                    Verdict::Send(address) => {
                        count_lateness(late);
                        return self.send(db, &task, address).await;
                    }
                    Verdict::Wait(remaining) => {
                        return self.put_back(id, remind_at, remaining).await;
                    }
                    Verdict::TooLate => {
                        count_lateness(late);
                        "it is too late"
                    }
                    Verdict::Drop(cause) => cause,
                }
            }
        };
        count_dropped(MailKind::Reminder);
        tracing::info!(task_id = %id, %remind_at, cause, "a reminder is dropped");
        Ok(())
    }

    /// Once for each due date, whatever becomes of the workspace's reminder time after that.
    async fn send(&self, db: &Database, task: &TaskNow, address: &str) -> Result<(), Failure> {
        let delivery = Delivery {
            kind: MailKind::Reminder,
            task: task.id,
            user: task.assignee.clone(),
            version: task.due_date.as_second(),
        };
        let mail = task.mail(MailKind::Reminder, &self.task_url);
        send_once(db, &self.mailer, &delivery, address, &mail, None).await
    }

    async fn put_back(
        &self,
        id: TaskId,
        remind_at: Timestamp,
        remaining: Duration,
    ) -> Result<(), Failure> {
        let message = Message::Reminder {
            task_id: id.param(),
            remind_at,
        };
        let delay = remaining.min(LONGEST_DELAY);
        Ok(self.queue.send_after(delay, &message).await?)
    }
}

fn count_lateness(late: SignedDuration) {
    let metrics = [
        Metric::seconds("ReminderLatenessSeconds", late.as_secs_f64()),
        Metric::count("ReminderLate", u64::from(late > LATE)),
    ];
    metrics::report(&metrics, &[]);
}
