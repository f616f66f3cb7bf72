//! A database from outside (`DATABASE_URL`), looked at before minutes go into building for it.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail, ensure};
use tokio::net::TcpStream;
use tokio_postgres::Config;
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;

use super::{Silence, ask, is_on_this_machine};
use crate::settings::Settings;

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The oldest PostgreSQL that the migrations run on.
const OLDEST: u32 = 15;

/// Whether the database that the settings name can be used, and what it is; none where they name none. The error is a sentence
/// that names the variable, and no password.
pub async fn reach(settings: &Settings) -> anyhow::Result<Option<String>> {
    let mut found = None;
    for (name, url) in [
        ("DIRECT_URL", &settings.direct_url),
        ("DATABASE_URL", &settings.database_url),
    ] {
        if let Some(url) = url {
            found = Some(reach_one(name, url).await?);
        }
    }
    Ok(found)
}

async fn reach_one(name: &str, url: &str) -> anyhow::Result<String> {
    // What stands behind the question mark may be of the functions' own (sslmode=verify-full, sslrootcert).
    let plain = url.split_once('?').map_or(url, |(plain, _)| plain);
    let config = url
        .parse::<Config>()
        .or_else(|_| plain.parse::<Config>())
        .with_context(|| {
            format!("{name} is no URL of a database (postgres://user:password@host:5432/database)")
        })?;
    if is_on_this_machine(url) {
        return log_in(name, &config).await;
    }
    tokio::time::timeout(PATIENCE, call(name, &config))
        .await
        .unwrap_or_else(|_elapsed| Err(late(name)))
}

fn late(name: &str) -> anyhow::Error {
    anyhow!(
        "The database of {name} does not answer within {} s: is it running, and is the address right?",
        PATIENCE.as_secs()
    )
}

/// A server of this machine, which needs no TLS.
async fn log_in(name: &str, config: &Config) -> anyhow::Result<String> {
    let answer = ask(config, "SHOW server_version", &[], PATIENCE).await;
    let rows = answer.map_err(|silence| match silence {
        Silence::Late => late(name),
        Silence::Refused(error) => anyhow!(refusal(name, config, &error)),
    })?;
    let version = rows.first().and_then(|row| row.try_get(0).ok());
    let version = version.unwrap_or("unknown");
    ensure!(
        is_new_enough(version),
        "The database of {name} is PostgreSQL {version}: {OLDEST} or later is needed. Without {name} an embedded one is used."
    );
    Ok(format!("PostgreSQL {version}, {}", address(config)))
}

/// One elsewhere: the functions log in to it over TLS.
async fn call(name: &str, config: &Config) -> anyhow::Result<String> {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let Some(Host::Tcp(host)) = config.get_hosts().first() else {
        bail!("{name} names no host.");
    };
    TcpStream::connect((host.as_str(), port))
        .await
        .with_context(|| format!("Nothing answers at {host}:{port}, where {name} leads"))?;
    Ok(format!("something answers at {host}:{port}"))
}

fn refusal(name: &str, config: &Config, error: &tokio_postgres::Error) -> String {
    let at = address(config);
    let database = config.get_dbname().unwrap_or("postgres");
    match error.code() {
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => {
            format!(
                "There is no database {database:?} at {at}: make it (`createdb {database}`), or change {name}."
            )
        }
        Some(code)
            if [
                SqlState::INVALID_PASSWORD,
                SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
            ]
            .contains(code) =>
        {
            format!(
                "The server at {at} does not let this user in: user or password of {name} is wrong."
            )
        }
        Some(_) => {
            let said = error.as_db_error().map_or("", |error| error.message());
            format!("The server at {at}, where {name} leads, refuses: {said}.")
        }
        None => format!(
            "No PostgreSQL answers at {at}, where {name} leads: start it, or unset {name} to use an embedded one."
        ),
    }
}

fn address(config: &Config) -> String {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match config.get_hosts().first() {
        Some(Host::Tcp(host)) => format!("{host}:{port}"),
        Some(Host::Unix(folder)) => format!("{} ({port})", folder.display()),
        None => "an unnamed host".to_owned(),
    }
}

/// Whether a version like `16.3 (Debian 16.3-1)` or `17beta1` will do.
fn is_new_enough(version: &str) -> bool {
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse::<u32>().is_ok_and(|major| major >= OLDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn refused(url: &str) -> String {
        let error = reach_one("DATABASE_URL", url).await;
        format!("{:#}", error.expect_err("nothing can be reached there"))
    }

    #[tokio::test]
    async fn what_cannot_be_reached_is_told_with_its_variable_and_without_the_password() {
        let closed = crate::service::free_port().expect("there is a free port");
        let told = refused(&format!("postgres://me:hunter2@127.0.0.1:{closed}/cairn")).await;
        assert!(
            told.contains("DATABASE_URL") && told.contains("unset"),
            "{told}"
        );
        assert!(!told.contains("hunter2"), "{told}");
        let told = refused("postgres://me:hunter2@127.0.0.1:port/cairn").await;
        assert!(told.contains("DATABASE_URL is no URL"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }

    #[test]
    fn old_servers_are_told_from_new_ones() {
        for version in ["15.0", "16.3 (Debian 16.3-1.pgdg120+1)", "19beta1"] {
            assert!(is_new_enough(version), "{version}");
        }
        for version in ["14.12", "9.6.24", "unknown"] {
            assert!(!is_new_enough(version), "{version}");
        }
    }
}
