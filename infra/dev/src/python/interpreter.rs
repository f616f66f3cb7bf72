//! The Python of this machine.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::bail;
use tokio::process::Command;

/// The oldest Python that the packages run on.
pub const OLDEST: (u32, u32) = (3, 10);

/// What it may be called. Old systems have an older `python3`, and a newer one beside it.
const INTERPRETERS: [&str; 6] = [
    "python3",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
];

/// How to get it.
pub const HOW_TO_GET: &str = "on Debian and Ubuntu `apt-get install python3 python3-venv`, on Fedora `dnf install python3`, on \
     macOS `brew install python`";

/// A Python of this machine.
#[derive(Debug, Clone)]
pub struct Interpreter {
    /// Where it is.
    pub path: PathBuf,
    /// Its version, for example 3.11.2.
    pub version: String,
}

impl Interpreter {
    /// The first one on the `PATH` that is new enough. The error says what there is and what to do.
    pub async fn find() -> anyhow::Result<Self> {
        let mut too_old = None;
        for name in INTERPRETERS {
            let Some(found) = Self::ask(name).await else {
                continue;
            };
            if found.is_new_enough() {
                return Ok(found);
            }
            too_old.get_or_insert(found);
        }
        let (major, minor) = OLDEST;
        match too_old {
            Some(Self { path, version }) => bail!(
                "The local system needs Python {major}.{minor} or later on the PATH, and {} is {version}: install a newer one \
                 ({HOW_TO_GET}).",
                path.display()
            ),
            None => bail!(
                "The local system needs Python {major}.{minor} or later, and there is no `python3` on the PATH: install it \
                 ({HOW_TO_GET})."
            ),
        }
    }

    async fn ask(name: &str) -> Option<Self> {
        let output = Command::new(name)
            .args([
                "-c",
                "import platform, sys; print(platform.python_version()); print(sys.executable)",
            ])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let (version, path) = text.split_once('\n')?;
        Some(Self {
            path: path.trim().into(),
            version: version.trim().to_owned(),
        })
    }

    fn is_new_enough(&self) -> bool {
        let mut numbers = self.version.split('.').map(|part| part.parse().ok());
        let mut next = || numbers.next().flatten().unwrap_or(0);
        (next(), next()) >= OLDEST
    }

    /// Whether it can make environments: distributions ship the module by itself.
    pub async fn has_venv(&self) -> bool {
        // `venv` is there without what it needs on Debian, where `ensurepip` is in the package of its own.
        let run = Command::new(&self.path)
            .args(["-c", "import venv, ensurepip"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status();
        run.await.is_ok_and(|status| status.success())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let new_enough = |version: &str| {
            Interpreter {
                path: "python3".into(),
                version: version.to_owned(),
            }
            .is_new_enough()
        };
        for version in ["3.10.0", "3.11.2", "3.14.0rc1", "4.0"] {
            assert!(new_enough(version), "{version}");
        }
        for version in ["3.9.21", "2.7.18", "3.1", ""] {
            assert!(!new_enough(version), "{version}");
        }
    }
}
