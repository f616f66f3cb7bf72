//! Servers that tests and benchmarks start from programs of the system: as a user without rights, in a folder that goes with
//! them.

mod authority;
mod pgbouncer;
mod postgres;

use std::ffi::{OsStr, OsString};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use tokio::net::TcpStream;

pub use authority::Authority;
pub use pgbouncer::PgBouncer;
pub use postgres::{PASSWORD, SystemPostgres, USER};

/// How long a server may take to listen.
const START: Duration = Duration::from_secs(20);

/// Runs a program that gets a signal when its parent ends.
const SETPRIV: &str = "/usr/bin/setpriv";

/// Folders of which each of PostgreSQL's versions has one of its own: of Debian, of PostgreSQL's own packages for Fedora, and of
/// Homebrew on both kinds of Mac.
const VERSIONS: [&str; 4] = [
    "/usr/lib/postgresql",
    "/usr",
    "/opt/homebrew/opt",
    "/usr/local/opt",
];

/// The path of an installed program. Many systems keep PostgreSQL's servers and `PgBouncer` off the `PATH` of ordinary users.
pub fn installed(program: &str) -> Option<PathBuf> {
    let versions = VERSIONS
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten())
        .filter(|entry| is_of_a_version(&entry.file_name().to_string_lossy()));
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .chain([PathBuf::from("/usr/sbin")])
        .chain(versions.map(|version| version.path().join("bin")))
        .map(|place| place.join(program))
        .find(|path| path.is_file())
}

/// A port on loopback that was free a moment ago.
pub fn free_port() -> std::io::Result<u16> {
    TcpListener::bind("127.0.0.1:0")?
        .local_addr()
        .map(|address| address.port())
}

/// A folder for a server's files, and whom it runs as.
pub struct Home {
    folder: PathBuf,
    user: Option<Ids>,
}

/// A user that is not root.
#[derive(Clone, Copy)]
struct Ids {
    uid: u32,
    gid: u32,
}

