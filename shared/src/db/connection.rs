//! One connection, and the statements that are prepared on it.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use deadpool_postgres::Object;
use futures::TryStreamExt as _;
use futures::future::{join, join_all};
use tokio_postgres::{RowStream, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::call::Call;
use super::failure::Failure;
use super::flight::{Outcome, Unit};
use super::row::Row;

const CANCEL_TIMEOUT: Duration = Duration::from_millis(500);
/// How much the rows of one statement may hold. What is larger does not fit Lambda's answer, however well it compresses,
/// and would not fit a function's memory for long.
const LARGEST_RESULT: usize = 16 * 1024 * 1024;

/// A connection to PostgreSQL. Whatever is begun on it before anything is waited for leaves in one flight.
pub(super) struct Connection<'c> {
    client: &'c Object,
    /// Nothing where statements may not stay prepared.
    prepared: Option<&'c Mutex<Prepared>>,
}

/// The statements that are prepared on the pool's connection, each by its text: nothing while it is being prepared. They are
/// few, and their texts mostly are the very same constants, so that looking through them all is quickest.
#[derive(Default)]
pub(super) struct Prepared {
    /// When that connection was made: tells it from its successor.
    connection: Option<Instant>,
    statements: Vec<(&'static str, Option<Statement>)>,
}

/// How a statement is to be sent.
enum Way {
    /// As it was prepared.
    Prepared(Statement),
    /// With its text, and the wish to prepare it behind it.
    Preparing,
    /// With its text: another in the same flight prepares it, or nobody may.
    Typed,
}

impl<'c> Connection<'c> {
    /// `prepared` is nothing where statements may not stay prepared.
    pub(super) fn new(client: &'c Object, prepared: Option<&'c Mutex<Prepared>>) -> Self {
        Self { client, prepared }
    }

    /// Asks the server to give up what it is doing for us: the client has its answer.
    pub(super) async fn cancel(&self, tls: MakeRustlsConnect) {
        let token = self.client.cancel_token();
        let _ = tokio::time::timeout(CANCEL_TIMEOUT, token.cancel_query(tls)).await;
    }

    /// Sends all of a unit when first polled, in this order and with nothing else in between, and then waits for its rows.
    pub(super) async fn carry_out(&self, unit: Unit<'_>) -> Outcome {
        if let Unit {
            calls: [call],
            transaction: false,
        } = unit
        {
            return Ok(vec![self.execute(call).await?]);
        }
        let statements = join_all(unit.calls.iter().map(|call| self.execute(call)));
        if !unit.transaction {
            return statements.await.into_iter().collect();
        }
        let (begin, (results, commit)) = join(
            self.client.batch_execute("BEGIN"),
            join(statements, self.client.batch_execute("COMMIT")),
        )
        .await;
        begin.map_err(Failure::from)?;
        let results = results.into_iter().collect::<Result<Vec<_>, _>>()?;
        commit.map_err(Failure::from)?;
        Ok(results)
    }

    async fn execute(&self, call: &Call) -> Result<Vec<Row>, Failure> {
        let unprepared = || rows(self.client.query_typed_raw(call.sql(), call.typed_params()));
        match self.way(call.sql()) {
            Way::Prepared(statement) => {
                rows(self.client.query_raw(&statement, call.params())).await
            }
            Way::Typed => unprepared().await,
            Way::Preparing => {
                let types = call.types();
                let prepare = self.client.prepare_typed(call.sql(), &types);
                let (rows, statement) = join(unprepared(), prepare).await;
                // It fails where an earlier statement failed the transaction: then the next one prepares it.
                self.remember(call.sql(), statement.ok());
                rows
            }
        }
    }

    fn way(&self, sql: &'static str) -> Way {
        let Some(mut prepared) = self.prepared() else {
            return Way::Typed;
        };
        match prepared.find(sql) {
            Some((_, Some(statement))) => Way::Prepared(statement.clone()),
            Some((_, None)) => Way::Typed,
            None => {
                prepared.statements.push((sql, None));
                Way::Preparing
            }
        }
    }

    fn remember(&self, sql: &'static str, statement: Option<Statement>) {
        let Some(mut prepared) = self.prepared() else {
            return;
        };
        match (prepared.find(sql), statement) {
            (Some(found), Some(statement)) => found.1 = Some(statement),
            _ => prepared.statements.retain(|(other, _)| *other != sql),
        }
    }

    /// The statements prepared on this connection; those of a former one are forgotten.
    fn prepared(&self) -> Option<MutexGuard<'c, Prepared>> {
        let mut prepared = self
            .prepared?
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let connection = Some(Object::metrics(self.client).created);
        if prepared.connection != connection {
            *prepared = Prepared {
                connection,
                statements: Vec::new(),
            };
        }
        Some(prepared)
    }
}

impl Prepared {
    fn find(&mut self, sql: &'static str) -> Option<&mut (&'static str, Option<Statement>)> {
        self.statements
            .iter_mut()
            .find(|(other, _)| std::ptr::eq(*other, sql) || *other == sql)
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
        rows.push(row.into());
    }
    Ok(rows)
}
