//! An event of Clerk on its way into the database.

use jiff::Timestamp;
use shared::batch::Failure;
use shared::clerk::{self, Applied, Event};
use shared::db::Database;
use shared::metrics::{self, Metric};

/// Applies an event. There is nothing to do about one of a type that nobody follows.
pub async fn apply(db: &Database, event: &str) -> Result<(), Failure> {
    let event = Event::parse(event)
        .map_err(|error| Failure::Poison(format!("an event of Clerk: {error}")))?;
    if let Some(event) = event {
        let applied = clerk::apply(db, &event).await?;
        count(applied, event.made_at());
    }
    Ok(())
}

/// Counts the event and, if it was news, tells how old that was by the time it was known.
fn count(applied: Applied, made_at: Option<Timestamp>) {
    let result = match applied {
        Applied::New => "applied",
        Applied::Stale => "stale",
    };
    let mut metrics = vec![Metric::count("SyncEvents", 1).by(&[&["Result"]])];
    if let (Applied::New, Some(made_at)) = (applied, made_at) {
        let lag = Timestamp::now().duration_since(made_at).as_secs_f64();
        // Clerk's clock may be ahead of ours.
        metrics.push(Metric::seconds("SyncLagSeconds", lag.max(0.0)));
    }
    metrics::report(&metrics, &[("Result", result)]);
}
