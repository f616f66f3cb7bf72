//! An embedded PostgreSQL server, for the local system and the tests.

use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

use crate::launched::Launched;
use crate::python::Python;

/// A server that stops when this value is stopped or dropped, or when this process dies.
#[derive(Debug)]
pub struct Postgres {
    launched: Launched,
    facts: Facts,
}

#[derive(Debug, Deserialize)]
struct Facts {
    port: u16,
    password: String,
}

impl Postgres {
    /// Starts the server whose data is in `folder`; makes the data if there is none.
    pub async fn start(python: &Python, folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("Cannot create {}", folder.display()))?;
        let (launched, facts) = Launched::start(
            "PostgreSQL",
            python.script("postgres.py").arg(folder),
            &folder.join("launcher.log"),
        )
        .await?;
        Ok(Self { launched, facts })
    }

    /// The URL of a database of this server, as its superuser. The server's maintenance database is `postgres`.
    pub fn url(&self, database: &str) -> String {
        let Facts { port, password } = &self.facts;
        format!("postgresql://postgres:{password}@127.0.0.1:{port}/{database}")
    }

    /// Makes a database unless it exists.
    pub async fn create_database(&self, name: &str) -> anyhow::Result<()> {
        let (client, connection) =
            tokio_postgres::connect(&self.url("postgres"), tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        let exists = client
            .query_opt("SELECT FROM pg_database WHERE datname = $1", &[&name])
            .await?
            .is_some();
        if !exists {
            client
                .batch_execute(&format!(
                    "CREATE DATABASE \"{}\"",
                    name.replace('"', "\"\"")
                ))
                .await?;
        }
        drop(client);
        connection.await??;
        Ok(())
    }

    /// The launcher, to notice that the server ended by itself.
    pub fn launched(&mut self) -> &mut Launched {
        &mut self.launched
    }

    /// Stops the server; what was committed is kept.
    pub async fn stop(self) {
        self.launched.stop().await;
    }
}
