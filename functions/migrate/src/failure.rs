//! Why a migration failed, in a sentence for the operator.

use std::{error::Error, io};

use tokio_postgres::error::SqlState;

/// Its text appears in CloudFormation's events and in logs. It never holds the database's URL, nor the rows PostgreSQL quotes in
/// the detail of an error.
#[derive(Debug, thiserror::Error)]
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

impl Failure {
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
                    return join(
                        sentence,
                        &format!("{} (SQLSTATE {})", refusal.message(), refusal.code().code()),
                    );
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

fn join(sentence: String, part: &str) -> String {
    if sentence.is_empty() {
        part.to_owned()
    } else {
        sentence + ": " + part
    }
}
