//! The function binaries: which there are, building them, and their environment.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::places::Places;
use crate::progress::Step;

/// The packages of the functions, each with a binary of its name: the folders of `functions/`.
pub fn names(places: &Places) -> anyhow::Result<Vec<String>> {
    let folder = places.root().join("functions");
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

/// Builds all functions with the `local` profile, and the packages `beside` them.
pub async fn build(places: &Places, beside: &[&str], step: &mut Step) -> anyhow::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--profile", "local", "--color", "never"])
        .arg("--target-dir")
        .arg(places.target());
    for name in names(places)? {
        command.args(["--package", &name]);
    }
    for name in beside {
        command.args(["--package", name]);
    }
    let mut child = command
        .current_dir(places.root())
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("Cannot run cargo")?;
    let mut lines =
        BufReader::new(child.stderr.take().context("cargo has no standard error")?).lines();
    let mut said = Vec::new();
    let mut compiled = 0;
    while let Some(line) = lines.next_line().await? {
        let doing = line.trim_start();
        if doing.starts_with("Compiling") {
            compiled += 1;
            step.tell(&format!("{compiled}: {doing}"));
        } else if ["Blocking", "Downloading", "Updating"]
            .iter()
            .any(|word| doing.starts_with(word))
        {
            step.tell(doing);
        } else {
            said.push(line);
        }
    }
    if !child.wait().await?.success() {
        bail!("The functions do not build:\n{}", said.join("\n"));
    }
    Ok(())
}

/// Puts what is deployed into a fingerprint: the template, the migrations in the binaries, the binaries.
pub fn fingerprint(places: &Places, hasher: &mut DefaultHasher) -> anyhow::Result<()> {
    let template = places.template();
    std::fs::read(&template)
        .with_context(|| format!("Cannot read {}", template.display()))?
        .hash(hasher);
    for name in names(places)? {
        let binary = places.functions().join(&name);
        std::fs::read(&binary)
            .with_context(|| format!("Cannot read {}", binary.display()))?
            .hash(hasher);
    }
    hasher.write_u8(0);
    Ok(())
}
