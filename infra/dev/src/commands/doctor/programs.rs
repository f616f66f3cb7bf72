//! Programs that have to be installed by hand.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cairn_dev::places::Places;
use cairn_dev::python::{Interpreter, OLDEST};
use cairn_dev::service::installed;
use tokio::process::Command;

use super::finding::{Finding, Get, Group, Verdict};

/// The oldest Rust that builds this.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");

const GET_RUST: Get = Get {
    debian: "https://rustup.rs (the packaged one is older)",
    fedora: "https://rustup.rs, or dnf install cargo",
    macos: "https://rustup.rs, or brew install rust",
};

const GET_PYTHON: Get = Get {
    debian: "apt-get install python3 python3-venv",
    fedora: "dnf install python3",
    macos: "brew install python (the one of Xcode is too old)",
};

/// A program that some commands want.
struct Wanted {
    subject: &'static str,
    /// The first of these that is there.
    names: &'static [&'static str],
    arguments: &'static [&'static str],
    /// The least version that will do, as its leading number.
    least: u32,
    needed_for: &'static str,
    get: Get,
}

const POSTGRESQL: Wanted = Wanted {
    subject: "PostgreSQL's server",
    names: &["initdb"],
    arguments: &["--version"],
    least: 15,
    needed_for: "cargo dev bench, the proof chaos and the tests of TLS (cargo dev has a PostgreSQL of its own)",
    get: Get {
        debian: "apt-get install postgresql",
        fedora: "dnf install postgresql-server",
        macos: "brew install postgresql@18",
    },
};

const PGBOUNCER: Wanted = Wanted {
    subject: "PgBouncer",
    names: &["pgbouncer"],
    arguments: &["--version"],
    least: 1,
    needed_for: "cargo dev bench scale and the tests of a pooler",
    get: Get {
        debian: "apt-get install pgbouncer",
        fedora: "dnf install pgbouncer",
        macos: "brew install pgbouncer",
    },
};

const CARGO_LAMBDA: Wanted = Wanted {
    subject: "cargo-lambda",
    names: &["cargo-lambda"],
    arguments: &["lambda", "--version"],
    least: 1,
    needed_for: "sam build (cargo dev watch installs one for itself)",
    get: Get {
        debian: "pipx install cargo-lambda",
        fedora: "pipx install cargo-lambda",
        macos: "brew install cargo-lambda/cargo-lambda/cargo-lambda",
    },
};

const SAM: Wanted = Wanted {
    subject: "SAM CLI",
    names: &["sam"],
    arguments: &["--version"],
    least: 1,
    needed_for: "deploying to AWS (cargo dev prove deployment installs one for itself)",
    get: Get {
        debian: "pipx install aws-sam-cli",
        fedora: "pipx install aws-sam-cli",
        macos: "brew install aws-sam-cli",
    },
};

const NODE: Wanted = Wanted {
    subject: "Node",
    names: &["node"],
    arguments: &["--version"],
    least: 20,
    needed_for: "the TypeScript client and the tests in a browser",
    get: Get {
        debian: "apt-get install nodejs npm (Debian 13, Ubuntu 25.04; before these https://nodejs.org)",
        fedora: "dnf install nodejs",
        macos: "brew install node",
    },
};

const CHROMIUM: Wanted = Wanted {
    subject: "Chromium",
    names: &[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ],
    arguments: &["--version"],
    least: 100,
    needed_for: "the tests in a browser (another place of it goes into the variable CHROMIUM)",
    get: Get {
        debian: "apt-get install chromium",
        fedora: "dnf install chromium",
        macos: "brew install --cask google-chrome",
    },
};

const GIT: Wanted = Wanted {
    subject: "Git",
    names: &["git"],
    arguments: &["--version"],
    least: 2,
    needed_for: "cargo dev bench --against",
    get: Get {
        debian: "apt-get install git",
        fedora: "dnf install git",
        macos: "xcode-select --install",
    },
};

/// All of them.
pub async fn look(places: &Places) -> Vec<Finding> {
    let (rust, compiler, python) = tokio::join!(rust(places), c_compiler(), python());
    let chromium = std::env::var_os("CHROMIUM");
    let more = tokio::join!(
        wanted(&GIT, None),
        wanted(&POSTGRESQL, None),
        wanted(&PGBOUNCER, None),
        wanted(&NODE, None),
        wanted(&CHROMIUM, chromium),
        wanted(&CARGO_LAMBDA, None),
        wanted(&SAM, None),
    );
    let (git, postgresql, pgbouncer, node, chromium, cargo_lambda, sam) = more;
    vec![
        rust,
        compiler,
        python,
        git,
        postgresql,
        pgbouncer,
        node,
        chromium,
        cargo_lambda,
        sam,
    ]
}

