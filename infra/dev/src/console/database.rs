//! What the pages ask the database.

use std::time::Duration;

use anyhow::{Context as _, anyhow, ensure};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Config, Row};

use crate::database::{Silence, ask, is_on_this_machine};

/// How long an answer may take: somebody waits for the page.
const PATIENCE: Duration = Duration::from_secs(4);

/// The rows of one statement. Each is asked for anew, so that a database that was away is found again.
pub async fn rows(
    url: &str,
    sql: &str,
    parameters: &[(&(dyn ToSql + Sync), Type)],
) -> anyhow::Result<Vec<Row>> {
    // A URL that wants TLS could not even be read.
    ensure!(
        is_on_this_machine(url) || url.contains("sslmode=disable"),
        "The console looks into databases of this machine only, and this one is on another"
    );
    let config: Config = url.parse().context("The database's URL cannot be read")?;
    let answer = ask(&config, sql, parameters, PATIENCE).await;
    answer.map_err(|silence| match silence {
        Silence::Late => anyhow!("The database does not answer in time"),
        Silence::Refused(error) => match error.as_db_error() {
            Some(said) => anyhow!("The database says: {}", said.message()),
            None => anyhow::Error::new(error).context("The database does not answer"),
        },
    })
}
