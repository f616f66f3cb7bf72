//! The function on Lambda: who calls it, and what it answers.

use std::time::{Duration, SystemTime};

use lambda_runtime::{Context, Error, LambdaEvent};
use serde_json::{Value, json};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::{
    custom_resource::{Event, RequestType},
    failure::Failure,
    migrations,
};

/// What is kept of the function's time-out for stopping the migrations and for telling CloudFormation, which otherwise waits
/// as long as the template lets it.
const RESERVE: Duration = Duration::from_secs(30);

/// Answers CloudFormation where it asks, and everybody else directly.
///
/// An event without a `ResponseURL` is a direct invocation, whatever else it holds: `{}` gives `{"applied": […]}`.
pub async fn answer(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let span = shared::logs::invocation(&event.context.request_id);
    respond(event).instrument(span).await
}

async fn respond(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let (payload, context) = event.into_parts();
    let Some(request) = Event::read(payload) else {
        let applied = apply(&context).await.inspect_err(report)?;
        return Ok(json!({ "applied": applied }));
    };
    let outcome = match request.request_type {
        // The data outlives the stack.
        RequestType::Delete => Ok(Vec::new()),
        RequestType::Other => apply(&context).await.inspect_err(report),
    };
    // An error here makes Lambda run the whole event again, which changes nothing but answers once more.
    let told = request.answer(&outcome).await;
    told.inspect_err(|cause| tracing::error!(%cause, "CloudFormation does not know the outcome"))?;
    Ok(json!({ "applied": outcome.unwrap_or_default() }))
}

async fn apply(context: &Context) -> Result<Vec<String>, Failure> {
    let left = context
        .deadline()
        .duration_since(SystemTime::now())
        .unwrap_or_default();
    let deadline = Instant::now() + left.saturating_sub(RESERVE);
    // A task of its own, so that a panic in it still is answered.
    let run = async move {
        // Read here and not at the start: a function that does not start cannot tell CloudFormation why.
        let database = migrations::database_from_environment()?;
        migrations::apply(&database, Some(deadline)).await
    };
    let run = tokio::spawn(run.in_current_span());
    let applied = run.await.unwrap_or(Err(Failure::Panicked))?;
    tracing::info!(?applied, "the schema is up to date");
    Ok(applied)
}

fn report(failure: &Failure) {
    tracing::error!(cause = %failure, "the schema is not up to date");
}
