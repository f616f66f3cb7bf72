//! How large each function is, as a binary and as the package that is uploaded.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use cairn_dev::functions;
use cairn_dev::places::Places;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::json;

use super::report::{Section, Table, megabytes};
use super::sides::Side;
use super::targets;

/// What a zip of one file has beside the compressed file: its name twice, and what is known of it.
const ZIP_FRAME: usize = 140;

/// Measures the binaries of the sides, or those that `sam build` made in `built`.
pub fn run(
    places: &Places,
    sides: &[Side],
    built: Option<&Path>,
    only: Option<&str>,
) -> anyhow::Result<Section> {
    let columns: Vec<(String, Option<PathBuf>)> = match built {
        Some(_) => vec![(String::new(), None)],
        None => sides
            .iter()
            .map(|side| (side.suffix(sides), Some(side.functions().to_owned())))
            .collect(),
    };
    let mut head = vec!["function".to_owned()];
    for (suffix, _) in &columns {
        head.push(format!("binary, MB{suffix}"));
        head.push(format!("package (zip), MB{suffix}"));
    }
    head.push("target, MB".to_owned());
    let mut table = Table::new("Size of the functions", head);
    let mut figures = Vec::new();
    for name in functions::names(places)? {
        if only.is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let target = targets::package_mb(&name);
        let mut row = vec![name.clone()];
        let mut verdict = String::new();
        for (position, (_, folder)) in columns.iter().enumerate() {
            let binary = match (folder, built) {
                (Some(folder), _) => folder.join(&name),
                (None, Some(built)) => built.join(logical_name(&name)).join("bootstrap"),
                (None, None) => unreachable!("a column is of a side or of what was built"),
            };
            let (size, zipped) = measure(&binary)?;
            row.push(format!("{:.1}", megabytes(size)));
            row.push(format!("{:.1}", megabytes(zipped)));
            if position == 0 {
                verdict = targets::judged(megabytes(zipped), target, 1);
            }
            figures.push(json!({"function": name, "side": position, "binary_bytes": size, "zip_bytes": zipped}));
        }
        row.push(verdict);
        table.push(row);
    }
    Ok(Section::new("sizes", vec![table], json!(figures)))
}

/// A function's name in template.yaml, which `sam build` names its folder after.
fn logical_name(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}Function", first.to_uppercase())
}

/// The size of a file, and of a zip with it: `sam deploy` compresses with zlib's usual effort.
fn measure(binary: &Path) -> anyhow::Result<(u64, u64)> {
    let code =
        std::fs::read(binary).with_context(|| format!("Cannot read {}", binary.display()))?;
    ensure!(!code.is_empty(), "{} is empty.", binary.display());
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&code)?;
    let zipped = encoder.finish()?.len() + ZIP_FRAME;
    Ok((u64::try_from(code.len())?, u64::try_from(zipped)?))
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
