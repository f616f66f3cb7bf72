//! A small disk in memory, which can be filled up.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;

const SIZE: &str = "size=96m,mode=0700";
const FILLER: &str = "filler";

/// A mounted file system, as long as this lives.
pub struct SmallDisk {
    /// Where the server keeps its files.
    pub tables: PathBuf,
    mounted: PathBuf,
}

impl SmallDisk {
    /// Mounts one in a folder of a server, for the server's user. Nothing where we may not mount.
    pub fn mount(home: &Path) -> anyhow::Result<Option<Self>> {
        let mounted = home.join("small");
        std::fs::create_dir(&mounted)?;
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", SIZE, "tmpfs"])
            .arg(&mounted)
            .stderr(Stdio::null())
            .status();
        if !mount.is_ok_and(|status| status.success()) {
            return Ok(None);
        }
        let disk = Self {
            tables: mounted.join("tables"),
            mounted,
        };
        std::fs::create_dir(&disk.tables)?;
        let owner = std::fs::metadata(home)?;
        for folder in [&disk.mounted, &disk.tables] {
            chown(folder, Some(owner.uid()), Some(owner.gid()))?;
        }
        Ok(Some(disk))
    }

    /// Leaves no room on it.
    pub fn fill(&self) -> anyhow::Result<()> {
        let mut filler = File::create(self.mounted.join(FILLER))?;
        let piece = vec![0; 4096];
        loop {
            match filler.write_all(&piece) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error).context("The disk cannot be filled"),
            }
        }
    }

    /// Makes room again.
    pub fn empty(&self) -> anyhow::Result<()> {
        std::fs::remove_file(self.mounted.join(FILLER)).context("The disk cannot be emptied")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server may still be there.
        let _ = Command::new("umount").arg("-l").arg(&self.mounted).status();
    }
}
