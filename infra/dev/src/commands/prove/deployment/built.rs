//! `sam build`, of a copy of the repository: so that a migration can be added, and nobody's edits get in between.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, ensure};
use cairn_dev::functions;
use cairn_dev::places::Places;
use cairn_dev::sam::{self, Sam};

/// What a build needs of the repository.
const NEEDED: [&str; 8] = [
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "functions",
    "infra",
    "migrations",
    "shared",
    "template.yaml",
];

/// `sam build` builds with the release profile. What is proved here does not depend on how well the compiler optimises, which
/// takes most of the time: so these say otherwise.
const QUICK_RELEASE: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
];

/// The function that carries the migrations, as template.yaml names it.
const MIGRATE: &str = "MigrateFunction";

pub struct Builds<'a> {
    places: &'a Places,
    sam: &'a Sam,
    folder: &'a Path,
    copy: PathBuf,
    architecture: &'static str,
}

impl<'a> Builds<'a> {
    pub fn new(
        places: &'a Places,
        sam: &'a Sam,
        folder: &'a Path,
        architecture: &'static str,
    ) -> Self {
        Self {
            places,
            sam,
            folder,
            copy: folder.join("repository"),
            architecture,
        }
    }

    /// The functions that there should be.
    pub fn names(&self) -> anyhow::Result<Vec<String>> {
        functions::names(self.places)
    }

    /// How many functions have a binary in what was built.
    pub fn functions_in(built: &Path) -> anyhow::Result<usize> {
        let mut functions = 0;
        for entry in std::fs::read_dir(built)? {
            functions += usize::from(entry?.path().join("bootstrap").is_file());
        }
        Ok(functions)
    }

    /// Builds everything as it is.
    pub async fn all(&self) -> anyhow::Result<PathBuf> {
        let _ = std::fs::remove_dir_all(&self.copy);
        for name in NEEDED {
            copy(&self.places.root().join(name), &self.copy.join(name))?;
        }
        let built = self.folder.join("built/as-it-is");
        self.build(&built, None).await?;
        Ok(built)
    }

    /// What was built, with one more migration in it.
    pub async fn with_migration(
        &self,
        built: &Path,
        (name, sql): (&str, &str),
    ) -> anyhow::Result<PathBuf> {
        let migrations = self.copy.join("migrations");
        std::fs::write(migrations.join(name), sql)?;
        let only = self.folder.join("built/migrate");
        let done = self.build(&only, Some(MIGRATE)).await;
        std::fs::remove_file(migrations.join(name))?;
        done?;
        let folder = self.folder.join("built").join(name);
        let _ = std::fs::remove_dir_all(&folder);
        copy(built, &folder)?;
        let (with, without) = (only.join(MIGRATE), folder.join(MIGRATE));
        ensure!(
            std::fs::read(with.join("bootstrap"))? != std::fs::read(without.join("bootstrap"))?,
            "The migration {name} did not get into the build."
        );
        copy(&with, &without)?;
        Ok(folder)
    }

    async fn build(&self, built: &Path, function: Option<&str>) -> anyhow::Result<()> {
        let mut command = self.sam.command(&["build"]);
        command
            .args(function)
            .arg("--config-file")
            .arg(self.places.root().join("samconfig.toml"))
            .arg("--build-dir")
            .arg(built)
            .arg("--parameter-overrides")
            .arg(format!("Architecture={}", self.architecture))
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .envs(QUICK_RELEASE)
            .current_dir(&self.copy);
        let ran = sam::run(&mut command, &self.folder.join("build.log")).await?;
        ran.must_succeed("`sam build`")
    }
}

/// Copies a file or a folder. The time of a file's last change is kept: by it Cargo sees that nothing is to be built again.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if from.is_dir() {
        std::fs::create_dir_all(to).with_context(|| format!("Cannot create {}", to.display()))?;
        for entry in std::fs::read_dir(from)? {
            let name = entry?.file_name();
            copy(&from.join(&name), &to.join(&name))?;
        }
        return Ok(());
    }
    let changed: SystemTime = std::fs::metadata(from)?.modified()?;
    std::fs::copy(from, to)
        .with_context(|| format!("Cannot copy {} to {}", from.display(), to.display()))?;
    std::fs::File::options()
        .write(true)
        .open(to)?
        .set_modified(changed)?;
    Ok(())
}
