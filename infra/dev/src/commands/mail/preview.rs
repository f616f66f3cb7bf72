//! `mail preview`: every mail of the product with sample data, as files to look at.

use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, bail};
use askama::Template;
use cairn_dev::functions::build_program;
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use cairn_dev::settings::Settings;
use serde::Deserialize;
use tokio::process::Command;

/// The program that writes the samples, with the code that the functions write mails with.
const PROGRAM: &str = "mails";

/// A mail as it would be sent.
#[derive(Deserialize)]
struct Sample {
    name: String,
    shows: String,
    subject: String,
    html: String,
    text: String,
}

#[derive(Template)]
#[template(path = "mails.html")]
struct Index {
    samples: Vec<Sample>,
}

/// Writes all samples, and a page that shows them, to `folder`; prints the path of the page.
pub async fn run(folder: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let places = Places::find();
    let settings = Settings::from_env()?;
    let folder = folder.unwrap_or_else(|| places.target().join("mails"));
    let progress = Progress::new();
    let mut step = progress.step("Building the mails");
    let program = build_program(&places, PROGRAM, &mut step).await?;
    step.done();
    let step = progress.step("Writing the mails");
    let samples = samples(&program, &settings.frontend_url).await?;
    let count = samples.len();
    let page = write(samples, &folder)?;
    step.done_with(&format!("{count}, each as .html and .txt"));
    println!("{}", page.display());
    Ok(ExitCode::SUCCESS)
}

async fn samples(program: &Path, frontend: &str) -> anyhow::Result<Vec<Sample>> {
    let printed = Command::new(program)
        .arg(frontend)
        .stdin(Stdio::null())
        .output()
        .await
        .context("Cannot run the program that writes the mails")?;
    if !printed.status.success() {
        bail!("{}.", String::from_utf8_lossy(&printed.stderr).trim());
    }
    serde_json::from_slice(&printed.stdout).context("The mails could not be read")
}

fn write(samples: Vec<Sample>, folder: &Path) -> anyhow::Result<PathBuf> {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).with_context(|| format!("Cannot write {}", path.display()))
    };
    std::fs::create_dir_all(folder)
        .with_context(|| format!("Cannot create {}", folder.display()))?;
    for Sample {
        name,
        subject,
        html,
        text,
        ..
    } in &samples
    {
        write(&format!("{name}.html"), html)?;
        write(
            &format!("{name}.txt"),
            &format!("Subject: {subject}\n\n{text}"),
        )?;
    }
    write("index.html", &Index { samples }.render()?)?;
    Ok(std::path::absolute(folder.join("index.html"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_each_sample_and_takes_nothing_for_markup() {
        let sample = Sample {
            name: "one".to_owned(),
            shows: "what <it> shows".to_owned(),
            subject: "Due: <script>".to_owned(),
            html: "<p>the mail</p>".to_owned(),
            text: "the text".to_owned(),
        };
        let folder = std::env::temp_dir().join(format!("cairn-mails-{}", uuid::Uuid::now_v7()));
        let page = write(vec![sample], &folder).expect("the files can be written");
        let page = std::fs::read_to_string(page).expect("the page is there");
        let mail = std::fs::read_to_string(folder.join("one.html")).expect("the mail is there");
        let text = std::fs::read_to_string(folder.join("one.txt")).expect("its text is there");
        std::fs::remove_dir_all(&folder).expect("the folder can be removed");
        assert_eq!(mail, "<p>the mail</p>");
        assert_eq!(text, "Subject: Due: <script>\n\nthe text");
        assert!(
            page.contains("src=\"one.html\"") && page.contains("the text"),
            "{page}"
        );
        assert!(!page.contains("<script>"), "{page}");
    }
}
