//! PostgreSQL as the system has it installed. (The embedded server of `cargo dev` speaks no TLS.)

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use rustix::process::Signal;

use super::{Home, Service, free_port};

/// The superuser.
pub const USER: &str = "postgres";
/// The superuser's password. It must not turn up in what a function writes.
pub const PASSWORD: &str = "hunter2-of-the-database";
/// How long a server that listens may take until it answers.
const READY: Duration = Duration::from_secs(20);

/// A server of a test's or a benchmark's own, on 127.0.0.1. Over TCP it asks for the password.
pub struct SystemPostgres {
    service: Service,
    programs: PathBuf,
    port: u16,
}

impl SystemPostgres {
    /// A server from the programs beside `initdb`, with settings and the rule about who may come how (a line of
    /// `pg_hba.conf`). `settings` may write files.
    pub async fn start(
        initdb: &Path,
        settings: impl FnOnce(&Home) -> anyhow::Result<Vec<String>>,
        access: &str,
    ) -> anyhow::Result<Self> {
        // What is on the PATH may be a link to one of them only.
        let initdb = initdb.canonicalize()?;
        let programs = initdb.parent().context("initdb lies in a folder")?;
        let (home, port) = (Home::create()?, free_port()?);
        let data = home.path().join("data");
        make(&home, &initdb, &data)?;
        std::fs::write(data.join("pg_hba.conf"), format!("{access}\n"))?;

        let mut command = home.server(&programs.join("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(home.path());
        command.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-F"]);
        for setting in settings(&home)? {
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
        let service = Service::start(home, command, port, stop.into()).await?;
        let server = Self {
            service,
            programs: programs.to_owned(),
            port,
        };
        server.lets_in().await?;
        Ok(server)
    }

    /// It listens a little before it lets anybody in.
    async fn lets_in(&self) -> anyhow::Result<()> {
        let ready = async {
            while !is_ready(&self.programs.join("pg_isready"), self.port)? {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            anyhow::Ok(())
        };
        let ready = tokio::time::timeout(READY, ready).await;
        ready.unwrap_or_else(|_| bail!("PostgreSQL lets nobody in"))
    }

    /// Kills all its processes, as an operating system does that runs out of memory.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.service.kill()
    }

    /// Ends it as for an update: connections are closed, and nobody is let in.
    pub fn shut_down(&mut self) -> anyhow::Result<()> {
        let mut command = self.service.home.command(self.programs.join("pg_ctl"));
        let data = self.home().path().join("data");
        let status = command
            .args(["stop", "-m", "fast", "-D"])
            .arg(data)
            .status();
        ensure!(status?.success(), "PostgreSQL does not stop");
        self.service.child.wait()?;
        Ok(())
    }

    /// Starts it after it was killed or shut down; returns when it lets people in.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        self.service.start_again().await?;
        self.lets_in().await
    }

    /// Stops all its processes where they are: connections stay open and nothing is answered.
    pub fn pause(&self) -> anyhow::Result<()> {
        self.service.signal(Signal::STOP)
    }

    /// Lets them go on.
    pub fn resume(&self) -> anyhow::Result<()> {
        self.service.signal(Signal::CONT)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its files are.
    pub fn home(&self) -> &Home {
        &self.service.home
    }

    /// The URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgresql://{USER}:{PASSWORD}@127.0.0.1:{}/{database}",
            self.port
        )
    }
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

fn is_ready(pg_isready: &Path, port: u16) -> anyhow::Result<bool> {
    let mut command = Command::new(pg_isready);
    command.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
    Ok(command.status()?.success())
}
