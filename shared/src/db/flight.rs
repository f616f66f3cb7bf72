//! Flights over the environment's connection: what is sent before anything is waited for, and what becomes of it when the
//! connection breaks, the server asks for a repetition, or no answer comes.

use std::fmt;
use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;
use tokio_postgres::Row;

use super::call::Call;
use super::connect::ConnectionSettings;
use super::connection::Connection;
use super::failure::{self, Failure};
use super::{DatabaseConfig, REQUEST_LIMIT, STATEMENT_TIMEOUT};

/// How long connecting may take, TLS and authentication included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Statements that succeed or fail as one. Several units may share a flight; what becomes of one is nothing to the others.
#[derive(Clone, Copy)]
pub(super) struct Unit<'a> {
    pub calls: &'a [Call],
    /// Whether they are one transaction; otherwise each stands for itself.
    pub transaction: bool,
}

/// The rows of each statement of a unit.
pub(super) type Outcome = Result<Vec<Vec<Row>>, Failure>;

/// The connection, and how to make another one. Flights leave one after the other.
pub(super) struct Connections {
    settings: ConnectionSettings,
    prepares: bool,
    open: Mutex<Option<Connection>>,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Connections {
    /// Nothing is opened yet.
    pub(super) fn new(config: DatabaseConfig) -> Self {
        Self {
            settings: config.connection,
            prepares: config.prepared_statements,
            open: Mutex::default(),
        }
    }

    /// Opens the connection. The error is the cause, for the log.
    pub(super) async fn warm_up(&self) -> Result<(), String> {
        let mut open = self.turn().await?;
        self.usable(&mut open).await.map(drop)
    }

    /// One unit in a flight of its own.
    pub(super) async fn one(&self, unit: Unit<'_>) -> Outcome {
        let mut outcomes = self.all(&[unit]).await;
        outcomes
            .pop()
            .unwrap_or_else(|| unreachable!("an outcome for the unit"))
    }

    /// Several units in one flight; the outcomes stand in the same order. Those that may succeed at once when they are sent
    /// again are, once.
    pub(super) async fn all(&self, units: &[Unit<'_>]) -> Vec<Outcome> {
        let deadline = Instant::now() + REQUEST_LIMIT;
        let mut outcomes = self.attempt(units, deadline).await;
        // Safe even when the server carried the statements out before the connection broke: every insert brings its
        // id and yields to the row that has it, and updates and deletions say what is to be, not what to change.
        let mut again = Vec::new();
        for (position, outcome) in outcomes.iter().enumerate() {
            if let Err(failure) = outcome
                && failure.is_worth_another_try()
            {
                // What broke them as a rule is the same for all: one line says it.
                if again.is_empty() {
                    tracing::info!(cause = failure.cause(), "trying the statements again");
                }
                again.push(position);
            }
        }
        if !again.is_empty() {
            let units: Vec<_> = again.iter().map(|&position| units[position]).collect();
            let second = self.attempt(&units, deadline).await;
            for (position, outcome) in again.into_iter().zip(second) {
                outcomes[position] = outcome;
            }
        }
        outcomes
    }

    async fn attempt(&self, units: &[Unit<'_>], deadline: Instant) -> Vec<Outcome> {
        let not_connected = |cause: String| -> Vec<Outcome> {
            let failures = units
                .iter()
                .map(|_| Err(Failure::NotConnected(cause.clone())));
            failures.collect()
        };
        let mut open = match self.turn().await {
            Ok(open) => open,
            Err(cause) => return not_connected(cause),
        };
        let connection = match self.usable(&mut open).await {
            Ok(connection) => connection,
            Err(cause) => return not_connected(cause),
        };
        let limit = STATEMENT_TIMEOUT.min(deadline.saturating_duration_since(Instant::now()));
        let mut outcomes: Vec<Option<Outcome>> = units.iter().map(|_| None).collect();
        // Polled in this order for the first time, and a unit sends all that it has to send then.
        let flight = join_all(
            units
                .iter()
                .zip(&mut outcomes)
                .map(|(unit, outcome)| async move {
                    *outcome = Some(connection.carry_out(*unit).await);
                }),
        );
        if timeout(limit, flight).await.is_err() {
            connection.cancel(self.settings.tls.clone()).await;
        }
        // The server works them off in order: it is the first one without an answer that took too long.
        let mut late = Failure::TimedOut;
        let outcomes: Vec<Outcome> = outcomes
            .into_iter()
            .map(|outcome| {
                outcome.unwrap_or_else(|| Err(std::mem::replace(&mut late, Failure::HeldUp)))
            })
            .collect();
        let mut failures = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
        if failures.any(|failure| failure.breaks_connection() || connection.is_closed()) {
            *open = None;
        }
        outcomes
    }

    /// The turn to send something: whoever has it has the connection to themselves.
    async fn turn(&self) -> Result<MutexGuard<'_, Option<Connection>>, String> {
        if let Ok(open) = self.open.try_lock() {
            return Ok(open);
        }
        timeout(STATEMENT_TIMEOUT, self.open.lock())
            .await
            .map_err(|_elapsed| "others use the connection".to_owned())
    }

    /// The connection, opened if there is none. One that the server closed meanwhile is found out before it is used.
    async fn usable<'c>(&self, open: &'c mut Option<Connection>) -> Result<&'c Connection, String> {
        if open.is_some() {
            // A frozen execution environment hears of a closed socket only when the runtime looks at its sockets again:
            // once for the event, once for the connection's task to act on it.
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        }
        let connection = match open.take() {
            Some(connection) if !connection.is_closed() => connection,
            _ => self.connect().await?,
        };
        Ok(open.insert(connection))
    }

    async fn connect(&self) -> Result<Connection, String> {
        match timeout(CONNECT_TIMEOUT, self.settings.connect()).await {
            Ok(Ok(client)) => Ok(Connection::new(client, self.prepares)),
            Ok(Err(error)) => Err(format!("connecting: {}", failure::describe(&error))),
            Err(_elapsed) => Err("connecting took too long".to_owned()),
        }
    }
}
