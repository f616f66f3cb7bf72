//! What a running system was started from, as a number, so that `up` notices when anything of it differs: the settings, the
//! functions and their template, the scripts around them, and `cargo dev` itself, of which the console and the front door are
//! parts.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::functions;
use crate::places::Places;
use crate::settings::Settings;

/// The fingerprint of what would be started now, by the `program` of that number.
pub fn of(settings: &Settings, places: &Places, program: u64) -> anyhow::Result<u64> {
    let mut hasher = DefaultHasher::new();
    settings.hash(&mut hasher);
    program.hash(&mut hasher);
    content(&places.template())?.hash(&mut hasher);
    for name in functions::names(places)? {
        // The migrations are in them.
        content(&places.functions().join(name))?.hash(&mut hasher);
    }
    for script in files(&places.scripts())? {
        script.file_name().hash(&mut hasher);
        content(&script)?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

/// The number of the program that runs. It is to be asked for first of all: while the functions are built, another `cargo dev`
/// may put a newer program in its place.
pub fn of_this_program() -> anyhow::Result<u64> {
    let program = std::env::current_exe().context("Cannot find out which program this is")?;
    let mut hasher = DefaultHasher::new();
    content(&program)?.hash(&mut hasher);
    Ok(hasher.finish())
}

fn content(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("Cannot read {}", path.display()))
}

/// The files of a folder, by name; without its folders, where Python may keep what it compiled.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in
        std::fs::read_dir(folder).with_context(|| format!("Cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository in a folder of its own, with one function that is built.
    struct Repository(PathBuf);

    impl Repository {
        fn new() -> Self {
            let root = std::env::temp_dir().join(format!("cairn-print-{}", uuid::Uuid::now_v7()));
            let repository = Self(root);
            for (path, text) in [
                ("template.yaml", "Resources:"),
                ("functions/tasks/Cargo.toml", "[package]"),
                ("target/local/tasks", "\x7fELF"),
                ("infra/local/aws.py", "import deploy"),
                ("infra/local/requirements.txt", "ministack"),
                ("infra/local/__pycache__/aws.pyc", "compiled"),
            ] {
                repository.write(path, text);
            }
            repository
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.0.join(path);
            let folder = path.parent().expect("it is in a folder");
            std::fs::create_dir_all(folder).expect("the folder can be made");
            std::fs::write(path, text).expect("it can be written");
        }

        fn fingerprint(&self, settings: &Settings, program: u64) -> u64 {
            of(settings, &Places::at(self.0.clone()), program).expect("all is there")
        }
    }

    impl Drop for Repository {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn whatever_a_system_is_started_from_is_noticed() {
        let repository = Repository::new();
        let mut settings = Settings::for_tests();
        let mut seen = vec![repository.fingerprint(&settings, 1)];
        for path in [
            "template.yaml",
            "target/local/tasks",
            "infra/local/aws.py",
            "infra/local/requirements.txt",
            "infra/local/new.sql",
        ] {
            repository.write(path, "changed");
            let now = repository.fingerprint(&settings, 1);
            assert!(!seen.contains(&now), "{path}");
            seen.push(now);
        }
        settings.port = 5001;
        seen.push(repository.fingerprint(&settings, 1));
        seen.push(repository.fingerprint(&settings, 2));
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), all, "the settings and `cargo dev` itself count");
    }

    #[test]
    fn what_python_keeps_for_itself_does_not_count() {
        let repository = Repository::new();
        let settings = Settings::for_tests();
        let before = repository.fingerprint(&settings, 1);
        repository.write("infra/local/__pycache__/aws.pyc", "compiled again");
        assert_eq!(repository.fingerprint(&settings, 1), before);
    }
}
