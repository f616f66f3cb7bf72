//! What the alias `cargo dev` runs: builds the program behind it, and becomes that.
//!
//! Cargo alone would either say nothing during the minutes of the first build or say two lines before each command. So this
//! program, which depends on nothing and is built in a second, listens to cargo and tells only what takes long.

use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// The program of `cargo dev`.
const PROGRAM: &str = "cairn-dev";

/// The profile of what runs here.
const PROFILE: &str = "local";

/// Elsewhere than on a terminal: how long between two lines.
const SILENCE: Duration = Duration::from_secs(30);

/// How often the time is told on a terminal.
const TICK: Duration = Duration::from_secs(1);

/// How the lines begin in which cargo tells what it does.
const WORK: [&str; 6] = [
    "Blocking",
    "Compiling",
    "Downloaded",
    "Downloading",
    "Locking",
    "Updating",
];

/// And those that say no more than that it is done.
const RESULT: [&str; 2] = ["Adding", "Finished"];

fn main() -> ExitCode {
    let error = match build() {
        Ok(true) => Command::new(program()).args(env::args_os().skip(1)).exec(),
        // What cargo said stands above.
        Ok(false) => return ExitCode::FAILURE,
        Err(error) => error,
    };
    eprintln!("error: `cargo dev` itself could not be built or started: {error}");
    ExitCode::FAILURE
}

/// The repository, two folders above this package.
fn root() -> PathBuf {
    let package =
        env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let package = PathBuf::from(package);
    package.ancestors().nth(2).unwrap_or(&package).to_owned()
}

/// Where cargo puts it.
fn program() -> PathBuf {
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join(PROFILE).join(PROGRAM)
}

/// Builds it if need be. Says whether that worked; if not, cargo has said why.
fn build() -> io::Result<bool> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut child = Command::new(cargo)
        .args(["build", "--profile", PROFILE])
        // Of the whole workspace: its libraries then have the features that the tests ask for, and are not built again for them.
        .args(["--workspace", "--bin", PROGRAM])
        .args(["--color", "never", "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let output = child.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let (sender, lines) = mpsc::channel();
    // Cargo is silent while it waits for a compiler, and the time that passes is to be seen.
    let reader = thread::spawn(move || {
        BufReader::new(output)
            .lines()
            .map_while(Result::ok)
            .for_each(|line| {
                // The receiver stays until the last line.
                let _ = sender.send(line);
            });
    });
    let mut shown = Shown::new();
    let mut said = Vec::new();
    loop {
        match lines.recv_timeout(TICK) {
            Ok(line) if WORK.iter().any(|word| line.trim_start().starts_with(word)) => {
                shown.tell(line.trim_start());
            }
            Ok(line)
                if RESULT
                    .iter()
                    .any(|word| line.trim_start().starts_with(word)) => {}
            Ok(line) => said.push(line),
            Err(RecvTimeoutError::Timeout) => shown.tick(),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let _ = reader.join();
    let succeeded = child.wait()?.success();
    shown.end(succeeded);
    // Warnings where it succeeded.
    for line in said {
        eprintln!("{line}");
    }
    Ok(succeeded)
}

/// One line that is written over on a terminal, lines now and then elsewhere, and nothing where nothing is to be done.
struct Shown {
    terminal: bool,
    began: Instant,
    told: Option<Instant>,
    compiled: usize,
    doing: String,
}

impl Shown {
    fn new() -> Self {
        Self {
            terminal: io::stderr().is_terminal()
                && env::var_os("TERM").is_some_and(|term| term != "dumb"),
            began: Instant::now(),
            told: None,
            compiled: 0,
            doing: String::new(),
        }
    }

    fn tell(&mut self, doing: &str) {
        self.compiled += usize::from(doing.starts_with("Compiling"));
        doing.clone_into(&mut self.doing);
        self.show();
    }

    fn tick(&mut self) {
        if !self.doing.is_empty() {
            self.show();
        }
    }

    fn show(&mut self) {
        let due = self.told.is_none_or(|told| told.elapsed() > SILENCE);
        if !self.terminal && !due {
            return;
        }
        let line = format!(
            "  Building cargo dev ({} s) {}: {}",
            self.began.elapsed().as_secs(),
            self.compiled,
            self.doing
        );
        let mut stderr = io::stderr().lock();
        // Nobody would be helped by an error about what could not be told.
        let _ = if self.terminal {
            let line: String = line.chars().take(79).collect();
            write!(stderr, "\r\x1b[K{line}").and_then(|()| stderr.flush())
        } else {
            writeln!(stderr, "{line}")
        };
        self.told = Some(Instant::now());
    }

    fn end(&self, succeeded: bool) {
        if self.told.is_none() {
            return;
        }
        let mut stderr = io::stderr().lock();
        let over = if self.terminal { "\r\x1b[K" } else { "" };
        let _ = if succeeded && self.compiled > 0 {
            let took = self.began.elapsed().as_secs_f64();
            writeln!(stderr, "{over}✓ Building cargo dev ({took:.1} s)")
        } else {
            write!(stderr, "{over}")
        };
    }
}
