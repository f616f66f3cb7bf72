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
use shared::reminders::Arrangement;
use shared::schedules::{Created, Reminder, Schedules};
use uuid::Uuid;

/// Follows up changes of tasks.
pub struct FollowUp {
    pub reminder_queue: Queue,
    pub schedules: Schedules,
    pub mailer: Mailer,
    pub task_url: TaskUrl,
}

impl FollowUp {
    /// Keeps what a row of the outbox promises, and takes the row away only then.
    pub async fn task_change(&self, db: &Database, outbox_id: Uuid) -> Result<(), Failure> {
        let Some(promise) = task_now::promise(db, outbox_id).await? else {
            return Ok(());
        };
        match promise.task {
            Some(task) if !task.done => {
                // The reminder first: between the claim on the mail and the mark that it is sent nothing else should take time.
                let arranged = self.arrange_reminder(&task, promise.made_at).await;
                // A reminder that cannot be scheduled does not keep the mail from being sent.
                let kept = arranged.is_ok().then_some(outbox_id);
                let mailed = self.mail_assignment(db, &task, kept).await;
                return mailed.and(arranged);
            }
            // Nobody was to be told.
            Some(task) if task.self_assigned => {}
            Some(_) | None => count_dropped(MailKind::Assignment),
        }
        Ok(outbox::delete(db, outbox_id).await?)
    }

    /// Tells the assignee, once for each assignment. Whoever took the task themselves knows. With that the promise `kept` is
    /// kept.
    async fn mail_assignment(
        &self,
        db: &Database,
        task: &TaskNow,
        kept: Option<Uuid>,
    ) -> Result<(), Failure> {
        if let (false, Some(address)) = (task.self_assigned, task.address.as_deref()) {
            let delivery = Delivery {
                kind: MailKind::Assignment,
                task: task.id,
                user: task.assignee.clone(),
                version: task.assignment.into(),
            };
            let mail = task.mail(MailKind::Assignment, &self.task_url);
            return send_once(db, &self.mailer, &delivery, address, &mail, kept).await;
        }
        if !task.self_assigned {
            count_dropped(MailKind::Assignment);
        }
        match kept {
            Some(outbox_id) => Ok(outbox::delete(db, outbox_id).await?),
            None => Ok(()),
        }
    }

    /// Sees to it that the due time reminds. One that had passed when it was set does not; one that passed since then, while a
    /// queue was down, still does.
    async fn arrange_reminder(
        &self,
        task: &TaskNow,
        promised_at: Timestamp,
    ) -> Result<(), Failure> {
        let at = task.remind_at;
        match task
            .reminder_facts()
            .arrangement(promised_at, Timestamp::now())
        {
            Arrangement::Nothing => return Ok(()),
            Arrangement::Schedule => {
                let reminder = Reminder { task: task.id, at };
                if self.schedules.create(reminder).await? != Created::TooLate {
                    return Ok(());
                }
            }
            Arrangement::AtOnce => {}
        }
        let reminder = Message::Reminder {
            task_id: task.id.param(),
            remind_at: at,
        };
        Ok(self.reminder_queue.send(&reminder).await?)
    }
}
