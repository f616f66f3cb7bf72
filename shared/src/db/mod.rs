//! The database, one round trip at a time.
//!
//! A *round trip* (or flight) is what is sent before anything is waited for. All statements of a request are given to
//! [`Database`] together, as data, and leave together: first on a connection as `query_typed` with its `prepare` behind it,
//! afterwards as the prepared statement. Being data, they can be sent again when the connection turns out to be dead.

mod call;
mod connect;
mod failure;

use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolConfig, RecyclingMethod, Runtime, Timeouts,
};
use futures::TryStreamExt as _;
use futures::future::{join, join_all};
use tokio_postgres::{Row, RowStream, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::Error;
use crate::db::failure::Failure;

pub use crate::db::call::{Call, Param};
pub use crate::db::connect::{ConnectionSettings, InvalidDatabaseUrl};

/// How long a statement may take. It is watched from here, not by `statement_timeout`, which a transaction-mode pooler
/// does not let through; the statement is then cancelled and its connection dropped.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may wait for the database in all, a second attempt included: less than the function's time-out.
const REQUEST_LIMIT: Duration = Duration::from_secs(8);
/// How long connecting may take, TLS and authentication included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const CANCEL_TIMEOUT: Duration = Duration::from_millis(500);
/// How much the rows of one request may hold. What is larger does not fit Lambda's answer, however well it compresses,
/// and would not fit a function's memory for long.
const LARGEST_RESULT: usize = 32 * 1024 * 1024;

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
    pool: Pool,
    tls: MakeRustlsConnect,
    prepared: Option<Arc<Mutex<Prepared>>>,
}

/// The statements prepared on the connection in use.
#[derive(Default)]
struct Prepared {
    /// When that connection was made: tells it from its successor.
    connection: Option<Instant>,
    statements: HashMap<&'static str, Statement>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("pool", &self.pool.status())
            .finish_non_exhaustive()
    }
}

impl Database {
    /// Does not connect yet: see [`Self::warm_up`].
    pub fn new(config: DatabaseConfig) -> Self {
        let ConnectionSettings {
            config: connection,
            tls,
        } = config.connection;
        let manager = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let timeouts = Timeouts {
            wait: Some(STATEMENT_TIMEOUT),
            create: Some(CONNECT_TIMEOUT),
            recycle: Some(CONNECT_TIMEOUT),
        };
        let pool = Pool::builder(Manager::from_config(connection, tls.clone(), manager))
            .config(PoolConfig {
                max_size: 1,
                timeouts,
                ..PoolConfig::default()
            })
            .runtime(Runtime::Tokio1)
            .build()
            .expect("a runtime is given, which is all that the timeouts need");
        Self {
            pool,
            tls,
            prepared: config.prepared_statements.then(Arc::default),
        }
    }

    /// Opens the connection ahead of the first request. A database that is away is only logged: the first request tries
    /// again.
    pub async fn warm_up(&self) {
        if let Err(failure) = self.connection().await {
            tracing::warn!(cause = failure.cause(), "the database is away");
        }
    }

    /// The rows of one statement.
    pub async fn rows(&self, call: Call) -> Result<Vec<Row>, Error> {
        let [rows] = self.pipeline([call]).await?;
        Ok(rows)
    }

