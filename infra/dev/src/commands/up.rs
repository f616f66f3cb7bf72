//! `up`: the whole system, until it is told to stop.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use cairn_dev::database::reach;
use cairn_dev::fingerprint;
use cairn_dev::front_door::FrontDoor;
use cairn_dev::instance::{Held, Instance, Record, Status};
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use cairn_dev::python::Python;
use cairn_dev::settings::{KeySource, Settings};
use cairn_dev::system::{Plan, System};
use jiff::Timestamp;

use super::{
    asked_to_stop, build_functions, development_key, instance, prepare_python, webhook_secret,
};

/// How long to wait for an instance that is still starting.
const READY_TIMEOUT: Duration = Duration::from_mins(5);

/// The person of the demo data who may do most.
pub const DEMO_USER: &str = "user_ada";

/// What must be there before anything is started.
pub struct Prepared {
    pub settings: Settings,
    pub places: Places,
    pub python: Python,
    pub fingerprint: u64,
    pub progress: Progress,
    pub started_at: Timestamp,
}

/// Reads the settings, installs and builds.
pub async fn prepare() -> anyhow::Result<Prepared> {
    let program = fingerprint::of_this_program()?;
    let settings = Settings::from_env()?;
    let places = Places::find();
    let progress = Progress::new();
    if !instance(&places).is_held() {
        // A port that is taken should be told before minutes of building, not after.
        FrontDoor::take(settings.port).await?;
    }
    // So should a database that cannot be used.
    if settings.database_url.is_some() {
        let step = progress.step("Looking at the database of DATABASE_URL");
        let found = reach(&settings).await?;
        step.done_with(&found.unwrap_or_default());
    }
    let python = prepare_python(&places, progress).await?;
    build_functions(&places, progress).await?;
    complete(settings, places, python, progress, program)
}

/// The same where all is installed and built.
async fn find_prepared() -> anyhow::Result<Prepared> {
    let program = fingerprint::of_this_program()?;
    let places = Places::find();
    let progress = Progress::new();
    let python = Python::prepare(&places, &mut progress.step("Preparing Python")).await?;
    complete(Settings::from_env()?, places, python, progress, program)
}

fn complete(
    settings: Settings,
    places: Places,
    python: Python,
    progress: Progress,
    program: u64,
) -> anyhow::Result<Prepared> {
    Ok(Prepared {
        fingerprint: fingerprint::of(&settings, &places, program)?,
        settings,
        places,
        python,
        progress,
        started_at: Timestamp::now(),
    })
}

/// A system of ours that is ready, and the claim to be the only one.
struct Running {
    system: System,
    held: Held,
    progress: Progress,
}

