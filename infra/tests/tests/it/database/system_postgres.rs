//! PostgreSQL as the system has it installed: the oldest version that is supported, on Debian 12.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cairn_dev::service::{self, Home, Service, free_port};
use tokio_postgres::Client;

/// The superuser's password. It must not turn up in what a function writes.
pub const PASSWORD: &str = "hunter2-of-the-database";

/// How long a server that listens may take until it answers.
const READY: Duration = Duration::from_secs(20);

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

/// A server of a test's own. Over TCP it asks for the password.
pub struct SystemPostgres {
    port: u16,
    _service: Service,
}

impl SystemPostgres {
    /// A server without TLS, if PostgreSQL is installed.
    pub async fn start() -> Option<Self> {
        Self::start_with(|_| Vec::new(), "host all all 127.0.0.1/32 scram-sha-256").await
    }

    /// A server with settings of the test's own, and its rule about who may come how. `settings` may write files.
    pub async fn start_with(
        settings: impl FnOnce(&Home) -> Vec<String>,
        access: &str,
    ) -> Option<Self> {
        // What is on the PATH may be a link to one of them only.
        let initdb = installed("initdb", "postgresql")?
            .canonicalize()
            .expect("it is there");
        let programs = initdb.parent().expect("it lies in a folder");
        let home = Home::create().expect("a temporary folder");
        let data = home.path().join("data");
        let password = home.write("password", PASSWORD).expect("a file");
        let made = home
            .command(&initdb)
            .args([
                "--username=postgres",
                "--auth=scram-sha-256",
                "--no-sync",
                "--encoding=UTF8",
            ])
            .arg(format!("--pwfile={}", password.display()))
            .arg(&data)
            .status()
            .expect("initdb runs");
        assert!(made.success(), "initdb failed");
        std::fs::write(data.join("pg_hba.conf"), format!("{access}\n")).expect("our own server");

        let port = free_port().expect("a loopback port");
        let mut command = home.server(&programs.join("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(home.path());
        command.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-F"]);
        for setting in settings(&home) {
            command.arg("-c").arg(setting);
        }
        let stop = [
            programs.join("pg_ctl").into(),
            "stop".into(),
            "-m".into(),
            "immediate".into(),
            "-D".into(),
            data.into(),
        ];
        let service = Service::start(home, command, port, stop.into()).await;
        let service = service.expect("the server starts");
        // It listens a little before it lets anybody in.
        let ready = async {
            while !is_ready(&programs.join("pg_isready"), port) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let ready = tokio::time::timeout(READY, ready).await;
        assert!(ready.is_ok(), "the server lets nobody in");
        Some(Self {
            port,
            _service: service,
        })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgresql://postgres:{PASSWORD}@127.0.0.1:{}/{database}",
            self.port
        )
    }
}

fn is_ready(pg_isready: &Path, port: u16) -> bool {
    let mut command = Command::new(pg_isready);
    command.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
    command.status().expect("pg_isready runs").success()
}

/// A connection for the test itself.
pub async fn connect(url: &str) -> Client {
    let settings = shared::db::ConnectionSettings::parse(url).expect("a database URL");
    settings.connect().await.expect("the database answers")
}
