//! `bench`: figures that the documentation names.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, bail, ensure};
use cairn_dev::functions;
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use tokio::process::Command;

/// Bytes in a megabyte, as in Lambda's console.
const MB: f64 = 1_000_000.0;

/// What a zip of one file has beside the compressed file: its name twice, and what is known of it.
const ZIP_FRAME: usize = 140;

/// Prints how large each function is, as a binary and as the package that is uploaded.
pub async fn sizes(built: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let places = Places::find();
    let names = functions::names(&places)?;
    let binary = |name: &str| match &built {
        Some(folder) => folder.join(logical_name(name)).join("bootstrap"),
        None => places.target().join("release").join(name),
    };
    if built.is_none() {
        release_build(&places, &names).await?;
    }
    println!("| function | binary, MB | package (zip), MB |");
    println!("|---|--:|--:|");
    for name in &names {
        let (size, zipped) = measure(&binary(name))?;
        println!(
            "| {name} | {:.1} | {:.1} |",
            megabytes(size),
            megabytes(zipped)
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// A function's name in template.yaml, which `sam build` names its folder after.
fn logical_name(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}Function", first.to_uppercase())
}

/// Builds as for a release, but for this machine: a build for Lambda's processor differs by some percent.
async fn release_build(places: &Places, names: &[String]) -> anyhow::Result<()> {
    let step = Progress::new().step("Building the functions as for a release (this takes minutes)");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--release", "--quiet", "--target-dir"])
        .arg(places.target())
        .current_dir(places.root())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for name in names {
        command.args(["--package", name]);
    }
    if !command.status().await?.success() {
        bail!("The functions do not build.");
    }
    step.done();
    Ok(())
}

/// The size of a file, and of a zip with it: `sam deploy` compresses with zlib's usual effort.
fn measure(binary: &Path) -> anyhow::Result<(usize, usize)> {
    let code =
        std::fs::read(binary).with_context(|| format!("Cannot read {}", binary.display()))?;
    ensure!(!code.is_empty(), "{} is empty.", binary.display());
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&code)?;
    Ok((code.len(), encoder.finish()?.len() + ZIP_FRAME))
}

#[expect(clippy::cast_precision_loss, reason = "no binary has 2^52 bytes")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / MB
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_under_the_names_of_the_template() {
        let places = Places::find();
        let template = std::fs::read_to_string(places.template()).expect("there is a template");
        for name in functions::names(&places).expect("there are functions") {
            let logical = format!("\n  {}:", logical_name(&name));
            assert!(
                template.contains(&logical),
                "template.yaml has no function {logical}"
            );
        }
    }
}
