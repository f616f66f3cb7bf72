//! A PostgreSQL server for measuring, from the programs that the system has: the embedded one of `cargo dev` speaks no TLS.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use cairn_dev::service::{Home, Service, free_port, installed};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tokio_postgres::{Client, NoTls};

/// The name in the server's certificate. Nobody has to resolve it: `hostaddr` says where it is.
const NAME: &str = "db.bench.example";
/// The superuser.
pub const USER: &str = "postgres";
/// Its password.
pub const PASSWORD: &str = "bench";
/// The file with the certificate of who vouches for the server.
const AUTHORITY: &str = "authority.pem";
/// How long the server may take until it lets somebody in.
const START: Duration = Duration::from_secs(30);

/// As PostgreSQL comes, but that nothing beside the measured statements works at the same time, and that commits wait for no
/// disk: what a disk takes says nothing about the functions.
const SETTINGS: [&str; 10] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "shared_buffers=256MB",
    "autovacuum=off",
    "fsync=off",
    "synchronous_commit=off",
    "max_wal_size=4GB",
    "checkpoint_timeout=1h",
    "ssl=on",
];

/// A running server with its files. Dropping it stops it and removes them.
pub struct Server {
    service: Service,
    port: u16,
}

impl Server {
    /// Starts a server with nothing in it.
    pub async fn start() -> anyhow::Result<Self> {
        let initdb = installed("initdb").context(
            "PostgreSQL's server is not installed (on Debian and Ubuntu: `apt-get install postgresql`).",
        )?;
        // What is on the PATH may be a link to one of them only.
        let initdb = initdb.canonicalize()?;
        let programs = initdb.parent().context("initdb lies in a folder")?;
        let (home, port) = (Home::create()?, free_port()?);
        let data = home.path().join("data");
        make(&home, &initdb, &data)?;
        let [certificate, key] = certify(&home)?;
        let mut command = home.server(&programs.join("postgres"));
        command.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        let certificate = format!("ssl_cert_file={}", certificate.display());
        let key = format!("ssl_key_file={}", key.display());
        for setting in SETTINGS.into_iter().chain([&*certificate, &*key]) {
            command.args(["-c", setting]);
        }
        // Immediately: nothing is kept.
        let stop: [OsString; 6] = [
            programs.join("pg_ctl").into(),
            "stop".into(),
            "-m".into(),
            "immediate".into(),
            "-D".into(),
            data.into(),
        ];
        let service = Service::start(home, command, port, stop.into()).await?;
        let server = Self { service, port };
        server.answers().await?;
        Ok(server)
    }

    async fn answers(&self) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            match self.connect("postgres").await {
                Ok(_) => return Ok(()),
                Err(error) if began.elapsed() > START => {
                    return Err(error.context("PostgreSQL does not answer"));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A database's URL without TLS.
    pub fn url(&self, database: &str) -> String {
        url_through(self.port, database)
    }

    /// The URL with TLS, without who vouches for the server.
    pub fn secured_url(&self, database: &str) -> String {
        let port = self.port;
        format!(
            "postgresql://{USER}:{PASSWORD}@{NAME}:{port}/{database}?hostaddr=127.0.0.1&sslmode=require"
        )
    }

    /// The certificate of who vouches for the server.
    pub fn authority(&self) -> PathBuf {
        self.service.home().path().join(AUTHORITY)
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

/// Makes the files of a server.
fn make(home: &Home, initdb: &Path, data: &Path) -> anyhow::Result<()> {
    let password = home.write("password", PASSWORD)?;
    let made = home
        .command(initdb)
        .args(["--username", USER, "--auth=scram-sha-256", "--no-sync"])
        .args(["--encoding=UTF8", "--locale=C"])
        .arg(format!("--pwfile={}", password.display()))
        .arg(data)
        .output()
        .context("Cannot run initdb")?;
    ensure!(
        made.status.success(),
        "initdb failed: {}",
        String::from_utf8_lossy(&made.stderr).trim()
    );
    Ok(())
}

/// Makes a certificate for the server and its key, and who vouches for it.
fn certify(home: &Home) -> anyhow::Result<[PathBuf; 2]> {
    let mut parameters = CertificateParams::default();
    parameters
        .distinguished_name
        .push(DnType::CommonName, "Cairn's benchmarks");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate()?;
    home.write(AUTHORITY, &parameters.self_signed(&key)?.pem())?;
    let issuer = Issuer::new(parameters, key);
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new([NAME.to_owned()])?.signed_by(&key, &issuer)?;
    Ok([
        home.write("server.crt", &certificate.pem())?,
        home.write("server.key", &key.serialize_pem())?,
    ])
}
