//! The reminders: when one is due, looks at the task again and mails its assignee, or not.

mod reminder;

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use shared::batch::{self, Failure};
use shared::config::RemindersConfig;
use shared::db::Database;
use shared::queue::Message;

use reminder::Reminders;

#[global_allocator]
static ALLOCATOR: shared::function::Allocator = shared::function::Allocator;

fn main() -> ExitCode {
    shared::function::run(serve())
}

async fn serve() -> Result<(), Error> {
    let config = RemindersConfig::from_env()?;
    let db = &Database::new(config.database);
    db.warm_up().await;
    let reminders = &Reminders::new(config.reminder_queue, config.mail);
    let remind = |db, message| async move {
        match message {
            Message::Reminder { task_id, remind_at } => {
                reminders.remind(&db, task_id.into(), remind_at).await
            }
            _ => Err(Failure::Poison("not a reminder".to_owned())),
        }
    };
    lambda_runtime::run(service_fn(|event: LambdaEvent<_>| async move {
        Ok::<_, Error>(batch::run(event, db, &[reminders.queue()], remind).await)
    }))
    .await
}
