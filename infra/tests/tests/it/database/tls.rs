//! Whom the functions believe to be their database.

use cairn_dev::service::{Authority, Home};
use shared::db::ConnectionSettings;
use tokio::process::Command;

use super::migrations::binary;
use super::system_postgres::{PASSWORD, SystemPostgres, system_postgres, system_postgres_with};

/// The name in the server's certificate. Nobody has to resolve it: `hostaddr` says where it is.
const NAME: &str = "db.cairn.test";

/// A server that talks to nobody without TLS, and the file that makes its certificate believable.
struct SecuredServer {
    server: SystemPostgres,
    files: Home,
}

impl SecuredServer {
    async fn start() -> Option<Self> {
        let authority = Authority::create("The server's authority").expect("an authority");
        let settings = |home: &Home| authority.postgres_settings(NAME, home);
        let server =
            system_postgres_with(settings, "hostssl all all 127.0.0.1/32 scram-sha-256").await?;
        let files = Home::create().expect("a temporary folder");
        let other = Authority::create("Another authority").expect("an authority");
        for (name, authority) in [("ca.pem", &authority), ("other-ca.pem", &other)] {
            files.write(name, &authority.certificate).expect("a file");
        }
        Some(Self { server, files })
    }

    /// A URL that leads to it, whatever host it names.
    fn url(&self, host: &str, parameters: &str) -> String {
        let port = self.server.port();
        format!(
            "postgresql://postgres:{PASSWORD}@{host}:{port}/postgres?hostaddr=127.0.0.1{parameters}"
        )
    }

    fn trusting(&self, file: &str) -> String {
        format!("&sslrootcert={}", self.files.path().join(file).display())
    }
}

/// Whether the connection is encrypted, or why there is none.
async fn is_encrypted(url: &str) -> Result<bool, String> {
    let settings = ConnectionSettings::parse(url).map_err(|error| error.to_string())?;
    let client = settings
        .connect()
        .await
        .map_err(|error| format!("{error:?}"))?;
    let query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    Ok(client
        .query_one(query, &[])
        .await
        .expect("it answers")
        .get(0))
}

#[tokio::test]
async fn a_server_is_believed_by_its_certificate_and_name() {
    let Some(secured) = SecuredServer::start().await else {
        return;
    };
    let trusted = secured.trusting("ca.pem");

    // Also without sslmode, the host being no loopback address, and with channel binding, as Neon's URLs ask for.
    for more in [
        "",
        "&sslmode=verify-full",
        "&sslmode=require&channel_binding=require",
        "&sslmode=prefer",
    ] {
        let url = secured.url(NAME, &format!("{trusted}{more}"));
        assert_eq!(is_encrypted(&url).await, Ok(true), "{more}");
    }
}

#[tokio::test]
async fn nobody_else_is_believed_whatever_the_mode() {
    let Some(secured) = SecuredServer::start().await else {
        return;
    };
    let trusted = secured.trusting("ca.pem");
    let other = secured.trusting("other-ca.pem");

    for mode in ["prefer", "require", "verify-ca", "verify-full"] {
        let refused = [
            (
                secured.url(NAME, &format!("&sslmode={mode}")),
                "UnknownIssuer",
            ),
            (
                secured.url(NAME, &format!("&sslmode={mode}{other}")),
                "UnknownIssuer",
            ),
            (
                secured.url("other.cairn.test", &format!("&sslmode={mode}{trusted}")),
                "NotValidForName",
            ),
            // An RDS host's own roots do not vouch for a stranger.
            (
                secured.url(
                    "x.eu-central-1.rds.amazonaws.com",
                    &format!("&sslmode={mode}"),
                ),
                "UnknownIssuer",
            ),
        ];
        for (url, reason) in refused {
            let error = is_encrypted(&url)
                .await
                .expect_err(&format!("{mode}: believed {url}"));
            assert!(error.contains(reason), "{mode}: {error}");
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_is_not_spoken_to_in_clear() {
    let Some(server) = system_postgres().await else {
        return;
    };
    let url = |more: &str| {
        let port = server.port();
        format!("postgresql://postgres:{PASSWORD}@{NAME}:{port}/postgres?hostaddr=127.0.0.1{more}")
    };
    for more in ["", "&sslmode=require", "&sslmode=verify-full"] {
        let error = is_encrypted(&url(more))
            .await
            .expect_err("it spoke in clear");
        assert!(error.contains("does not support TLS"), "{error}");
    }
    for more in ["&sslmode=disable", "&sslmode=prefer"] {
        assert_eq!(is_encrypted(&url(more)).await, Ok(false), "{more}");
    }
}

#[tokio::test]
async fn migrations_run_over_a_verified_connection() {
    let Some(secured) = SecuredServer::start().await else {
        return;
    };
    let migrate = async |url: String| {
        let run = Command::new(binary())
            .env_clear()
            .env("DIRECT_URL", url)
            .output();
        run.await.expect("it runs")
    };
    let untrusted = migrate(secured.url(NAME, "")).await;
    let said = String::from_utf8_lossy(&untrusted.stderr);
    assert!(
        !untrusted.status.success() && said.contains("UnknownIssuer"),
        "{said}"
    );

    let trusted = migrate(secured.url(NAME, &secured.trusting("ca.pem"))).await;
    let said = String::from_utf8_lossy(&trusted.stdout);
    assert!(
        trusted.status.success() && said.contains("V1__schema"),
        "{said}"
    );
}
