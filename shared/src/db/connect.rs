//! How a connection to PostgreSQL is made: what the database URL says, safe defaults, TLS.

mod parameters;
mod roots;
#[cfg(test)]
mod tests;

use std::{fmt, net::IpAddr, time::Duration};

use deadpool_postgres::Connect;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use rustls::{ClientConfig, RootCertStore};
use tokio::task::JoinHandle;
use tokio_postgres::config::{Config, Host, SslMode, SslNegotiation};
use tokio_postgres_rustls::MakeRustlsConnect;

use parameters::UrlParts;

use crate::tls;

/// A name lookup is not part of it, nor is the TLS handshake; callers that promise an answer by a certain time put their
/// own limit around the whole.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long sent bytes may stay unacknowledged: a server that vanished without a word is noticed while there still is time
/// to answer.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(4);

/// Lambda freezes an environment between requests, and NAT gateways and poolers forget idle connections meanwhile. The probe
/// is due as soon as the environment thaws and brings the reset of a connection that is gone.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);
const KEEPALIVE_RETRIES: u32 = 2;

const APPLICATION_NAME: &str = "cairn";

/// Where the database is and how to reach it, read from a URL as `libpq` knows it.
///
/// # TLS
///
/// | `sslmode` | |
/// |---|---|
/// | `disable` | no TLS |
/// | `prefer` | TLS if the server offers it |
/// | `require`, `verify-ca`, `verify-full` | TLS or no connection |
/// | not given | as `disable` on loopback addresses and unix sockets, else as `verify-full` |
///
/// Whenever TLS is spoken the certificate is verified in full, name included. That is stricter than `libpq` in `prefer`,
/// `require` and `verify-ca`: encryption to an unknown peer protects nothing. Trusted are Mozilla's roots, for hosts of
/// Amazon RDS its roots as well, and the certificates in the file that `sslrootcert` names.
///
/// # Other parameters
///
/// What `tokio-postgres` knows is passed on. Settings of other clients that change nothing here are ignored (`pgbouncer`,
/// `connection_limit` and such, so that one URL may serve several programs). What cannot be honoured and would matter
/// (`sslcert`, `schema`, …) is refused, as is every unknown name.
///
/// Nothing is added to the start-up message that a transaction-mode pooler refuses.
#[derive(Clone)]
pub struct ConnectionSettings {
    /// Everything but TLS, with defaults where the URL says nothing: connecting within 3 s, keep-alive probes, a limit for
    /// unacknowledged data, and `cairn` as the application's name.
    pub config: Config,
    /// What verifies the server. It trusts nobody where `config` says that TLS is off.
    pub tls: MakeRustlsConnect,
}

/// Why a database URL cannot be used. The text is fit for a log: it quotes nothing of the URL but names of well-known
/// parameters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidDatabaseUrl(String);

impl InvalidDatabaseUrl {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl ConnectionSettings {
    /// Reads a URL such as `postgresql://user:password@host:5432/database?sslmode=verify-full`.
    pub fn parse(url: &str) -> Result<Self, InvalidDatabaseUrl> {
        let url = UrlParts::split(url)?;
        let mut config: Config = url.without_our_parameters().parse().map_err(unreadable)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(InvalidDatabaseUrl::new("it names no host"));
        }
        add_defaults(&mut config, &url);
        config.ssl_mode(ssl_mode(&config, url.value("sslmode").as_deref())?);

        let roots = if config.get_ssl_mode() == SslMode::Disable {
            RootCertStore::empty()
        } else {
            roots::trusted_for(config.get_hosts(), url.value("sslrootcert").as_deref())?
        };
        let tls = MakeRustlsConnect::new(tls_config(roots, config.get_ssl_negotiation())?);
        Ok(Self { config, tls })
    }

