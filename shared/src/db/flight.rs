//! Flights over the environment's connection: what is sent before anything is waited for, and what becomes of it when the
//! connection breaks, the server asks for a repetition, or no answer comes.

use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolConfig, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use futures::future::join_all;
use tokio::time::timeout;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::call::Call;
use super::connection::{Connection, Prepared};
use super::failure::{self, Failure};
use super::row::Row;
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

/// The pool with its one connection. Flights leave one after the other.
pub(super) struct Connections {
    pool: Pool,
    tls: MakeRustlsConnect,
    /// Nothing where statements may not stay prepared.
    prepared: Option<Mutex<Prepared>>,
}

/// The connection while statements are under way on it. Dropped before it lands, because somebody stopped waiting or something
/// broke, it does not go back to the pool: the next one would wait for what nobody wants any more.
struct InFlight(Option<Object>);

impl InFlight {
    fn land(mut self) {
        drop(self.0.take());
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("pool", &self.pool.status())
            .finish_non_exhaustive()
    }
}

impl Connections {
    /// Nothing is opened yet.
    pub(super) fn new(config: DatabaseConfig) -> Self {
        let settings = config.connection;
        let tls = settings.tls.clone();
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let timeouts = Timeouts {
            wait: Some(STATEMENT_TIMEOUT),
            create: Some(CONNECT_TIMEOUT),
            recycle: Some(CONNECT_TIMEOUT),
        };
        let manager = Manager::from_connect(settings.config.clone(), settings, recycling);
        let pool = Pool::builder(manager)
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
            prepared: config.prepared_statements.then(Mutex::default),
        }
    }

    /// Opens the connection. The error is the cause, for the log.
    pub(super) async fn warm_up(&self) -> Result<(), String> {
        self.usable().await.map(drop)
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
        let object = match self.usable().await {
            Ok(object) => object,
            Err(cause) => {
                let failures = units
                    .iter()
                    .map(|_| Err(Failure::NotConnected(cause.clone())));
                return failures.collect();
            }
        };
        let in_flight = InFlight(Some(object));
        let Some(object) = &in_flight.0 else {
            unreachable!("it has not landed")
        };
        let connection = &Connection::new(object, self.prepared.as_ref());
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
            connection.cancel(self.tls.clone()).await;
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
        if !failures.any(|failure| failure.breaks_connection() || object.is_closed()) {
            in_flight.land();
        }
        outcomes
    }

    /// The connection, opened if there is none, for whoever has it alone. One that the server closed meanwhile is found out
    /// before it is used.
    async fn usable(&self) -> Result<Object, String> {
        loop {
            let object = self.pool.get().await.map_err(|error| match error {
                PoolError::Backend(error) => {
                    format!("connecting: {}", failure::describe(&error))
                }
                error => format!("connecting: {error}"),
            })?;
            // A frozen execution environment hears of a closed socket only when the runtime looks at its sockets again:
            // once for the event, once for the connection's task to act on it.
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            if !object.is_closed() {
                return Ok(object);
            }
            drop(Object::take(object));
        }
    }
}
