//! What is measured: the functions of this tree, and where asked for those of another commit or folder beside them.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail, ensure};
use cairn_dev::functions;
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use tokio::process::Command;

/// The package with what the functions are compared with: programs that do only what cannot be avoided.
pub const FLOOR: &str = "cairn-floor";
const FLOOR_PROGRAMS: [&str; 2] = ["floor-calls", "floor-function"];

/// One build of all functions.
#[derive(Debug, Clone)]
pub struct Side {
    label: String,
    functions: PathBuf,
}

impl Side {
    /// What it is called in tables.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The folder with its binaries.
    pub fn functions(&self) -> &Path {
        &self.functions
    }

    /// Behind the head of a column where there are several sides.
    pub fn suffix(&self, all: &[Self]) -> String {
        if all.len() > 1 {
            format!(", {}", self.label)
        } else {
            String::new()
        }
    }
}

/// Builds what is to be measured. `folders` are binaries that are there already, in place of a build.
pub async fn prepare(
    places: &Places,
    folders: &[PathBuf],
    against: Option<&str>,
) -> anyhow::Result<Vec<Side>> {
    let mut sides = Vec::new();
    for folder in folders {
        let functions = std::path::absolute(folder)?;
        for name in functions::names(places)? {
            let binary = functions.join(&name);
            ensure!(binary.is_file(), "{} is missing.", binary.display());
        }
        sides.push(Side {
            label: folder.display().to_string(),
            functions,
        });
    }
    if sides.is_empty() {
        let names = functions::names(places)?;
        let step =
            Progress::new().step("Building the functions as for a release (this takes minutes)");
        build(places.root(), places.target(), &names, Profile::Release).await?;
        step.done();
        sides.push(Side {
            label: "this tree".to_owned(),
            functions: places.target().join(Profile::Release.folder()),
        });
    }
    if let Some(commit) = against {
        sides.push(checked_out(places, commit).await?);
    }
    Ok(sides)
}

/// The folder of the programs that show what cannot be avoided: the first of `folders` if they are there, else they are built.
pub async fn floor(places: &Places, folders: &[PathBuf], quick: bool) -> anyhow::Result<PathBuf> {
    if let Some(folder) = folders.first()
        && FLOOR_PROGRAMS
            .iter()
            .all(|program| folder.join(program).is_file())
    {
        return Ok(std::path::absolute(folder)?);
    }
    let profile = if quick {
        Profile::Local
    } else {
        Profile::Release
    };
    let step = Progress::new().step("Building what the functions are compared with");
    let packages = [FLOOR.to_owned()];
    build(places.root(), places.target(), &packages, profile).await?;
    step.done();
    Ok(places.target().join(profile.folder()))
}

/// Builds another commit in a work tree of its own. Both are kept, for the next comparison.
async fn checked_out(places: &Places, commit: &str) -> anyhow::Result<Side> {
    let root = places.root();
    let revision = git(
        root,
        &[
            "rev-parse",
            "--verify",
            "--short",
            &format!("{commit}^{{commit}}"),
        ],
    )
    .await
    .with_context(|| format!("There is no commit {commit}"))?;
    let tree = places.target().join("bench").join("against");
    let tree_name = tree.to_string_lossy().into_owned();
    if tree.join(".git").exists() {
        git(
            &tree,
            &["checkout", "--quiet", "--force", "--detach", &revision],
        )
        .await?;
    } else {
        // A folder that somebody removed is still known as a work tree.
        git(root, &["worktree", "prune"]).await?;
        git(
            root,
            &[
                "worktree", "add", "--quiet", "--detach", &tree_name, &revision,
            ],
        )
        .await?;
    }
    let names = folders_of(&tree.join("functions"))?;
    let target = places.target().join("bench").join("against-target");
    let step = Progress::new().step(format!("Building the functions of {revision}"));
    build(&tree, &target, &names, Profile::Release).await?;
    step.done();
    Ok(Side {
        label: revision,
        functions: target.join(Profile::Release.folder()),
    })
}

fn folders_of(functions: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(functions)? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

#[derive(Clone, Copy)]
enum Profile {
    Local,
    Release,
}

impl Profile {
    /// Its name, and that of the folder that cargo puts its programs into.
    fn folder(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Release => "release",
        }
    }
}

/// Builds for this machine: a build for Lambda's processor differs by some percent.
async fn build(
    root: &Path,
    target: &Path,
    packages: &[String],
    profile: Profile,
) -> anyhow::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--quiet", "--profile", profile.folder()])
        .arg("--target-dir")
        .arg(target)
        .current_dir(root)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for name in packages {
        command.args(["--package", name]);
    }
    if !command.status().await?.success() {
        bail!("{} does not build.", packages.join(", "));
    }
    Ok(())
}

/// What git prints.
pub async fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .context("Cannot run git")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
