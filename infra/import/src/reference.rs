//! Moving in from the database of the system that Cairn replaces.
//!
//! The old database is read in one snapshot and copied as it stands into temporary tables beside Cairn's. There one statement
//! for each table plans what becomes of each row (`plan.sql` in the table's folder: the rules), and others write it, some
//! thousand rows at a time, each batch in a transaction. So memory stays bounded, a run that was killed left whole batches, and
//! the next one goes on from there.
//!
//! What was brought over is remembered in `cairn_import.imported`, with a fingerprint: so that a later run knows what has
//! changed on either side. What it then does, and what becomes of each oddity of the old data (that system checked little),
//! stands in `infra/runbook/moving-in.md`.
//!
//! People, workspaces and memberships get version 0 among Clerk's objects: all that Clerk says wins, whenever it says it.

mod check;
mod copy;
mod report;
mod tables;
mod write;

use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use shared::db::ConnectionSettings;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, IsolationLevel};

use crate::target;
use report::Report;
use tables::TABLES;

/// Names the lock that keeps two imports apart: any number will do that nothing else uses in this database.
const LOCK: i64 = 0x0063_6169_726e;
/// How the codes of errors begin that are about values.
const DATA_EXCEPTION: &str = "22";
const WAIT_FOR_OTHER: &str = "SET statement_timeout = 0; SET lock_timeout = '20s'";
/// Statements over many rows are worth a plan for their values, which is not what the database is set to.
const PLAN_FOR_VALUES: &str = "SET plan_cache_mode = auto";

/// What `cargo import reference` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The URL of the old system's database
    #[arg(
        long,
        value_name = "URL",
        env = "REFERENCE_DATABASE_URL",
        hide_env_values = true
    )]
    source: String,
    /// Report what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Import although it is forgotten what earlier imports brought over (the schema `cairn_import` was dropped). What was
    /// deleted in Cairn since then comes back, ADMINs manage projects again where that was turned off, and an empty description
    /// of a workspace is filled in
    #[arg(long)]
    again: bool,
    /// Write a report on every row of which there is something to say into this file, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Brings the database over and prints what became of it.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    import(arguments).await.map_err(without_contents)
}

/// What PostgreSQL adds to its message may quote a row, and of values that do not fit also the message itself does.
fn without_contents(error: anyhow::Error) -> anyhow::Error {
    let Some(database) = error
        .downcast_ref::<tokio_postgres::Error>()
        .and_then(tokio_postgres::Error::as_db_error)
    else {
        return error;
    };
    let code = database.code().code();
    let message = if code.starts_with(DATA_EXCEPTION) {
        "a value does not fit"
    } else {
        database.message()
    };
    let place = database.constraint().or(database.table()).unwrap_or("-");
    anyhow!("{error}: PostgreSQL says {code}, {message} ({place})")
}

async fn import(arguments: Arguments) -> anyhow::Result<()> {
    let source = ConnectionSettings::parse(&arguments.source).context("--source cannot be used")?;
    let target = target::past_poolers()?;
    let mut source = target::connect(&source, "The old database").await?;
    let mut target = target::connect(&target, "Cairn's database").await?;
    check::is_migrated(&target).await?;
    only_import(&target).await?;
    target.batch_execute(PLAN_FOR_VALUES).await?;
    stage(&mut source, &target).await?;
    drop(source);
    plan(&target, &arguments).await?;
    let mut report = Report::read(&target).await?;
    if !arguments.dry_run {
        report.written(&write::all(&mut target).await?);
    }
    if let Some(path) = &arguments.report {
        report.save(&target, path).await?;
    }
    print!("{}", report.text());
    Ok(())
}

/// Two at once would plan the same. One that was killed goes on until the server notices.
async fn only_import(target: &Client) -> anyhow::Result<()> {
    target.batch_execute(WAIT_FOR_OTHER).await?;
    let locked = target.query_one("SELECT pg_advisory_lock($1)", &[&LOCK]);
    match locked.await {
        Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
            bail!("Another import is writing to this database.")
        }
        outcome => Ok(outcome.map(drop)?),
    }
}

/// Copies what is in the old database, all of it as of the same moment, into temporary tables.
async fn stage(source: &mut Client, target: &Client) -> anyhow::Result<()> {
    source
        .batch_execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        .await?;
    let snapshot = source
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    check::is_of_that_system(&snapshot, target).await?;
    target
        .batch_execute(include_str!("reference/staging.sql"))
        .await?;
    for table in &TABLES {
        let rows = copy::table(&snapshot, target, table)
            .await
            .with_context(|| format!("Copying {} failed", table.name))?;
        eprintln!("Read {rows} {}", table.called);
    }
    snapshot.commit().await?;
    Ok(())
}

/// Decides what becomes of each row. Nothing but temporary tables is written in a dry run.
async fn plan(target: &Client, arguments: &Arguments) -> anyhow::Result<()> {
    if !check::has_ledger(target).await? && !arguments.again {
        check::is_new_to_imports(target).await?;
    }
    if !arguments.dry_run {
        target
            .batch_execute(include_str!("reference/ledger.sql"))
            .await?;
    }
    let imported = if check::has_ledger(target).await? {
        include_str!("reference/imported.sql")
    } else {
        include_str!("reference/nothing_imported.sql")
    };
    target.batch_execute(imported).await?;
    for table in &TABLES {
        let name = table.name;
        target
            .batch_execute(table.plan)
            .await
            .with_context(|| format!("Planning {name} failed"))?;
        target
            .batch_execute(&format!(
                "CREATE UNIQUE INDEX ON new_{name} (n); ANALYZE new_{name}"
            ))
            .await?;
        target
            .batch_execute(&table.with_name(include_str!("reference/gone.sql")))
            .await?;
    }
    Ok(())
}
