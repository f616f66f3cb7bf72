//! What follows from a change of a task. It makes the world match the task as it is now, whatever the change was: so a
//! message may come late, twice, or before another that was sent first.

use jiff::Timestamp;
use shared::batch::Failure;
use shared::db::Database;
use shared::deliveries::{count_dropped, send_once};
use shared::mail::{MailKind, Mailer, TaskUrl};
use shared::queries::deliveries::Delivery;
use shared::queries::outbox;
use shared::queries::task_now::{self, TaskNow};
use shared::queue::{Message, Queue};
use shared::reminders::LATEST;
use shared::schedules::{Created, Reminder, Schedules};
use uuid::Uuid;

/// Follows up changes of tasks.
pub struct FollowUp {
    pub db: Database,
    pub reminder_queue: Queue,
    pub schedules: Schedules,
    pub mailer: Mailer,
    pub task_url: TaskUrl,
}

impl FollowUp {
    /// Keeps what a row of the outbox promises, and takes the row away only then.
    pub async fn task_change(&self, outbox_id: Uuid) -> Result<(), Failure> {
        let Some(promise) = task_now::promise(&self.db, outbox_id).await? else {
            return Ok(());
        };
        match promise.task {
            Some(task) if !task.done => {
                // A mail that cannot be sent does not keep the reminder from being scheduled.
                let mailed = self.mail_assignment(&task).await;
                let arranged = self.arrange_reminder(&task, promise.made_at).await;
                mailed.and(arranged)?;
            }
            // Nobody was to be told.
            Some(task) if task.self_assigned => {}
            Some(_) | None => count_dropped(MailKind::Assignment),
        }
        Ok(outbox::delete(&self.db, outbox_id).await?)
    }

    /// Tells the assignee, once for each assignment. Whoever took the task themselves knows.
    async fn mail_assignment(&self, task: &TaskNow) -> Result<(), Failure> {
        if task.self_assigned {
            return Ok(());
        }
        let Some(address) = task.address.as_deref() else {
            count_dropped(MailKind::Assignment);
            return Ok(());
        };
        let delivery = Delivery {
            kind: MailKind::Assignment,
            task: task.id,
            user: task.assignee.clone(),
            version: task.assignment.into(),
        };
        let mail = task.mail(MailKind::Assignment, &self.task_url);
        send_once(&self.db, &self.mailer, &delivery, address, &mail).await
    }

    /// Sees to it that the due time reminds. One that had passed when it was set does not; one that passed since then, while a
    /// queue was down, still does.
    async fn arrange_reminder(
        &self,
        task: &TaskNow,
        promised_at: Timestamp,
    ) -> Result<(), Failure> {
        let (at, now) = (task.remind_at, Timestamp::now());
        if at > now {
            let reminder = Reminder { task: task.id, at };
            if self.schedules.create(reminder).await? != Created::TooLate {
                return Ok(());
            }
        } else if at <= promised_at.max(task.due_set_at) || now.duration_since(at) > LATEST {
            return Ok(());
        }
        let reminder = Message::Reminder {
            task_id: task.id.param(),
            remind_at: at,
        };
        Ok(self.reminder_queue.send(&reminder).await?)
    }
}
