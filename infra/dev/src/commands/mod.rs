//! What each command does.

pub mod backing;
pub mod bench;
pub mod detach;
pub mod doctor;
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
use cairn_dev::process_group::{ProcessGroup, lead};
use cairn_dev::progress::Progress;
use cairn_dev::python::Python;
use cairn_dev::settings::Settings;
use cairn_dev::tokens::SigningKey;
use cairn_dev::webhooks::WebhookSecret;
use rustix::process::Signal;
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

/// How long a program may take to end after it was interrupted.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// What `up` keeps, and `watch` where `up` does not run.
fn instance(places: &Places) -> Instance {
    Instance::at(places.state().join("up"))
}

/// The key of development tokens.
fn development_key(places: &Places) -> anyhow::Result<SigningKey> {
    SigningKey::load_or_create(&places.signing_key())
}

/// The settings of what runs; those of the environment where nothing does.
fn settings_in_force(places: &Places) -> anyhow::Result<Settings> {
    match instance(places).running() {
        Some(record) if !record.environment.is_empty() => {
            Settings::of_instance(&record.environment, &development_key(places)?)
        }
        _ => Settings::from_env(),
    }
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
    let python = Python::prepare(places, &mut step).await?;
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

/// Runs a program until it ends or we are asked to stop, and passes its exit status on. All it started ends with it.
async fn run_until_stopped(command: &mut Command) -> anyhow::Result<ExitCode> {
    let mut child = lead(command).spawn().context("Cannot start a program")?;
    let group = ProcessGroup::of(&child);
    let status = tokio::select! {
        status = child.wait() => status?,
        stopped = asked_to_stop() => {
            stopped?;
            group.signal(Signal::INT);
            if tokio::time::timeout(STOP_TIMEOUT, child.wait()).await.is_err() {
                group.signal(Signal::KILL);
            }
            child.wait().await?
        }
    };
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Ok(code.into())
}
