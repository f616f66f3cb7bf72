//! What still has to be fetched, and whether that would work.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use cairn_dev::places::Places;
use cairn_dev::python::{Installed, Interpreter, Python};
use tokio::process::Command;

use super::finding::{Finding, Group, Verdict};

/// How long the index of packages may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A package of the local system, asked for by name.
const PACKAGE: &str = "ministack";

/// Whether packages are still needed, and if so whether they can be had.
pub async fn look(places: &Places) -> Finding {
    let finding = |verdict, found: &str| Finding {
        needed_for: "installing packages, the first time and when they change",
        ..Finding::new(Group::Needed, "Network", verdict, found)
    };
    let (installed, crates) = tokio::join!(Python::installed(places), has_crates(places));
    match (installed == Installed::Whole, crates) {
        (true, true) => finding(
            Verdict::Fine,
            "not needed now: all packages of Rust and Python are here",
        ),
        // cargo fetched those that this program is made of, so it reached where it gets them.
        (true, false) => finding(
            Verdict::Limited,
            "some packages of Rust have to be downloaded at the next start",
        ),
        (false, _) => match pip_reaches_its_index(places).await {
            Err(Unreached::Untried) => finding(
                Verdict::Limited,
                "could not be tried without Python and its module venv",
            ),
            Ok(()) => finding(
                Verdict::Fine,
                "pip reaches the packages of Python that are to be installed",
            ),
            Err(Unreached::Because(reason)) => finding(
                Verdict::Missing,
                &format!("the packages of Python cannot be installed: {reason}"),
            ),
        },
    }
}

/// Whether all that the functions are built from has been downloaded.
async fn has_crates(places: &Places) -> bool {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let run = Command::new(cargo)
        .args(["fetch", "--offline", "--locked", "--quiet", "--target"])
        .arg(format!("{}-{}", std::env::consts::ARCH, SYSTEM))
        .current_dir(places.root())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    run.await.is_ok_and(|status| status.success())
}

/// The rest of the name of the target that is built for.
const SYSTEM: &str = if cfg!(target_os = "macos") {
    "apple-darwin"
} else if cfg!(target_env = "musl") {
    "unknown-linux-musl"
} else {
    "unknown-linux-gnu"
};

/// Why packages cannot be had.
enum Unreached {
    /// Nobody could ask for them.
    Untried,
    Because(String),
}

/// Asks pip, in an environment that is thrown away, for the versions of a package: so proxies and mirrors that it is configured
/// for are heeded.
async fn pip_reaches_its_index(places: &Places) -> Result<(), Unreached> {
    let interpreter = Interpreter::find().await.map_err(|_| Unreached::Untried)?;
    let folder = places
        .state()
        .join(format!("doctor-{}", std::process::id()));
    let answer = ask_pip(&interpreter, &folder).await;
    let _ = std::fs::remove_dir_all(&folder);
    answer
}

async fn ask_pip(interpreter: &Interpreter, folder: &Path) -> Result<(), Unreached> {
    let mut venv = Command::new(&interpreter.path);
    venv.args(["-m", "venv", "--clear"]).arg(folder);
    if !succeeds(&mut venv).await {
        return Err(Unreached::Untried);
    }
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "index", "versions", PACKAGE]).args([
        "--disable-pip-version-check",
        "--retries",
        "1",
    ]);
    let problem = match tokio::time::timeout(PATIENCE, succeeds(&mut pip)).await {
        Ok(true) => return Ok(()),
        Ok(false) => "pip does not find them".to_owned(),
        Err(_) => format!("pip gets no answer within {} s", PATIENCE.as_secs()),
    };
    Err(Unreached::Because(format!(
        "{problem} (a proxy or a mirror goes into its configuration)"
    )))
}

async fn succeeds(command: &mut Command) -> bool {
    let run = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status();
    run.await.is_ok_and(|status| status.success())
}
