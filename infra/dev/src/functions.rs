//! The function binaries: which there are, building them, and their environment.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::places::Places;
use crate::process_group::{ProcessGroup, lead};
use crate::progress::Step;

/// The profile of what runs here: quick to build.
pub const LOCAL: &str = "local";
/// The profile of what is deployed.
pub const RELEASE: &str = "release";

/// The packages of the functions, each with a binary of its name: the folders of `functions/`.
pub fn names(places: &Places) -> anyhow::Result<Vec<String>> {
    names_in(places.root())
}

/// The same of another work tree.
pub fn names_in(root: &Path) -> anyhow::Result<Vec<String>> {
    let folder = root.join("functions");
    let mut names = Vec::new();
    for entry in
        std::fs::read_dir(&folder).with_context(|| format!("Cannot read {}", folder.display()))?
    {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Builds all functions with the [`LOCAL`] profile, and the packages `beside` them.
pub async fn build(places: &Places, beside: &[&str], step: &mut Step) -> anyhow::Result<()> {
    let mut packages = names(places)?;
    packages.extend(beside.iter().map(|name| (*name).to_owned()));
    build_packages(places.root(), places.target(), LOCAL, &packages, step).await
}

/// Builds a program that is none of the functions, with the [`LOCAL`] profile, and answers with its path. Its libraries have the
/// features that any package of the workspace asks for: so they are built once for `cargo dev`, the tests and the proofs.
pub async fn build_program(
    places: &Places,
    name: &str,
    step: &mut Step,
) -> anyhow::Result<PathBuf> {
    let selection = ["--workspace", "--bin", name];
    build_selection(places.root(), places.target(), LOCAL, &selection, step)
        .await
        .with_context(|| format!("{name} does not build"))?;
    Ok(places.functions().join(name))
}

/// Builds packages of the work tree at `root`, for this machine; what comes of it is in the folder `profile` of `target`. Their
/// libraries have only the features that these packages ask for: functions are to be as they are deployed.
pub async fn build_packages(
    root: &Path,
    target: &Path,
    profile: &str,
    packages: &[String],
    step: &mut Step,
) -> anyhow::Result<()> {
    let selection: Vec<&str> = packages
        .iter()
        .flat_map(|name| ["--package", name])
        .collect();
    build_selection(root, target, profile, &selection, step)
        .await
        .with_context(|| format!("{} do not build", packages.join(", ")))
}

async fn build_selection(
    root: &Path,
    target: &Path,
    profile: &str,
    selection: &[&str],
    step: &mut Step,
) -> anyhow::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--profile", profile, "--color", "never"])
        .arg("--target-dir")
        .arg(target)
        .args(selection);
    let mut child = lead(&mut command)
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("Cannot run cargo")?;
    // Stopped while it builds, cargo would leave its compilers to themselves.
    let _group = ProcessGroup::of(&child);
    let mut lines =
        BufReader::new(child.stderr.take().context("cargo has no standard error")?).lines();
    let mut said = Vec::new();
    let mut compiled = 0;
    while let Some(line) = lines.next_line().await? {
        let doing = line.trim_start();
        if doing.starts_with("Compiling") {
            compiled += 1;
            step.tell_in_passing(&format!("{compiled}: {doing}"));
        } else if [
            "Blocking",
            "Downloading",
            "Downloaded",
            "Locking",
            "Updating",
        ]
        .iter()
        .any(|word| doing.starts_with(word))
        {
            step.tell_in_passing(doing);
        } else {
            said.push(line);
        }
    }
    if !child.wait().await?.success() {
        bail!("cargo said:\n{}", said.join("\n"));
    }
    Ok(())
}
