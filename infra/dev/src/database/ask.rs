//! A short question to a database of this machine, over a connection of its own.

use std::time::Duration;

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Config, NoTls, Row};

/// Why there is no answer.
#[derive(Debug)]
pub enum Silence {
    /// It did not come in time.
    Late,
    /// The server cannot be reached, or refuses.
    Refused(tokio_postgres::Error),
}

/// The rows of one statement, which come within `patience`, connecting included. The parameters stand with their types, so that
/// nothing is prepared, which not every pooler follows; columns must be of types that PostgreSQL brings: enums as text.
pub async fn ask(
    config: &Config,
    sql: &str,
    parameters: &[(&(dyn ToSql + Sync), Type)],
    patience: Duration,
) -> Result<Vec<Row>, Silence> {
    let asked = async {
        // Without TLS, as everything on this machine.
        let (client, connection) = config.connect(NoTls).await?;
        let connection = tokio::spawn(connection);
        let rows = client.query_typed(sql, parameters).await;
        drop(client);
        connection.abort();
        rows
    };
    tokio::time::timeout(patience, asked)
        .await
        .map_err(|_elapsed| Silence::Late)?
        .map_err(Silence::Refused)
}
