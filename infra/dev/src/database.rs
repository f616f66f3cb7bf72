//! The database of the local system: the embedded one or one from outside, with its schema.

mod ask;
mod outside;

use std::process::Stdio;

use anyhow::{Context as _, bail};
use tokio::process::Command;
use tokio_postgres::config::Host;

use crate::places::Places;
use crate::postgres::Postgres;
use crate::progress::Progress;
use crate::python::Python;
use crate::settings::Settings;

pub use ask::{Silence, ask};
pub use outside::reach;

/// The name of the embedded server's database.
const DATABASE: &str = "cairn";

/// A database that is ready to be used.
#[derive(Debug)]
pub struct Database {
    url: String,
    direct_url: String,
    server: Option<Postgres>,
}

impl Database {
    /// Starts the embedded server, unless the settings name a database, and brings the schema up to date.
    pub async fn start(
        settings: &Settings,
        places: &Places,
        python: &Python,
        folder: &std::path::Path,
        progress: Progress,
    ) -> anyhow::Result<Self> {
        let database = if let Some(url) = &settings.database_url {
            let direct_url = settings.direct_url.as_ref().unwrap_or(url).clone();
            Self {
                url: url.clone(),
                direct_url,
                server: None,
            }
        } else {
            let step = progress.step("Starting PostgreSQL");
            let server = Postgres::start(python, &folder.join("postgres")).await?;
            server.create_database(DATABASE).await?;
            let url = server.url(DATABASE);
            step.done();
            Self {
                direct_url: url.clone(),
                url,
                server: Some(server),
            }
        };
        let step = progress.step("Migrating the database");
        database.migrate(places).await?;
        step.done();
        Ok(database)
    }

    /// The URL that functions use.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL that migrations use.
    pub fn direct_url(&self) -> &str {
        &self.direct_url
    }

    /// The embedded server, where it is ours.
    pub fn server(&mut self) -> Option<&mut Postgres> {
        self.server.as_mut()
    }

    /// Runs the `migrate` function as a program. The stack runs it as well, as in production; but then a failure would
    /// only be told as that of a custom resource.
    async fn migrate(&self, places: &Places) -> anyhow::Result<()> {
        let output = Command::new(places.functions().join("migrate"))
            .env("DIRECT_URL", &self.direct_url)
            .env_remove("AWS_LAMBDA_RUNTIME_API")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .context("Cannot run the migrate function")?;
        if !output.status.success() {
            let which = if self.server.is_some() {
                "embedded database"
            } else {
                "database of DATABASE_URL"
            };
            bail!(
                "The {which} could not be migrated: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(())
    }

    /// Whether its server is on this machine.
    pub fn is_on_this_machine(&self) -> bool {
        is_on_this_machine(&self.url)
    }

    /// Stops the embedded server.
    pub async fn stop(self) {
        if let Some(server) = self.server {
            server.stop().await;
        }
    }
}

/// Whether a URL names a server of this machine, which then needs no TLS.
pub fn is_on_this_machine(url: &str) -> bool {
    let Ok(config) = url.parse::<tokio_postgres::Config>() else {
        return false;
    };
    let local = |host: &Host| match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => true,
    };
    !config.get_hosts().is_empty()
        && config.get_hosts().iter().all(local)
        && config.get_hostaddrs().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_of_this_machine_are_known() {
        for url in [
            "postgres://u@localhost/d",
            "postgres://u@127.0.0.1:5433/d",
            "postgres:///d?host=/run/postgresql",
        ] {
            assert!(is_on_this_machine(url), "{url}");
        }
        for url in [
            "postgres://u@db.example.com/d",
            "postgres://u@localhost,db.example.com/d",
            "nonsense",
        ] {
            assert!(!is_on_this_machine(url), "{url}");
        }
    }
}
