//! The database, one round trip at a time.
//!
//! A *round trip* (or flight) is what is sent before anything is waited for. All statements of a request are given to
//! [`Database`] together, as data, and leave together: first on a connection as `query_typed` with its `prepare` behind it,
//! afterwards as the prepared statement. Being data, they can be sent again when the connection turns out to be dead, and
//! leave in one flight with those of others who work at the same time ([`Database::together`]).

mod call;
mod connect;
mod connection;
mod failure;
mod flight;
mod row;
mod together;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::Error;
use crate::db::failure::Failure;
use crate::db::flight::{Connections, Unit};
use crate::db::together::Company;

pub use crate::db::call::{Call, Param};
pub use crate::db::connect::{ConnectionSettings, InvalidDatabaseUrl};
pub use crate::db::row::Row;

/// How long a statement may take. It is watched from here, not by `statement_timeout`, which a transaction-mode pooler
/// does not let through; the statement is then cancelled and its connection dropped.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may wait for the database in all, a second attempt included: less than the function's time-out.
const REQUEST_LIMIT: Duration = Duration::from_secs(8);

/// How the database is reached, and whether statements may stay prepared on a connection.
#[derive(Debug)]
pub struct DatabaseConfig {
    /// `DATABASE_URL`.
    pub connection: ConnectionSettings,
    /// `DATABASE_PREPARED_STATEMENTS`, on unless it is `off`. It must be off behind a transaction-mode pooler that does not
    /// follow prepared statements (PgBouncer before 1.21): there another client's statement may stand under our name.
    pub prepared_statements: bool,
}

/// The execution environment's one connection to PostgreSQL: made when needed, replaced when broken.
#[derive(Clone)]
pub struct Database {
    connections: Arc<Connections>,
    /// With whom its statements leave.
    company: Option<Company>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

impl Database {
    /// Does not connect yet: see [`Self::warm_up`].
    pub fn new(config: DatabaseConfig) -> Self {
        Self {
            connections: Arc::new(Connections::new(config)),
            company: None,
        }
    }

    /// Opens the connection ahead of the first request. A database that is away is only logged: the first request tries
    /// again.
    pub async fn warm_up(&self) {
        if let Err(cause) = self.connections.warm_up().await {
            tracing::warn!(cause, "the database is away");
        }
    }

    /// The rows of one statement.
    pub async fn rows(&self, call: Call) -> Result<Vec<Row>, Error> {
        let [rows] = self.pipeline([call]).await?;
        Ok(rows)
    }

    /// The rows of several statements that are sent together, each seeing what is committed when its turn comes. For
    /// statements of which none relies on another's: one that reads must check the caller's rights itself, one that writes
    /// is carried out whatever becomes of the one before it.
    pub async fn pipeline<const N: usize>(&self, calls: [Call; N]) -> Result<[Vec<Row>; N], Error> {
        self.run(calls, false).await
    }

    /// The same in one transaction: for a statement that writes, followed by those that read what it wrote. What the
    /// first one refused, the others must not rely on.
    pub async fn transaction<const N: usize>(
        &self,
        calls: [Call; N],
    ) -> Result<[Vec<Row>; N], Error> {
        self.run(calls, true).await
    }

    async fn run<const N: usize>(
        &self,
        calls: [Call; N],
        transaction: bool,
    ) -> Result<[Vec<Row>; N], Error> {
        let results = if let Some(company) = &self.company {
            company.ask(calls.into(), transaction).await
        } else {
            let calls = &calls;
            self.connections.one(Unit { calls, transaction }).await
        };
        let results = results.map_err(Failure::into_error)?;
        Ok(results
            .try_into()
            .unwrap_or_else(|_| unreachable!("a result for each of the {N} calls")))
    }
}