    /// Opens a connection and spawns the task that drives it; the task ends with the returned client.
    pub async fn connect(&self) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
        let (client, _connection) = self.open().await?;
        Ok(client)
    }

    async fn open(
        &self,
    ) -> Result<(tokio_postgres::Client, JoinHandle<()>), tokio_postgres::Error> {
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        let connection = tokio::spawn(async move {
            if let Err(cause) = connection.await {
                // The statement that was under way has failed with the same error, which its caller reports.
                tracing::debug!(%cause, "a database connection ended");
            }
        });
        Ok((client, connection))
    }
}

/// How the pool connects. (Its own way warns of every connection that ends.)
impl Connect for ConnectionSettings {
    fn connect(
        &self,
        _config: &Config,
    ) -> BoxFuture<'_, Result<(tokio_postgres::Client, JoinHandle<()>), tokio_postgres::Error>>
    {
        self.open().boxed()
    }
}

/// Shows where the database is, not how to get in.
impl fmt::Debug for ConnectionSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionSettings")
            .field("hosts", &self.config.get_hosts())
            .field("ports", &self.config.get_ports())
            .field("database", &self.config.get_dbname())
            .field("tls", &self.config.get_ssl_mode())
            .finish_non_exhaustive()
    }
}

/// The driver's reasons name parameters and never quote values.
fn unreadable(error: tokio_postgres::Error) -> InvalidDatabaseUrl {
    let cause = error
        .into_source()
        .map_or_else(|| "malformed".to_owned(), |cause| cause.to_string());
    InvalidDatabaseUrl(format!("it cannot be read: {cause}"))
}

fn add_defaults(config: &mut Config, url: &UrlParts<'_>) {
    if !url.has("connect_timeout") {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if !url.has("tcp_user_timeout") {
        config.tcp_user_timeout(TCP_USER_TIMEOUT);
    }
    if !url.has("keepalives_idle") {
        config.keepalives_idle(KEEPALIVE_IDLE);
    }
    if !url.has("keepalives_interval") {
        config.keepalives_interval(KEEPALIVE_INTERVAL);
    }
    if !url.has("keepalives_retries") && !url.has("keepalives_count") {
        config.keepalives_retries(KEEPALIVE_RETRIES);
    }
    if !url.has("application_name") {
        config.application_name(APPLICATION_NAME);
    }
}

fn ssl_mode(config: &Config, asked: Option<&str>) -> Result<SslMode, InvalidDatabaseUrl> {
    // TLS does not exist on unix sockets, whatever the URL asks for; libpq ignores the parameter there, too.
    let only_sockets = config.get_hostaddrs().is_empty()
        && config
            .get_hosts()
            .iter()
            .all(|host| matches!(host, Host::Unix(_)));
    match asked {
        Some("disable") => Ok(SslMode::Disable),
        Some("prefer" | "require" | "verify-ca" | "verify-full") if only_sockets => {
            Ok(SslMode::Disable)
        }
        Some("prefer") => Ok(SslMode::Prefer),
        Some("require" | "verify-ca" | "verify-full") => Ok(SslMode::Require),
        Some(_) => Err(InvalidDatabaseUrl::new(
            "its sslmode is not one of disable, prefer, require, verify-ca and verify-full",
        )),
        None if is_local(config) => Ok(SslMode::Disable),
        None => Ok(SslMode::Require),
    }
}

/// Whether every address that may be used lies on this machine.
fn is_local(config: &Config) -> bool {
    let local_host = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name.eq_ignore_ascii_case("localhost")
                || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
    };
    config.get_hosts().iter().all(local_host)
        && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

fn tls_config(
    roots: RootCertStore,
    negotiation: SslNegotiation,
) -> Result<ClientConfig, InvalidDatabaseUrl> {
    let mut config = ClientConfig::builder_with_provider(tls::provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| InvalidDatabaseUrl(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    if negotiation == SslNegotiation::Direct {
        // Without the question before the handshake the server knows the protocol by this name only.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(config)
}