/// Runs in the foreground.
pub async fn run(prepared: bool) -> anyhow::Result<ExitCode> {
    let started = tokio::select! {
        started = start(prepared) => started,
        stopped = asked_to_stop() => {
            stopped?;
            // What was started notices that we are gone.
            bail!("Stopped before it was ready.")
        }
    };
    let Some(Running {
        mut system,
        held,
        progress,
    }) = started?
    else {
        return Ok(ExitCode::SUCCESS);
    };
    let failure = tokio::select! {
        failure = system.failed() => Some(failure),
        stopped = asked_to_stop() => { stopped?; None }
    };
    let step = progress.step("Stopping");
    system.stop().await;
    step.done();
    drop(held);
    match failure {
        Some(sentence) => bail!("{sentence}"),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Starts the system; none if it runs already.
async fn start(prepared: bool) -> anyhow::Result<Option<Running>> {
    let prepared = if prepared {
        find_prepared().await?
    } else {
        prepare().await?
    };
    let instance = instance(&prepared.places);
    if let Some(status) = already_runs(&prepared, &instance).await? {
        println!("Already running.");
        print_summary(&prepared, &status)?;
        return Ok(None);
    }
    let Some(held) = instance.hold()? else {
        bail!("Another `cargo dev` has just been started; wait for it.");
    };
    let key = development_key(&prepared.places)?;
    let Prepared {
        settings,
        places,
        python,
        progress,
        ..
    } = &prepared;
    publish(&held, &prepared, None, Vec::new())?;
    let door = FrontDoor::take(settings.port).await?;
    let plan = Plan {
        settings,
        places,
        python,
        key: &key,
        webhook_secret: &webhook_secret(settings, places)?,
        folder: instance.folder(),
        progress: *progress,
    };
    let system = System::start(&plan, door).await?;
    let status = system.status().clone();
    let environment = system.environment().to_vec();
    publish(&held, &prepared, Some(status.clone()), environment)?;
    print_summary(&prepared, &status)?;
    Ok(Some(Running {
        system,
        held,
        progress: *progress,
    }))
}

fn publish(
    held: &Held,
    prepared: &Prepared,
    status: Option<Status>,
    environment: Vec<(String, String)>,
) -> anyhow::Result<()> {
    let pid = i32::try_from(std::process::id())?;
    held.publish(&Record {
        command: "up".to_owned(),
        pid,
        started_at: Some(prepared.started_at),
        settings: prepared.settings.described(),
        fingerprint: prepared.fingerprint,
        status,
        environment,
    })
}

/// The addresses of an instance that runs with the same settings and code. One that differs is stopped.
pub async fn already_runs(
    prepared: &Prepared,
    instance: &Instance,
) -> anyhow::Result<Option<Status>> {
    let began = std::time::Instant::now();
    while instance.is_held() {
        match instance.running() {
            Some(record) if record.command != "up" => bail!(
                "`cargo dev {}` is using the database (process {}): stop it first. Started after `up`, it uses the same one.",
                record.command,
                record.pid
            ),
            Some(Record {
                fingerprint,
                status: Some(status),
                ..
            }) if fingerprint == prepared.fingerprint => {
                return Ok(Some(status));
            }
            Some(record) if record.fingerprint != prepared.fingerprint => {
                let step = prepared
                    .progress
                    .step("Stopping the running system, whose settings or code differ");
                instance.stop().await?;
                step.done();
            }
            // It is starting.
            _ => tokio::time::sleep(Duration::from_millis(200)).await,
        }
        if began.elapsed() > READY_TIMEOUT {
            bail!("Another `cargo dev up` does not get ready; stop it with `cargo dev down`.");
        }
    }
    Ok(None)
}

/// What one needs to know when it runs.
pub fn print_summary(prepared: &Prepared, status: &Status) -> anyhow::Result<()> {
    let settings = &prepared.settings;
    println!();
    println!("  API        {}", status.api_url);
    println!("  Docs       {}/api/docs", status.api_url);
    println!("  Webhook    {}", status.webhook_url);
    println!("  Console    {}", status.console_url);
    println!("  Mailbox    {}", status.mailbox_url);
    println!("  Database   {}", status.database_url);
    println!("  Local AWS  {}", status.aws_endpoint);
    println!(
        "  Tokens     {} (issuer {})",
        status.clerk.keys, status.clerk.issuer
    );
    println!();
    if settings.clerk.keys == KeySource::Development {
        let key = development_key(&prepared.places)?;
        let token = settings
            .clerk
            .session_token(&key, DEMO_USER, Duration::from_hours(12))?;
        println!(
            "  A token for {DEMO_USER}, valid for 12 hours (for others: cargo dev token --user <id>):"
        );
        println!();
        println!("{token}");
        println!();
        println!("  Try:");
        println!();
        println!(
            "curl -s {}/api/workspace -H 'authorization: Bearer {token}'",
            status.api_url
        );
    } else {
        println!("  Session tokens come from your Clerk instance. Try:");
        println!();
        println!("curl -s {}/api/health", status.api_url);
    }
    println!();
    println!("ready {}", status.api_url);
    Ok(())
}
