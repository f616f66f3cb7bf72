//! What is measured: the functions of this tree, and where asked for those of another commit or folder beside them.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail, ensure};
use cairn_dev::functions::{self, LOCAL, RELEASE, build_packages};
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use tokio::process::Command;

/// The package with what the functions are compared with: programs that do only what cannot be avoided.
pub const FLOOR: &str = "cairn-floor";
const FLOOR_PROGRAMS: [&str; 3] = ["floor-calls", "floor-function", "floor-route"];

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
        let mut step =
            Progress::new().step("Building the functions as for a release (this takes minutes)");
        build_packages(places.root(), places.target(), RELEASE, &names, &mut step).await?;
        step.done();
        sides.push(Side {
            label: "this tree".to_owned(),
            functions: places.target().join(RELEASE),
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
    let profile = if quick { LOCAL } else { RELEASE };
    let mut step = Progress::new().step("Building what the functions are compared with");
    let packages = [FLOOR.to_owned()];
    build_packages(
        places.root(),
        places.target(),
        profile,
        &packages,
        &mut step,
    )
    .await?;
    step.done();
    Ok(places.target().join(profile))
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
    let names = functions::names_in(&tree)?;
    let target = places.target().join("bench").join("against-target");
    let mut step = Progress::new().step(format!("Building the functions of {revision}"));
    build_packages(&tree, &target, RELEASE, &names, &mut step).await?;
    step.done();
    Ok(Side {
        label: revision,
        functions: target.join(RELEASE),
    })
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
