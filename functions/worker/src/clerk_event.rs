//! An event of Clerk on its way into the database.

use shared::batch::Failure;
use shared::clerk::{self, Event};
use shared::db::Database;

/// Applies an event. There is nothing to do about one of a type that nobody follows.
pub async fn apply(db: &Database, event: &str) -> Result<(), Failure> {
    let event = Event::parse(event)
        .map_err(|error| Failure::Poison(format!("an event of Clerk: {error}")))?;
    match event {
        Some(event) => Ok(clerk::apply(db, &event).await?),
        None => Ok(()),
    }
}
