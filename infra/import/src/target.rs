//! The database that is written to.

use std::time::Duration;

use anyhow::{Context as _, bail};
use shared::db::ConnectionSettings;
use tokio_postgres::Client;

/// The pauses between tries to connect: a database that was asleep needs some seconds to wake up.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// The database that `DIRECT_URL` names, which leads past any pooler, or else the one of `DATABASE_URL`.
pub fn from_environment() -> anyhow::Result<ConnectionSettings> {
    for name in ["DIRECT_URL", "DATABASE_URL"] {
        if let Some(settings) = named(name)? {
            return Ok(settings);
        }
    }
    bail!("DIRECT_URL (or DATABASE_URL) has to be set to the URL of Cairn's database.")
}

/// The database that `DIRECT_URL` names. Behind a pooler a session is not one: what is locked or kept for it would be somebody
/// else's with the next statement.
pub fn past_poolers() -> anyhow::Result<ConnectionSettings> {
    named("DIRECT_URL")?.context(
        "DIRECT_URL has to be set to the URL of Cairn's database that leads past any pooler: the import needs one session \
         from beginning to end, for its lock and its temporary tables. DATABASE_URL is not used.",
    )
}

/// The database whose URL a variable holds, if it holds one.
fn named(variable: &str) -> anyhow::Result<Option<ConnectionSettings>> {
    let url = std::env::var(variable).ok().filter(|url| !url.is_empty());
    url.map(|url| ConnectionSettings::parse(&url))
        .transpose()
        .with_context(|| format!("{variable} cannot be used"))
}

/// A connection to the database that is called `name`.
pub async fn connect(database: &ConnectionSettings, name: &str) -> anyhow::Result<Client> {
    for pause in PAUSES {
        match database.connect().await {
            // It has not answered at all.
            Err(error) if error.as_db_error().is_none() => tokio::time::sleep(pause).await,
            outcome => return outcome.with_context(|| format!("{name} refuses the connection")),
        }
    }
    let connection = database.connect().await;
    connection.with_context(|| format!("{name} cannot be reached"))
}
