//! A PostgreSQL server for measuring.

use std::path::PathBuf;

use anyhow::Context as _;
use cairn_dev::service::{Authority, Home, PASSWORD, SystemPostgres, USER, installed};
use tokio_postgres::{Client, NoTls};

/// The name in the server's certificate. Nobody has to resolve it: `hostaddr` says where it is.
const NAME: &str = "db.bench.example";
/// The file with the certificate of who vouches for the server.
const AUTHORITY: &str = "authority.pem";

/// As PostgreSQL comes, but that nothing beside the measured statements works at the same time, and that commits wait for no
/// disk: what a disk takes says nothing about the functions.
const SETTINGS: [&str; 6] = [
    "max_connections=300",
    "shared_buffers=256MB",
    "autovacuum=off",
    "synchronous_commit=off",
    "max_wal_size=4GB",
    "checkpoint_timeout=1h",
];

/// A running server with its files. Dropping it stops it and removes them.
pub struct Server(SystemPostgres);

impl Server {
    /// Starts a server with nothing in it.
    pub async fn start() -> anyhow::Result<Self> {
        let initdb = installed("initdb").context(
            "PostgreSQL's server is not installed (on Debian and Ubuntu: `apt-get install postgresql`).",
        )?;
        let authority = Authority::create("Cairn's benchmarks")?;
        let settings = |home: &Home| {
            home.write(AUTHORITY, &authority.certificate)?;
            let mut settings = authority.postgres_settings(NAME, home)?;
            settings.extend(SETTINGS.map(str::to_owned));
            Ok(settings)
        };
        let access = "host all all 127.0.0.1/32 scram-sha-256";
        let server = SystemPostgres::start(&initdb, settings, access).await?;
        Ok(Self(server))
    }

    /// The server itself.
    pub fn postgres(&self) -> &SystemPostgres {
        &self.0
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.0.port()
    }

    /// A database's URL without TLS.
    pub fn url(&self, database: &str) -> String {
        url_through(self.port(), database)
    }

    /// The URL with TLS, without who vouches for the server.
    pub fn secured_url(&self, database: &str) -> String {
        let port = self.port();
        format!(
            "postgresql://{USER}:{PASSWORD}@{NAME}:{port}/{database}?hostaddr=127.0.0.1&sslmode=require"
        )
    }

    /// The certificate of who vouches for the server.
    pub fn authority(&self) -> PathBuf {
        self.0.home().path().join(AUTHORITY)
    }

    /// A connection for the benchmark's own use.
    pub async fn connect(&self, database: &str) -> anyhow::Result<Client> {
        let (client, connection) = tokio_postgres::connect(&self.url(database), NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

/// A database's URL through another port of this machine.
pub fn url_through(port: u16, database: &str) -> String {
    format!("postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/{database}?sslmode=disable")
}