impl Home {
    /// A new, empty folder that only its server (and root) can read.
    pub fn create() -> anyhow::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // Not under `target`: another user may have no way there, and paths of sockets must be short.
        let folder = std::env::temp_dir().join(format!("cairn-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder)
            .with_context(|| format!("Cannot create {}", folder.display()))?;
        let home = Self {
            folder,
            user: user_without_rights()?,
        };
        home.hand_over(&home.folder)?;
        Ok(home)
    }

    /// Writes a file that the server can read.
    pub fn write(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let path = self.folder.join(name);
        std::fs::write(&path, text).with_context(|| format!("Cannot write {}", path.display()))?;
        self.hand_over(&path)?;
        Ok(path)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// A command that runs as the server's user.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Some(Ids { uid, gid }) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// The command of a server: it ends with us even if we are killed (on Linux; elsewhere it then has to be found).
    pub fn server(&self, program: &Path) -> Command {
        if !Path::new(SETPRIV).is_file() {
            return self.command(program);
        }
        let mut command = self.command(SETPRIV);
        command.args(["--pdeathsig", "INT"]).arg(program);
        command
    }

    fn hand_over(&self, path: &Path) -> std::io::Result<()> {
        let mode = if path.is_dir() { 0o700 } else { 0o600 };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
        match self.user {
            Some(Ids { uid, gid }) => chown(path, Some(uid), Some(gid)),
            None => Ok(()),
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// `PostgreSQL` and `PgBouncer` refuse to run as root: then, the user to become.
fn user_without_rights() -> anyhow::Result<Option<Ids>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").context("Cannot read the list of users")?;
    ids_of(&users, "postgres")
        .or_else(|| ids_of(&users, "nobody"))
        .map(Some)
        .context("There is no user that PostgreSQL could run as")
}

/// Whether a folder is one version's: 15, pgsql-17 or postgresql@18.
fn is_of_a_version(folder: &str) -> bool {
    let version = ["pgsql-", "postgresql@"]
        .iter()
        .find_map(|prefix| folder.strip_prefix(prefix))
        .unwrap_or(folder);
    !version.is_empty() && version.bytes().all(|c| c.is_ascii_digit())
}

fn ids_of(users: &str, name: &str) -> Option<Ids> {
    let line = users
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    let mut id = || fields.next()?.parse().ok();
    Some(Ids {
        uid: id()?,
        gid: id()?,
    })
}

/// A running server. Dropping it stops it and removes its files.
pub struct Service {
    command: Command,
    child: Child,
    port: u16,
    stop: Vec<OsString>,
    home: Home,
}

impl Service {
    /// Starts `command`, which must stay in the foreground and listen on `port`. `stop` is the command that ends it in an
    /// orderly way; without one it is killed.
    pub async fn start(
        home: Home,
        mut command: Command,
        port: u16,
        stop: Vec<OsString>,
    ) -> anyhow::Result<Self> {
        let log = std::fs::File::create(home.path().join("log"))?;
        let child = spawn(command.stderr(log))?;
        let mut service = Self {
            command,
            child,
            port,
            stop,
            home,
        };
        service.listens().await?;
        Ok(service)
    }

    /// Starts it once more, after it was killed or ended.
    async fn start_again(&mut self) -> anyhow::Result<()> {
        self.child = spawn(&mut self.command)?;
        self.listens().await
    }

    async fn listens(&mut self) -> anyhow::Result<()> {
        let listening = async {
            while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
                if self.child.try_wait()?.is_some() {
                    bail!("The server ended: {}", self.log());
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        };
        let listens = tokio::time::timeout(START, listening).await;
        listens.unwrap_or_else(|_| bail!("The server does not listen: {}", self.log()))
    }

    /// Sends a signal to it and to all processes that it started.
    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let id = self.child.id();
        let send = |id: &str| {
            let id = id.parse().ok().and_then(Pid::from_raw);
            // It may have ended meanwhile.
            id.map(|id| kill_process(id, signal))
        };
        // The one that starts the others first: then there come no more.
        send(&id.to_string());
        for id in children_of(id)?.split_whitespace() {
            send(id);
        }
        Ok(())
    }

    /// Kills it with all that it started, and waits until it is gone.
    fn kill(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::KILL)?;
        self.child.wait()?;
        Ok(())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }
}

/// The processes that a process has started.
fn children_of(id: u32) -> anyhow::Result<String> {
    // Without a process more, where the system tells it like this.
    if let Ok(children) = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")) {
        return Ok(children);
    }
    let listed = Command::new("pgrep")
        .args(["-P", &id.to_string()])
        .output()
        .context("Cannot list the server's processes")?;
    Ok(String::from_utf8_lossy(&listed.stdout).into_owned())
}

fn spawn(command: &mut Command) -> anyhow::Result<Child> {
    command
        .spawn()
        .with_context(|| format!("Cannot start {}", command.get_program().display()))
}

impl Drop for Service {
    fn drop(&mut self) {
        let ended = self.stop.split_first().is_some_and(|(program, arguments)| {
            let status = self
                .home
                .command(program)
                .args(arguments)
                .stderr(Stdio::null())
                .status();
            status.is_ok_and(|status| status.success())
        });
        if !ended {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_versions_are_known() {
        for folder in ["15", "pgsql-17", "postgresql@18"] {
            assert!(is_of_a_version(folder), "{folder}");
        }
        for folder in ["bin", "postgresql", "postgresql@", "python@3.13", ""] {
            assert!(!is_of_a_version(folder), "{folder}");
        }
    }

    #[test]
    fn a_user_is_found_in_the_list() {
        let users =
            "root:x:0:0:root:/root:/bin/bash\npostgres:x:112:120::/var/lib/postgresql:/bin/bash\n";
        let found = ids_of(users, "postgres").map(|ids| (ids.uid, ids.gid));
        assert_eq!(found, Some((112, 120)));
        assert!(ids_of(users, "post").is_none());
    }
}
