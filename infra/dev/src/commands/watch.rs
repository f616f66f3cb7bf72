//! `watch`: `cargo lambda watch` over the database and the queues of the local system.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};

use anyhow::bail;
use cairn_dev::cargo_lambda;
use cairn_dev::front_door::FrontDoor;
use cairn_dev::instance::{Held, Instance, Record};
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use cairn_dev::python::Python;
use cairn_dev::settings::Settings;
use cairn_dev::system::{Plan, System};
use tokio::process::Command;

use super::{
    asked_to_stop, build_functions, development_key, instance, prepare_python, run_until_stopped,
    webhook_secret,
};

/// Where `cargo lambda watch` listens unless its arguments say otherwise.
const URL: &str = "http://127.0.0.1:9000";

/// The system that was started for `watch` alone, and the claim to be the only one. What is in its queues is worked off by the
/// functions that were built then.
struct Own {
    system: System,
    held: Held,
}

/// Runs `cargo lambda watch` until it ends or is told to stop.
pub async fn run(arguments: &[OsString]) -> anyhow::Result<ExitCode> {
    let places = Places::find();
    let progress = Progress::new();
    let prepared = tokio::select! {
        prepared = prepare(&places, progress) => prepared,
        stopped = asked_to_stop() => {
            stopped?;
            bail!("Stopped before it was ready.")
        }
    };
    let (program, own, environment) = prepared?;
    eprintln!();
    eprintln!("  All functions under {URL}; the first request to each builds it.");
    eprintln!(
        "  Try: curl -s {URL}/api/workspace -H \"authorization: Bearer $(cargo dev token --user {})\"",
        super::up::DEMO_USER
    );
    eprintln!();
    let mut command = Command::new(program);
    command
        // The profile and folder of `cargo dev up`, so that little is built twice.
        .args([
            "lambda",
            "watch",
            "--invoke-address",
            "127.0.0.1",
            "--profile",
            "local",
        ])
        .env("CARGO_TARGET_DIR", places.target())
        .args(arguments)
        .current_dir(places.root())
        .envs(environment)
        .stdin(Stdio::null());
    let result = run_until_stopped(&mut command).await;
    if let Some(Own { system, held }) = own {
        system.stop().await;
        drop(held);
    }
    result
}

type Environment = Vec<(String, String)>;

async fn prepare(
    places: &Places,
    progress: Progress,
) -> anyhow::Result<(PathBuf, Option<Own>, Environment)> {
    let python = prepare_python(places, progress).await?;
    let program = cargo_lambda::find(&python, progress).await?;
    let instance = instance(places);
    if let Some(record) = instance.running() {
        if record.command == "up" && record.status.is_some() {
            eprintln!("Using the database and the local AWS of the running `cargo dev up`.");
            return Ok((program, None, record.environment));
        }
        bail!(
            "`cargo dev {}` is running (process {}) and not ready to be shared.",
            record.command,
            record.pid
        );
    }
    let own = start_system(places, &python, &instance, progress).await?;
    let environment = own.system.environment().to_vec();
    Ok((program, Some(own), environment))
}

async fn start_system(
    places: &Places,
    python: &Python,
    instance: &Instance,
    progress: Progress,
) -> anyhow::Result<Own> {
    let settings = Settings::from_env()?;
    let door = FrontDoor::take(settings.port).await?;
    build_functions(places, progress).await?;
    let Some(held) = instance.hold()? else {
        bail!("Another `cargo dev` has just been started; wait for it.");
    };
    let plan = Plan {
        settings: &settings,
        places,
        python,
        key: &development_key(places)?,
        webhook_secret: &webhook_secret(&settings, places)?,
        folder: instance.folder(),
        progress,
    };
    let system = System::start(&plan, door).await?;
    held.publish(&Record {
        command: "watch".to_owned(),
        pid: i32::try_from(std::process::id())?,
        started_at: Some(jiff::Timestamp::now()),
        settings: settings.described(),
        fingerprint: 0,
        status: Some(system.status().clone()),
        environment: system.environment().to_vec(),
    })?;
    Ok(Own { system, held })
}
