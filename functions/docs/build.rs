//! Takes out of Swagger UI's archive what the page of the documentation needs, a third of it, and compresses it once and for all;
//! and takes the indentation out of the API's document, which is half of it.

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Cursor};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

const DOCUMENT: &str = "../../infra/openapi.json";

const NEEDED: [&str; 3] = [
    "favicon-32x32.png",
    "swagger-ui-bundle.js",
    "swagger-ui.css",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={DOCUMENT}");
    let folder = env::var("OUT_DIR")?;
    // No text in JSON goes over the end of a line.
    let document: String = fs::read_to_string(DOCUMENT)?
        .lines()
        .map(str::trim_start)
        .collect();
    fs::write(Path::new(&folder).join("openapi.json"), document)?;
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    for name in NEEDED {
        let path = archive
            .file_names()
            .filter_map(Result::ok)
            .find(|path| path.ends_with(&format!("/dist/{name}")))
            .ok_or_else(|| format!("Swagger UI has no {name}"))?
            .into_owned();
        let file = File::create(Path::new(&folder).join(format!("{name}.gz")))?;
        let mut compressed = GzEncoder::new(file, Compression::best());
        io::copy(&mut archive.by_name(&path)?, &mut compressed)?;
        compressed.finish()?;
    }
    Ok(())
}
