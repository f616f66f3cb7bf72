//! What can go wrong with a statement, whether trying again can help, and what the client is told.

use tokio_postgres::error::SqlState;

use crate::{Error, Refusal};

/// Why statements gave no rows.
#[derive(Debug)]
pub(super) enum Failure {
    /// No connection could be had, or not in time: why, for the log.
    NotConnected(String),
    /// PostgreSQL, or the connection to it.
    Database(tokio_postgres::Error),
    /// No answer in time.
    TimedOut,
    /// No answer, because of somebody else's statement before it in the flight, which had none in time.
    HeldUp,
    /// More rows than an answer can hold.
    TooLarge,
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl Failure {
    /// Whether the same statements may succeed at once on another connection: the server ended this one, or asks for a
    /// repetition (a deadlock, a plan that no longer fits the table), or did not come to them.
    pub(super) fn is_worth_another_try(&self) -> bool {
        match self {
            Self::NotConnected(_) | Self::TimedOut | Self::TooLarge => false,
            Self::HeldUp => true,
            Self::Database(error) => {
                self.breaks_connection()
                    || matches!(
                        error.code(),
                        Some(
                            &SqlState::T_R_DEADLOCK_DETECTED | &SqlState::T_R_SERIALIZATION_FAILURE
                        )
                    )
            }
        }
    }

    /// Whether the connection must not be used again.
    pub(super) fn breaks_connection(&self) -> bool {
        match self {
            Self::NotConnected(_) => false,
            // Its remaining rows, or its late answer, would arrive on it.
            Self::TimedOut | Self::HeldUp | Self::TooLarge => true,
            Self::Database(error) => match error.code() {
                // Connection exceptions, the server shutting down, a plan or a prepared statement that is gone.
                Some(code) => {
                    code.code().starts_with("08")
                        || code.code().starts_with("57P")
                        || [
                            SqlState::FEATURE_NOT_SUPPORTED,
                            SqlState::INVALID_SQL_STATEMENT_NAME,
                        ]
                        .contains(code)
                }
                None => true,
            },
        }
    }

    /// What the client is told. The server's own words stay out even of the log, where they may quote a user's values.
    pub(super) fn into_error(self) -> Error {
        let cause = self.cause();
        match self {
            Self::NotConnected(_) | Self::TimedOut | Self::HeldUp => Error::unavailable(cause),
            Self::TooLarge => Error::too_many_results(),
            Self::Database(error) => {
                let Some(refused) = error.as_db_error() else {
                    return Error::unavailable(cause);
                };
                if let Some(refusal) = refused.constraint().and_then(Refusal::of_constraint) {
                    return refusal.into();
                }
                match refused.code().code().get(..2) {
                    // Connection, a repetition that met what it repeats for again, resources, operator intervention, system;
                    // read-only after a failover.
                    Some("08" | "40" | "53" | "57" | "58") => Error::unavailable(cause),
                    _ if *refused.code() == SqlState::READ_ONLY_SQL_TRANSACTION => {
                        Error::unavailable(cause)
                    }
                    _ => Error::internal(cause),
                }
            }
        }
    }

    /// For the log, without a word that a user may have written.
    pub(super) fn cause(&self) -> String {
        match self {
            Self::NotConnected(cause) => cause.clone(),
            Self::Database(error) => describe(error),
            Self::TimedOut => "the statement timed out".to_owned(),
            Self::HeldUp => "a statement before it timed out".to_owned(),
            Self::TooLarge => "the result is too large".to_owned(),
        }
    }
}

pub(super) fn describe(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    if let Some(refused) = error.as_db_error() {
        return format!(
            "SQLSTATE {} at {}, table {}, constraint {}",
            refused.code().code(),
            refused.routine().unwrap_or("-"),
            refused.table().unwrap_or("-"),
            refused.constraint().unwrap_or("-"),
        );
    }
    let source = error
        .source()
        .map(|source| format!(": {source}"))
        .unwrap_or_default();
    format!("{error}{source}")
}

/// A row that does not read as the objects expect.
impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::internal(describe(&error))
    }
}