async fn rust(places: &Places) -> Finding {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = first_line(
        // In the repository: a toolchain may be chosen for it.
        Command::new(&rustc)
            .arg("--version")
            .current_dir(places.root()),
    )
    .await;
    let version = said.as_deref().and_then(version_in);
    let new_enough = version.is_some_and(|version| numbers(version) >= numbers(RUST));
    let found = match version {
        Some(version) if new_enough => format!("{version}, {}", place_of(&rustc)),
        Some(version) => format!("{version} is too old: {RUST} is needed"),
        None => "there is no rustc on the PATH".to_owned(),
    };
    Finding {
        group: Group::Needed,
        subject: "Rust",
        verdict: if new_enough {
            Verdict::Fine
        } else {
            Verdict::Missing
        },
        found,
        needed_for: "everything",
        get: Some(GET_RUST),
    }
}

/// The one that builds the cryptography, and links. aws-lc asks for nothing else: `CMake` only on rare systems.
async fn c_compiler() -> Finding {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let said = first_line(Command::new(&compiler).arg("--version")).await;
    Finding {
        group: Group::Needed,
        subject: "C compiler",
        verdict: if said.is_some() {
            Verdict::Fine
        } else {
            Verdict::Missing
        },
        found: match said {
            Some(line) => format!("{line}, {}", place_of(&compiler)),
            None => format!("{} does not run", compiler.display()),
        },
        needed_for: "building the cryptography (aws-lc), and linking",
        get: Some(Get {
            debian: "apt-get install build-essential",
            fedora: "dnf install gcc",
            macos: "xcode-select --install",
        }),
    }
}

async fn python() -> Finding {
    let (verdict, found) = if let Ok(interpreter) = Interpreter::find().await {
        let whole = interpreter.has_venv().await;
        let Interpreter { path, version } = interpreter;
        let path = path.display();
        if whole {
            (Verdict::Fine, format!("{version} with venv, {path}"))
        } else {
            let sentence = format!("{version} ({path}) lacks its module venv");
            (Verdict::Missing, sentence)
        }
    } else {
        let (major, minor) = OLDEST;
        let sentence = format!("none of {major}.{minor} or later is on the PATH");
        (Verdict::Missing, sentence)
    };
    Finding {
        group: Group::Needed,
        subject: "Python",
        verdict,
        found,
        needed_for: "the local AWS and the embedded PostgreSQL",
        get: Some(GET_PYTHON),
    }
}

async fn wanted(wanted: &Wanted, named: Option<OsString>) -> Finding {
    let path = named
        .map(PathBuf::from)
        .or_else(|| wanted.names.iter().find_map(|name| installed(name)));
    let said = match &path {
        Some(path) => first_line(Command::new(path).args(wanted.arguments)).await,
        None => None,
    };
    let version = said.as_deref().and_then(version_in);
    let (verdict, found) = match (&path, version) {
        (None, _) => (Verdict::Absent, "not installed".to_owned()),
        (Some(path), None) => (
            Verdict::Limited,
            format!("{} does not tell its version", path.display()),
        ),
        (Some(path), Some(version)) if numbers(version) < vec![wanted.least] => (
            Verdict::Limited,
            format!(
                "{version} is too old: {} is needed, {}",
                wanted.least,
                path.display()
            ),
        ),
        (Some(path), Some(version)) => (Verdict::Fine, format!("{version}, {}", path.display())),
    };
    Finding {
        group: Group::ForMore,
        subject: wanted.subject,
        verdict,
        found,
        needed_for: wanted.needed_for,
        get: Some(wanted.get),
    }
}

/// The first line that a program prints; none if it fails.
pub async fn first_line(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next()?.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}

fn place_of(program: &OsStr) -> String {
    let path = Path::new(program);
    let found = if path.components().count() > 1 {
        Some(path.to_owned())
    } else {
        path.to_str().and_then(installed)
    };
    found.map_or_else(
        || program.display().to_string(),
        |path| path.display().to_string(),
    )
}

/// The first word that begins like a version.
fn version_in(line: &str) -> Option<&str> {
    line.split([' ', ',', '(', ')'])
        .map(|word| word.strip_prefix('v').unwrap_or(word))
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

/// The numbers of a version, to be compared.
fn numbers(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map_while(|part| {
            let digits = part.split(|c: char| !c.is_ascii_digit()).next()?;
            digits.parse().ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_say() {
        for (line, version) in [
            ("rustc 1.94.0 (0e1b2c3d4 2026-01-01)", "1.94.0"),
            (
                "initdb (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)",
                "15.18",
            ),
            ("v20.19.2", "20.19.2"),
            ("PgBouncer 1.18.0", "1.18.0"),
            ("SAM CLI, version 1.163.0", "1.163.0"),
            (
                "Chromium 142.0.7444.59 built on Debian GNU/Linux 12",
                "142.0.7444.59",
            ),
        ] {
            assert_eq!(version_in(line), Some(version), "{line}");
        }
        assert_eq!(version_in("nothing of the kind"), None);
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(numbers("1.100.0-nightly") >= numbers("1.94"));
        assert!(numbers("1.94.0") >= numbers("1.94"));
        assert!(numbers("1.93.1") < numbers("1.94"));
        assert!(numbers("18.19.0") < vec![20] && numbers("20.0.0") >= vec![20]);
    }
}
