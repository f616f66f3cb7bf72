//! What libFuzzer has found to lead each parser another way, and what once broke a property.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use crate::PARSERS;

/// Less than this in a corpus, and it is not there.
const FEWEST: usize = 20;

fn fuzz(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz")
        .join(folder)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("a file").path()).collect()
}

#[test]
fn every_property_holds_of_the_corpus() {
    let mut broken = Vec::new();
    for parser in PARSERS {
        let files = files(&fuzz("corpus").join(parser.name));
        assert!(files.len() >= FEWEST, "the corpus of {}", parser.name);
        for file in files {
            let input = std::fs::read(&file).expect("the file is read");
            if catch_unwind(|| (parser.holds)(&input)).is_err() {
                broken.push(file);
            }
        }
    }
    assert!(broken.is_empty(), "see above what broke of {broken:#?}");
}

#[test]
fn every_parser_has_a_fuzz_target() {
    let mut targets: Vec<String> = files(&fuzz("fuzz_targets"))
        .iter()
        .filter_map(|file| file.file_stem()?.to_str().map(str::to_owned))
        .collect();
    targets.sort_unstable();
    assert_eq!(targets, PARSERS.map(|parser| parser.name));
}
