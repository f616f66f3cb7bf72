//! Where things are: the repository, what was built, and what the local system keeps.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The folders that everything is found from.
#[derive(Debug, Clone)]
pub struct Places {
    root: PathBuf,
    target: PathBuf,
}

impl Places {
    /// The places of the repository this program was built from.
    pub fn find() -> Self {
        // `cargo run` says at run time where the package is; that is right also after the repository was moved.
        let package = std::env::var_os("CARGO_MANIFEST_DIR")
            .unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let package = PathBuf::from(package);
        let root = package.ancestors().nth(2).unwrap_or(&package).to_owned();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => std::path::absolute(&folder).unwrap_or_else(|_| folder.into()),
            None => root.join("target"),
        };
        Self { root, target }
    }

    /// The places of a repository in a folder of its own.
    #[cfg(test)]
    pub(crate) fn at(root: PathBuf) -> Self {
        let target = root.join("target");
        Self { root, target }
    }

    /// The repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The template of the whole stack.
    pub fn template(&self) -> PathBuf {
        self.root.join("template.yaml")
    }

    /// The scripts that run the database and the local AWS, with what they need.
    pub fn scripts(&self) -> PathBuf {
        self.root.join("infra/local")
    }

    /// Cargo's target folder.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The binaries of the functions, as the `local` profile builds them.
    pub fn functions(&self) -> PathBuf {
        self.target.join("local")
    }

    /// The key of development tokens. It outlives a reset, so that tokens in someone's notes stay valid until they expire.
    pub fn signing_key(&self) -> PathBuf {
        self.state().join("signing-key.pem")
    }

    /// The secret of our own that webhooks are signed with. It outlives a reset, so that a tunnel's endpoint stays right.
    pub fn webhook_secret(&self) -> PathBuf {
        self.state().join("webhook-secret")
    }

    /// What the local system keeps between runs.
    pub fn state(&self) -> PathBuf {
        self.target.join("cairn")
    }
}

/// Writes a new file that only its owner can read, with its folder. One that is there already is left as it is, and an error.
pub(crate) fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?
        .write_all(text.as_bytes())
}
