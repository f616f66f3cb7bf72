//! PostgreSQL as the system has it installed: the oldest version that is supported, on Debian 12.

use std::path::PathBuf;

use cairn_dev::service::{self, Home};
use tokio_postgres::Client;

pub use cairn_dev::service::{PASSWORD, SystemPostgres};

/// The path of an installed program, or `None` with a line that says what is skipped without it.
///
/// # Panics
///
/// In CI, where nothing may be skipped.
pub fn installed(program: &str, package: &str) -> Option<PathBuf> {
    let found = service::installed(program);
    assert!(
        found.is_some() || std::env::var_os("CI").is_none(),
        "{program} is missing: .ci/run has to install {package}"
    );
    if found.is_none() {
        eprintln!("skipped: {program} is not installed (Debian's package is {package})");
    }
    found
}

/// A server without TLS, if PostgreSQL is installed.
pub async fn system_postgres() -> Option<SystemPostgres> {
    let settings = |_: &Home| Ok(Vec::new());
    system_postgres_with(settings, "host all all 127.0.0.1/32 scram-sha-256").await
}

/// A server with settings of the test's own, and its rule about who may come how. `settings` may write files.
pub async fn system_postgres_with(
    settings: impl FnOnce(&Home) -> anyhow::Result<Vec<String>>,
    access: &str,
) -> Option<SystemPostgres> {
    let initdb = installed("initdb", "postgresql")?;
    let server = SystemPostgres::start(&initdb, settings, access).await;
    Some(server.expect("PostgreSQL starts"))
}

/// A connection for the test itself.
pub async fn connect(url: &str) -> Client {
    let settings = shared::db::ConnectionSettings::parse(url).expect("a database URL");
    settings.connect().await.expect("the database answers")
}