    /// The rows of several statements that are sent together, each seeing what is committed when its turn comes. For
    /// statements that only read: each must check the caller's rights itself.
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
        let deadline = Instant::now() + REQUEST_LIMIT;
        let results = match self.attempt(&calls, transaction, deadline).await {
            // Safe even when the server carried the statements out before the connection broke: every insert brings its
            // id and yields to the row that has it, and updates and deletions say what is to be, not what to change.
            Err(failure) if failure.is_worth_another_try() => {
                tracing::info!(cause = failure.cause(), "trying the statements again");
                self.attempt(&calls, transaction, deadline).await
            }
            results => results,
        };
        let results = results.map_err(Failure::into_error)?;
        Ok(results
            .try_into()
            .unwrap_or_else(|_| unreachable!("a result for each of the {N} calls")))
    }

    async fn attempt(
        &self,
        calls: &[Call],
        transaction: bool,
        deadline: Instant,
    ) -> Result<Vec<Vec<Row>>, Failure> {
        let connection = self.connection().await?;
        let limit = STATEMENT_TIMEOUT.min(deadline.saturating_duration_since(Instant::now()));
        let statements = join_all(calls.iter().map(|call| self.execute(&connection, call)));
        // Everything is queued in this order before anything is waited for.
        let flight = async {
            if transaction {
                let (begin, (results, commit)) = join(
                    connection.batch_execute("BEGIN"),
                    join(statements, connection.batch_execute("COMMIT")),
                )
                .await;
                begin.map_err(Failure::from)?;
                let results = results.into_iter().collect::<Result<Vec<_>, _>>()?;
                commit.map_err(Failure::from)?;
                Ok(results)
            } else {
                statements.await.into_iter().collect()
            }
        };
        let result = match tokio::time::timeout(limit, flight).await {
            Ok(result) => result,
            Err(_elapsed) => {
                self.cancel(&connection).await;
                Err(Failure::TimedOut)
            }
        };
        if let Err(failure) = &result
            && (failure.breaks_connection() || connection.is_closed())
        {
            drop(Object::take(connection));
        }
        result
    }

    /// Asks the server to give up what it is doing for us: the client has its answer.
    async fn cancel(&self, connection: &Object) {
        let token = connection.cancel_token();
        let _ = tokio::time::timeout(CANCEL_TIMEOUT, token.cancel_query(self.tls.clone())).await;
    }

    /// The connection, opened if there is none. One that the server closed meanwhile is found out before it is used.
    async fn connection(&self) -> Result<Object, Failure> {
        loop {
            let connection = self.pool.get().await?;
            // A frozen execution environment hears of a closed socket only when the runtime looks at its sockets again:
            // once for the event, once for the connection's task to act on it.
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            if connection.is_closed() {
                drop(Object::take(connection));
                continue;
            }
            return Ok(connection);
        }
    }

    async fn execute(&self, connection: &Object, call: &Call) -> Result<Vec<Row>, Failure> {
        let Some(prepared) = &self.prepared else {
            return rows(connection.query_typed_raw(call.sql(), call.typed_params())).await;
        };
        let created = Object::metrics(connection).created;
        let known = Prepared::of(prepared, created)
            .statements
            .get(call.sql())
            .cloned();
        if let Some(statement) = known {
            return rows(connection.query_raw(&statement, call.params())).await;
        }
        let types = call.types();
        let (rows, statement) = join(
            rows(connection.query_typed_raw(call.sql(), call.typed_params())),
            connection.prepare_typed(call.sql(), &types),
        )
        .await;
        // It fails where an earlier statement failed the transaction: then the next request prepares it.
        if let Ok(statement) = statement {
            Prepared::of(prepared, created)
                .statements
                .insert(call.sql(), statement);
        }
        rows
    }
}

impl Prepared {
    /// The statements of the connection made at `created`; those of a former one are forgotten.
    fn of(this: &Mutex<Self>, created: Instant) -> std::sync::MutexGuard<'_, Self> {
        let mut prepared = this.lock().unwrap_or_else(PoisonError::into_inner);
        if prepared.connection != Some(created) {
            *prepared = Self {
                connection: Some(created),
                statements: HashMap::new(),
            };
        }
        prepared
    }
}

async fn rows(
    stream: impl Future<Output = Result<RowStream, tokio_postgres::Error>>,
) -> Result<Vec<Row>, Failure> {
    let mut stream = pin!(stream.await?);
    let mut rows = Vec::new();
    let mut size = 0;
    while let Some(row) = stream.try_next().await? {
        size += row.raw_size_bytes();
        if size > LARGEST_RESULT {
            return Err(Failure::TooLarge);
        }
        rows.push(row);
    }
    Ok(rows)
}
