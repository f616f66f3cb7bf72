//! The relay: every minute publishes what the outbox still promises, and once a night compares the schedules with the
//! database.

mod job;
mod nightly;
mod outbox;

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use shared::config::RelayConfig;
use shared::db::Database;
use shared::schedules::Schedules;
use tracing::Instrument as _;

#[global_allocator]
static ALLOCATOR: shared::function::Allocator = shared::function::Allocator;

fn main() -> ExitCode {
    shared::function::run(serve())
}

async fn serve() -> Result<(), Error> {
    let config = RelayConfig::from_env()?;
    let db = &Database::new(config.database);
    db.warm_up().await;
    let (queue, schedules) = (&config.task_queue, &Schedules::new(config.schedules));
    lambda_runtime::run(service_fn(|event: LambdaEvent<_>| {
        let span = shared::logs::invocation(&event.context.request_id);
        job::run(event, db, queue, schedules).instrument(span)
    }))
    .await
}
