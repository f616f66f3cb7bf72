//! What each command does.

pub mod backing;
pub mod bench;
pub mod detach;
pub mod down;
pub mod env;
pub mod mail;
pub mod mutants;
pub mod openapi;
pub mod prove;
pub mod status;
pub mod test;
pub mod token;
pub mod up;
pub mod watch;
pub mod webhook;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use cairn_dev::instance::Instance;
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use cairn_dev::python::Python;
use cairn_dev::settings::Settings;
use cairn_dev::tokens::SigningKey;
use cairn_dev::webhooks::WebhookSecret;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

/// How long a program may take to end after it was interrupted.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// What `up` keeps, and `watch` where `up` does not run.
fn instance(places: &Places) -> Instance {
    Instance::at(places.state().join("up"))
}

/// The key of development tokens. It outlives `reset`, so that tokens in someone's notes stay valid until they expire.
fn development_key(places: &Places) -> anyhow::Result<SigningKey> {
    SigningKey::load_or_create(&places.state().join("signing-key.pem"))
}

/// What webhooks are signed with: a secret from outside, or one of our own.
fn webhook_secret(settings: &Settings, places: &Places) -> anyhow::Result<String> {
    match &settings.webhook_secret {
        Some(secret) => Ok(secret.clone()),
        None => WebhookSecret::load_or_create(&places.webhook_secret()),
    }
}

async fn prepare_python(places: &Places, progress: Progress) -> anyhow::Result<Python> {
    let mut step = progress.step("Preparing Python");
    let python = Python::prepare(places, |message| step.tell(message)).await?;
    step.done();
    Ok(python)
}

async fn build_functions(places: &Places, progress: Progress) -> anyhow::Result<()> {
    build_functions_and(&[], places, progress).await
}

async fn build_functions_and(
    beside: &[&str],
    places: &Places,
    progress: Progress,
) -> anyhow::Result<()> {
    let mut step = progress.step("Building the functions");
    cairn_dev::functions::build(places, beside, &mut step).await?;
    step.done();
    Ok(())
}

/// Waits until somebody wants us to stop: Ctrl-C, `cargo dev down`, or a terminal that is closed.
async fn asked_to_stop() -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
    Ok(())
}

/// Runs a program until it ends or we are asked to stop, and passes its exit status on.
///
/// It has a process group of its own: so a signal for us reaches it, and all it started, once and in every case.
async fn run_until_stopped(command: &mut Command) -> anyhow::Result<ExitCode> {
    let mut child = command
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .context("Cannot start a program")?;
    let group = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    let status = tokio::select! {
        status = child.wait() => status?,
        stopped = asked_to_stop() => {
            stopped?;
            signal_group(group, Signal::INT);
            if tokio::time::timeout(STOP_TIMEOUT, child.wait()).await.is_err() {
                signal_group(group, Signal::KILL);
            }
            child.wait().await?
        }
    };
    // Whatever it left behind.
    signal_group(group, Signal::KILL);
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Ok(code.into())
}

fn signal_group(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        // It may have ended already.
        let _ = kill_process_group(group, signal);
    }
}
