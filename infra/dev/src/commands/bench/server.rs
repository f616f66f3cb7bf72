//! A PostgreSQL server for measuring, from the programs that the system has: the embedded one of `cargo dev` speaks no TLS.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tokio_postgres::{Client, NoTls};

/// The name in the server's certificate. Nobody has to resolve it: `hostaddr` says where it is.
const NAME: &str = "db.bench.example";
const USER: &str = "postgres";
const PASSWORD: &str = "bench";
/// How long the server may take until it answers.
const START: Duration = Duration::from_secs(30);
const SETPRIV: &str = "/usr/bin/setpriv";

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
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Server {
    /// Starts a server with nothing in it.
    pub async fn start() -> anyhow::Result<Self> {
        let programs = programs()?;
        // Not under `target`: PostgreSQL refuses to run as root, and another user may have no way there.
        let folder = std::env::temp_dir().join(format!("cairn-bench-{}", std::process::id()));
        fs::create_dir(&folder).with_context(|| format!("Cannot create {}", folder.display()))?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        match launch(&programs, &folder, port) {
            Ok(child) => {
                let server = Self {
                    child,
                    folder,
                    port,
                };
                server.answers().await?;
                Ok(server)
            }
            Err(error) => {
                let _ = fs::remove_dir_all(&folder);
                Err(error)
            }
        }
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
        authority(&self.folder)
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

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(id) = i32::try_from(self.child.id())
            && let Some(id) = rustix::process::Pid::from_raw(id)
        {
            // An immediate stop: nothing is kept.
            let _ = rustix::process::kill_process(id, rustix::process::Signal::QUIT);
        }
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn launch(programs: &Path, folder: &Path, port: u16) -> anyhow::Result<Child> {
    let owner = owner()?;
    hand_over(folder, owner)?;
    let data = folder.join("data");
    let password = folder.join("password");
    fs::write(&password, PASSWORD)?;
    hand_over(&password, owner)?;
    let mut initdb = command(&programs.join("initdb"), owner);
    initdb
        .args(["--username", USER, "--auth=scram-sha-256", "--no-sync"])
        .args(["--encoding=UTF8", "--locale=C"])
        .arg(format!("--pwfile={}", password.display()))
        .arg(&data);
    let made = initdb.output().context("Cannot run initdb")?;
    ensure!(
        made.status.success(),
        "initdb failed: {}",
        String::from_utf8_lossy(&made.stderr).trim()
    );
    certify(folder, &data, owner)?;
    let log = folder.join("log");
    let mut server = if Path::new(SETPRIV).is_file() {
        // It ends with us even if we are killed.
        let mut server = command(Path::new(SETPRIV), owner);
        server
            .args(["--pdeathsig", "QUIT"])
            .arg(programs.join("postgres"));
        server
    } else {
        command(&programs.join("postgres"), owner)
    };
    server.arg("-D").arg(&data).args(["-p", &port.to_string()]);
    for setting in SETTINGS {
        server.args(["-c", setting]);
    }
    let child = server
        .stderr(fs::File::create(log)?)
        // Ctrl-C in a terminal is for us, who then stop it.
        .process_group(0)
        .spawn();
    child.context("Cannot start PostgreSQL")
}

/// Gives the server a certificate.
fn certify(folder: &Path, data: &Path, owner: Option<(u32, u32)>) -> anyhow::Result<()> {
    let mut parameters = CertificateParams::default();
    parameters
        .distinguished_name
        .push(DnType::CommonName, "Cairn's benchmarks");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate()?;
    fs::write(authority(folder), parameters.self_signed(&key)?.pem())?;
    let issuer = Issuer::new(parameters, key);
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new([NAME.to_owned()])?.signed_by(&key, &issuer)?;
    for (name, text) in [
        ("server.crt", certificate.pem()),
        ("server.key", key.serialize_pem()),
    ] {
        let path = data.join(name);
        fs::write(&path, text)?;
        hand_over(&path, owner)?;
    }
    Ok(())
}

fn authority(folder: &Path) -> PathBuf {
    folder.join("authority.pem")
}

fn command(program: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    if let Some((uid, gid)) = owner {
        command.uid(uid).gid(gid);
    }
    command
}

fn hand_over(path: &Path, owner: Option<(u32, u32)>) -> anyhow::Result<()> {
    let mode = if path.is_dir() { 0o755 } else { 0o600 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    if let Some((uid, gid)) = owner {
        chown(path, Some(uid), Some(gid))?;
    }
    Ok(())
}

/// PostgreSQL refuses to run as root: then, the user to become.
fn owner() -> anyhow::Result<Option<(u32, u32)>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| ids_of(&users, name))
        .map(Some)
        .context("There is no user that PostgreSQL could run as")
}

fn ids_of(users: &str, name: &str) -> Option<(u32, u32)> {
    let line = users
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut ids = line.split(':').skip(2).map(str::parse);
    Some((ids.next()?.ok()?, ids.next()?.ok()?))
}

/// The folder of the newest PostgreSQL that is installed: Debian keeps servers off the PATH.
fn programs() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path())
        .collect();
    versions.sort_by_key(|folder| {
        let version = folder
            .file_name()
            .map(|name| name.to_string_lossy().parse::<u32>());
        std::cmp::Reverse(version.and_then(Result::ok))
    });
    let mut places = versions
        .iter()
        .map(|version| version.join("bin"))
        .chain(std::env::split_paths(&path));
    let Some(found) = places.find(|place| place.join("initdb").is_file()) else {
        bail!(
            "PostgreSQL's server is not installed (on Debian and Ubuntu: `apt-get install postgresql`)."
        );
    };
    // What is on the PATH may be a link to one of them only.
    let program = found.join("initdb").canonicalize()?;
    Ok(program.parent().map_or(found, Path::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_in_the_list() {
        let users =
            "root:x:0:0:root:/root:/bin/bash\npostgres:x:112:120::/var/lib/postgresql:/bin/bash\n";
        assert_eq!(ids_of(users, "postgres"), Some((112, 120)));
        assert_eq!(ids_of(users, "post"), None);
    }
}
