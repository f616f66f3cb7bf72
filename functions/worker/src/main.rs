//! The worker: applies what Clerk reports, and follows up the changes of tasks with mails and schedules.

mod clerk_event;
mod task_change;

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use shared::batch::{self, Failure};
use shared::config::WorkerConfig;
use shared::db::Database;
use shared::mail::Mailer;
use shared::queue::Message;
use shared::schedules::Schedules;

use task_change::FollowUp;

#[global_allocator]
static ALLOCATOR: shared::function::Allocator = shared::function::Allocator;

fn main() -> ExitCode {
    shared::function::run(serve())
}

async fn serve() -> Result<(), Error> {
    let config = WorkerConfig::from_env()?;
    let db = &Database::new(config.database);
    db.warm_up().await;
    let queues = &[&config.webhook_queue, &config.task_queue];
    let follow_up = &FollowUp {
        reminder_queue: config.reminder_queue,
        schedules: Schedules::new(config.schedules),
        task_url: config.mail.task_url.clone(),
        mailer: Mailer::new(config.mail),
    };
    let work_off = |db, message| async move {
        match message {
            Message::ClerkEvent(event) => clerk_event::apply(&db, event.get()).await,
            Message::TaskChange { outbox_id } => follow_up.task_change(&db, outbox_id).await,
            Message::Reminder { .. } => Err(Failure::Poison("not for the worker".to_owned())),
        }
    };
    lambda_runtime::run(service_fn(|event: LambdaEvent<_>| async move {
        Ok::<_, Error>(batch::run(event, db, queues, work_off).await)
    }))
    .await
}
