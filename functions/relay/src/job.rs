//! What the relay is invoked for.

use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use shared::Error;
use shared::db::Database;
use shared::queue::Queue;
use shared::schedules::{ScheduleError, Schedules};

use crate::{nightly, outbox};

/// `{"job": "outbox"}` or `{"job": "nightly"}`.
#[derive(Debug, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// Publish what is overdue.
    Outbox,
    /// Compare the schedules with the database, and forget what is old.
    Nightly,
}

impl Job {
    fn name(&self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Nightly => "nightly",
        }
    }
}

/// Why a job ended early. The next one takes up what it left.
#[derive(Debug, thiserror::Error)]
pub enum Interrupted {
    #[error("database: {}", .0.cause())]
    Database(Error),
    #[error("the schedules cannot be listed: {0}")]
    Listing(#[from] ScheduleError),
}

impl From<Error> for Interrupted {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

/// Does the job, and logs why it could not. (The invocation fails then, which Lambda counts.)
pub async fn run(
    event: LambdaEvent<Job>,
    db: &Database,
    queue: &Queue,
    schedules: &Schedules,
) -> Result<(), lambda_runtime::Error> {
    let LambdaEvent { payload, context } = event;
    let outcome = match payload {
        Job::Outbox => outbox::publish_overdue(db, queue, &context).await,
        Job::Nightly => nightly::run(db, schedules, &context).await,
    };
    if let Err(cause) = &outcome {
        tracing::error!(job = payload.name(), %cause, "the job is not finished");
    }
    Ok(outcome?)
}

/// A number of things, as the value of a metric.
pub fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}
