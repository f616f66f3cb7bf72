//! What the pages ask the database.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, NoTls, Row};

use crate::database::is_on_this_machine;

/// How long connecting and a statement may take each: somebody waits for the page.
const TIMEOUT: Duration = Duration::from_secs(4);

/// The rows of one statement. Each has a connection of its own, so that a database that was away is found again.
pub async fn rows(
    url: &str,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> anyhow::Result<Vec<Row>> {
    // Without TLS, as everything local: a URL that wants it could not even be read.
    ensure!(
        is_on_this_machine(url) || url.contains("sslmode=disable"),
        "The console looks into databases of this machine only, and this one is on another"
    );
    let mut config: Config = url.parse().context("The database's URL cannot be read")?;
    config.connect_timeout(TIMEOUT);
    let asked = async {
        let (client, connection) = config.connect(NoTls).await?;
        let connection = tokio::spawn(connection);
        let rows = client.query(sql, parameters).await;
        drop(client);
        connection.abort();
        rows
    };
    tokio::time::timeout(TIMEOUT, asked)
        .await
        .map_err(|_elapsed| anyhow::anyhow!("The database does not answer in time"))?
        .map_err(|error| match error.as_db_error() {
            Some(said) => anyhow::anyhow!("The database says: {}", said.message()),
            None => anyhow::Error::new(error).context("The database does not answer"),
        })
}
