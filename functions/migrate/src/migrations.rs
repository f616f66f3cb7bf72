//! The migrations of the repository, and how they are applied to a database.

use std::{future::Future, time::Duration};

use refinery::{Report, Runner};
use shared::db::ConnectionSettings;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_postgres::Client;

use crate::failure::Failure;

mod embedded {
    #![allow(missing_docs)]
    refinery::embed_migrations!("../../migrations");
}

/// How long to wait until the server has taken note of a cancellation.
const CANCEL_LIMIT: Duration = Duration::from_secs(3);

/// One try to connect, the look-up of the name and the TLS handshake included.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// The pauses between tries: a database that was asleep needs some seconds to wake up.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// Names the lock that keeps two runs apart: any number will do that nothing else uses in this database.
const LOCK: i64 = 0x0043_6169_726e;

/// A migration that waits for a lock on a table makes every request wait that comes after it, and those give up after five
/// seconds. So it waits for less than that, is rolled back, and lets them pass before it tries again.
const WAIT_FOR_TABLES: &str = "SET lock_timeout = '2s'";
const TRIES_FOR_TABLES: u32 = 12;
const PAUSE_FOR_TABLES: Duration = Duration::from_secs(5);

/// Plans that are made once and kept, for statements that are made for them. Left to itself the server plans the first five
/// executions in each connection anew, which costs more than most of them do, and an environment seldom lives much longer.
const SETTINGS: &str = include_str!("settings.sql");

/// The database that `DIRECT_URL` names, which should lead past any pooler; without it the one of `DATABASE_URL`.
pub fn database_from_environment() -> Result<ConnectionSettings, Failure> {
    let variable = |name: &'static str| {
        let value = std::env::var(name).ok().filter(|url| !url.is_empty())?;
        Some((name, value))
    };
    let Some((name, url)) = variable("DIRECT_URL").or_else(|| variable("DATABASE_URL")) else {
        return Err(Failure::Configuration(
            "DIRECT_URL (or DATABASE_URL) has to be set to the URL of the database".into(),
        ));
    };
    ConnectionSettings::parse(&url)
        .map_err(|reason| Failure::Configuration(format!("{name} cannot be used: {reason}")))
}

/// Applies what is missing, each migration in a transaction of its own, and returns the names of those it applied.
///
/// Runs at the same time wait for each other. A database that is ahead of this program (an older version was deployed
/// again) is left as it is. After the deadline the statement under way is cancelled and its migration rolled back.
pub async fn apply(
    database: &ConnectionSettings,
    deadline: Option<Instant>,
) -> Result<Vec<String>, Failure> {
    let guard = before(deadline, connect(database)).await?;
    let session = before(deadline, connect(database)).await?;
    let under_way = [guard.cancel_token(), session.cancel_token()];
    let outcome = before(deadline, apply_under_lock(guard, session)).await;
    if matches!(outcome, Err(Failure::OutOfTime)) {
        // Gone clients alone do not stop a statement: the server looks at the connection when it has something to say.
        for statement in under_way {
            if let Ok(Err(error)) =
                timeout(CANCEL_LIMIT, statement.cancel_query(database.tls.clone())).await
            {
                tracing::warn!(cause = %error, "a statement could not be cancelled");
            }
        }
    }
    outcome
}

async fn apply_under_lock(mut guard: Client, mut session: Client) -> Result<Vec<String>, Failure> {
    // The lock belongs to a transaction of a second connection. It goes when that connection goes, whatever happens, and holds
    // behind a transaction-mode pooler as well, where a session has no lasting connection that could own it.
    let lock = guard.transaction().await?;
    lock.batch_execute(&format!(
        "SET LOCAL lock_timeout = 0;
         SET LOCAL statement_timeout = 0;
         SET LOCAL idle_in_transaction_session_timeout = 0;
         SELECT pg_advisory_xact_lock({LOCK})"
    ))
    .await?;

    session.batch_execute(WAIT_FOR_TABLES).await?;
    // An unknown later migration is the one thing this setting is for, see `refuse_left_out` for the other it would let pass.
    let runner = embedded::migrations::runner().set_abort_missing(false);
    let applied = run(&runner, &mut session).await?;
    refuse_left_out(&runner, &mut session).await?;
    if let Err(cause) = session.batch_execute(SETTINGS).await {
        // It is the database's owner who may. Without it everything works, slower.
        tracing::warn!(%cause, "the database's settings were left as they are");
    }
    Ok(applied)
}

/// Runs the migrations, several times if somebody else holds a table that they need.
async fn run(runner: &Runner, session: &mut Client) -> Result<Vec<String>, Failure> {
    let names = |report: &Report| -> Vec<String> {
        let migrations = report.applied_migrations().iter();
        migrations.map(ToString::to_string).collect()
    };
    let mut applied = Vec::new();
    for _ in 1..TRIES_FOR_TABLES {
        match runner.run_async(session).await {
            Ok(report) => {
                applied.extend(names(&report));
                return Ok(applied);
            }
            Err(error) => {
                // What was applied before the lock was met is done.
                applied.extend(error.report().map(names).unwrap_or_default());
                let failure = Failure::from(error);
                if !failure.is_a_lock() {
                    return Err(failure);
                }
                tracing::warn!(cause = %failure, "trying again");
            }
        }
        sleep(PAUSE_FOR_TABLES).await;
    }
    applied.extend(names(&runner.run_async(session).await?));
    Ok(applied)
}

/// A file numbered below one that is applied already would be passed over in silence.
async fn refuse_left_out(runner: &Runner, session: &mut Client) -> Result<(), Failure> {
    let applied = runner.get_applied_migrations_async(session).await?;
    let left_out = runner.get_migrations().iter().find(|ours| {
        applied
            .iter()
            .all(|theirs| theirs.version() != ours.version())
    });
    match left_out {
        Some(migration) => Err(Failure::LeftOut(migration.to_string())),
        None => Ok(()),
    }
}

async fn connect(database: &ConnectionSettings) -> Result<Client, Failure> {
    for pause in PAUSES {
        match connect_once(database).await {
            Err(failure) if failure.may_pass() => {
                tracing::warn!(cause = %failure, "trying again");
                sleep(pause).await;
            }
            outcome => return outcome,
        }
    }
    connect_once(database).await
}

async fn connect_once(database: &ConnectionSettings) -> Result<Client, Failure> {
    match timeout(CONNECT_LIMIT, database.connect()).await {
        Ok(outcome) => outcome.map_err(Failure::Connection),
        Err(_) => Err(Failure::NoAnswer),
    }
}

async fn before<T>(
    deadline: Option<Instant>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    match deadline {
        Some(deadline) => timeout_at(deadline, work)
            .await
            .unwrap_or(Err(Failure::OutOfTime)),
        None => work.await,
    }
}
