//! The machine: its system, its disk, its limits, and the port of the front door.

use std::net::{Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use cairn_dev::database::reach;
use cairn_dev::front_door::FrontDoor;
use cairn_dev::places::Places;
use cairn_dev::settings::Settings;
use rustix::process::{Resource, getrlimit};
use tokio::net::TcpStream;

use super::finding::{Finding, Group, Verdict};
use crate::commands::instance;

/// What the packages, the build and the data take from nothing, in bytes.
const FROM_NOTHING: u64 = 4 << 30;
/// What is needed where all is built already.
const FOR_DATA: u64 = 512 << 20;

/// How many files a process should be able to open: each connection of a function is one, on both sides.
const FILES: u64 = 1024;

/// All of it.
pub async fn look(places: &Places, settings: &anyhow::Result<Settings>) -> Vec<Finding> {
    let mut findings = vec![system(), disk(places), files()];
    match settings {
        Ok(settings) => {
            findings.push(port(places, settings.port).await);
            findings.extend(database(settings).await);
        }
        Err(problem) => findings.push(Finding::new(
            Group::Needed,
            "Settings",
            Verdict::Missing,
            format!("{problem:#}"),
        )),
    }
    findings
}

fn system() -> Finding {
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    let known = matches!(system, "linux" | "macos") && matches!(processor, "x86_64" | "aarch64");
    let (verdict, remark) = if cfg!(target_env = "musl") {
        (
            Verdict::Limited,
            ": the embedded PostgreSQL is made for glibc; set DATABASE_URL to one of your own",
        )
    } else if !known {
        (Verdict::Limited, ": nobody has tried this")
    } else if system == "macos" {
        (
            Verdict::Fine,
            ": cargo dev bench and some proofs read /proc, and run on Linux only",
        )
    } else {
        (Verdict::Fine, "")
    };
    Finding::new(
        Group::Needed,
        "System",
        verdict,
        format!("{system} on {processor}{remark}"),
    )
}

fn disk(places: &Places) -> Finding {
    // The folder may not be there yet.
    let existing = places.target().ancestors().find(|path| path.exists());
    let built = places.functions().join("migrate").is_file();
    let needed = if built { FOR_DATA } else { FROM_NOTHING };
    let (verdict, found) = match rustix::fs::statvfs(existing.unwrap_or(Path::new("/"))) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let sentence = format!("{} free", gigabytes(free));
            if free >= needed {
                (Verdict::Fine, sentence)
            } else {
                let sentence = format!(
                    "{sentence}, and {} are needed: make room (`cargo clean` empties target/)",
                    gigabytes(needed)
                );
                (Verdict::Missing, sentence)
            }
        }
        Err(error) => (Verdict::Limited, format!("cannot be asked: {error}")),
    };
    Finding {
        needed_for: "packages, the build and data, all under target/",
        ..Finding::new(Group::Needed, "Disk", verdict, found)
    }
}

#[expect(clippy::cast_precision_loss, reason = "it is for people")]
fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}

fn files() -> Finding {
    let (verdict, found) = match getrlimit(Resource::Nofile).current {
        Some(limit) if limit < FILES => (
            Verdict::Limited,
            format!("a process may open {limit}: under load `ulimit -n {FILES}` before is better"),
        ),
        Some(limit) => (Verdict::Fine, format!("a process may open {limit}")),
        None => (Verdict::Fine, "a process may open any number".to_owned()),
    };
    Finding::new(Group::Needed, "Open files", verdict, found)
}

async fn port(places: &Places, port: u16) -> Finding {
    let finding = |verdict, found: String| Finding {
        needed_for: "the front door (CAIRN_PORT)",
        ..Finding::new(Group::Needed, "Port", verdict, found)
    };
    let own = instance(places)
        .running()
        .and_then(|record| record.status)
        .is_some_and(|status| status.api_url.ends_with(&format!(":{port}")));
    if own {
        return finding(Verdict::Fine, format!("{port}, of the running system"));
    }
    if let Err(problem) = FrontDoor::take(port).await {
        return finding(Verdict::Missing, format!("{problem:#}"));
    }
    // A browser that is sent to localhost asks there first.
    let ipv6 = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
    let stranger = tokio::time::timeout(Duration::from_secs(1), TcpStream::connect(ipv6)).await;
    if matches!(stranger, Ok(Ok(_))) {
        return finding(
            Verdict::Limited,
            format!(
                "{port} is free on 127.0.0.1, but another program listens on [::1] (on macOS AirPlay): say 127.0.0.1 instead \
                 of localhost, or set CAIRN_PORT"
            ),
        );
    }
    finding(Verdict::Fine, format!("{port} is free"))
}

async fn database(settings: &Settings) -> Option<Finding> {
    let (verdict, found) = match reach(settings).await {
        Ok(found) => (Verdict::Fine, found?),
        Err(problem) => (Verdict::Missing, format!("{problem:#}")),
    };
    Some(Finding {
        needed_for: "what DATABASE_URL asks for",
        ..Finding::new(Group::Needed, "Database", verdict, found)
    })
}
