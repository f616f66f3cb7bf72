//! Why a migration failed, in a sentence for the operator.

use std::{error::Error, fmt, io};

use tokio_postgres::error::SqlState;

/// Its text appears in CloudFormation's events and in logs. It never holds the database's URL, nor values that PostgreSQL
/// quotes from rows.
#[derive(thiserror::Error)]
pub enum Failure {
    /// No usable database URL.
    #[error("{0}")]
    Configuration(String),
    #[error("the database cannot be reached: {}", explain(.0))]
    Connection(#[from] tokio_postgres::Error),
    #[error("the database cannot be reached: it did not answer in time")]
    NoAnswer,
    #[error("the migrations failed: {}", explain(.0))]
    Migration(#[from] refinery::Error),
    /// A file with a lower number than one that is applied already: refinery would leave it out without a word.
    #[error(
        "migration {0} was never applied, but a later one was: give it a number above all others"
    )]
    LeftOut(String),
    #[error(
        "the migrations did not finish in time and were stopped; the unfinished one left nothing behind"
    )]
    OutOfTime,
    #[error("the migrations stopped by a fault of the program; its log has the reason")]
    Panicked,
}

/// Lambda's runtime logs errors in this form: the derived one would show all that the server said.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Failure {
    /// Whether somebody else held what was needed: for longer than it was waited for, or waiting for us in turn.
    pub fn is_a_lock(&self) -> bool {
        let Self::Migration(error) = self else {
            return false;
        };
        error
            .source()
            .and_then(|cause| cause.downcast_ref::<tokio_postgres::Error>())
            .and_then(tokio_postgres::Error::code)
            .is_some_and(|code| {
                [
                    SqlState::LOCK_NOT_AVAILABLE,
                    SqlState::T_R_DEADLOCK_DETECTED,
                ]
                .contains(code)
            })
    }

    /// Whether it may work a moment later: a database that is down, starting, or out of connections, but not one that knows
    /// neither the user nor the database, or that shows a certificate we do not trust.
    pub fn may_pass(&self) -> bool {
        let Self::Connection(error) = self else {
            return matches!(self, Self::NoAnswer);
        };
        match error.code() {
            Some(code) => {
                [SqlState::CANNOT_CONNECT_NOW, SqlState::TOO_MANY_CONNECTIONS].contains(code)
            }
            None => is_of_the_network(error),
        }
    }
}

fn is_of_the_network(error: &tokio_postgres::Error) -> bool {
    let cause = error
        .source()
        .and_then(|cause| cause.downcast_ref::<io::Error>());
    // rustls reports what it refuses as invalid data.
    cause.is_some_and(|cause| cause.kind() != io::ErrorKind::InvalidData)
}

/// The innermost reason. Errors of the driver say little themselves (`db error`), those of refinery which migration it was.
fn explain(error: &(dyn Error + 'static)) -> String {
    let mut sentence = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let part = match error.downcast_ref::<tokio_postgres::Error>() {
            Some(driver) => match driver.as_db_error() {
                Some(refusal) => {
                    return join(sentence, &said(refusal.code().code(), refusal.message()));
                }
                None => driver.to_string(),
            },
            None => match error
                .downcast_ref::<refinery::Error>()
                .map(refinery::Error::kind)
            {
                Some(refinery::error::Kind::Connection(what, _)) => what.clone(),
                _ => error.to_string(),
            },
        };
        sentence = join(sentence, &part);
        next = error.source();
    }
    sentence
}

fn said(code: &str, message: &str) -> String {
    // Values that do not fit are quoted in the message itself.
    let message = if code.starts_with("22") {
        "a value in the rows does not fit"
    } else {
        message
    };
    format!("{message} (SQLSTATE {code})")
}

fn join(sentence: String, part: &str) -> String {
    if sentence.is_empty() {
        part.to_owned()
    } else {
        sentence + ": " + part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_postgresql_quotes_are_left_out() {
        let quoted = said("22P02", "invalid input syntax for type integer: \"ada\"");
        assert_eq!(quoted, "a value in the rows does not fit (SQLSTATE 22P02)");
        let kept = said("42P07", "relation \"tasks\" already exists");
        assert_eq!(kept, "relation \"tasks\" already exists (SQLSTATE 42P07)");
    }
}
