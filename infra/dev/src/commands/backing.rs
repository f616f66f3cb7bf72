//! What tests and proofs run against: a system of their own, with variables that tell of it.

use std::ffi::OsString;
use std::path::Path;
use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, bail};
use cairn_dev::aws::LocalAws;
use cairn_dev::front_door::FrontDoor;
use cairn_dev::instance::Instance;
use cairn_dev::places::Places;
use cairn_dev::postgres::Postgres;
use cairn_dev::progress::Progress;
use cairn_dev::python::Python;
use cairn_dev::settings::Settings;
use cairn_dev::system::{Plan, System};
use cairn_dev::tokens::SigningKey;
use cairn_dev::webhooks::WebhookSecret;
use tokio::process::Command;

use super::{asked_to_stop, build_functions_and, prepare_python, run_until_stopped};

const FOLDER_PREFIX: &str = "test-";

/// The maintenance database of the embedded server.
const MAINTENANCE: &str = "postgres";

/// How much is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A database and the local AWS with the deployed stack.
    Stack,
    /// A database and the local AWS with nothing in it.
    Parts,
}

/// What runs.
enum Backing {
    Stack(Box<System>),
    Parts(Box<Postgres>, Box<LocalAws>),
}

/// Builds the functions and the packages `beside` them, starts a system, runs `command` against it and passes its exit status
/// on.
pub async fn run_against(
    kind: Kind,
    places: &Places,
    beside: &[&str],
    command: &mut Command,
) -> anyhow::Result<ExitCode> {
    remove_leftovers(places);
    let instance = Instance::at(
        places
            .state()
            .join(format!("{FOLDER_PREFIX}{}", std::process::id())),
    );
    let held = instance.hold()?.context("Another process has our id")?;
    let result = run_in(instance.folder(), kind, places, beside, command).await;
    drop(held);
    // After a failure its logs are what one wants to read; the next run removes them.
    if result.is_ok() {
        let _ = std::fs::remove_dir_all(instance.folder());
    }
    result
}

async fn run_in(
    folder: &Path,
    kind: Kind,
    places: &Places,
    beside: &[&str],
    command: &mut Command,
) -> anyhow::Result<ExitCode> {
    let started = tokio::select! {
        started = start(kind, places, beside, folder) => started,
        stopped = asked_to_stop() => {
            stopped?;
            bail!("Stopped before it began.")
        }
    };
    let (backing, variables) = started?;
    command
        .current_dir(places.root())
        .envs(variables)
        // What a developer has set for `up` is not for the tests.
        .env_remove("DATABASE_URL")
        .env_remove("DIRECT_URL")
        .stdin(Stdio::null());
    let result = run_until_stopped(command).await;
    let step = Progress::new().step("Stopping");
    backing.stop().await;
    step.done();
    result
}

impl Backing {
    async fn stop(self) {
        match self {
            Self::Stack(system) => system.stop().await,
            Self::Parts(server, aws) => {
                aws.stop().await;
                server.stop().await;
            }
        }
    }
}

/// Starts the whole system, or its database and an empty AWS, and says what the tests are told of it.
async fn start(
    kind: Kind,
    places: &Places,
    beside: &[&str],
    folder: &Path,
) -> anyhow::Result<(Backing, Vec<(&'static str, OsString)>)> {
    let progress = Progress::new();
    let python = prepare_python(places, progress).await?;
    build_functions_and(beside, places, progress).await?;
    let key_file = folder.join("signing-key.pem");
    let key = SigningKey::load_or_create(&key_file)?;
    let mut variables: Vec<(&str, OsString)> =
        vec![("CAIRN_FUNCTIONS_DIR", places.functions().into())];
    if kind == Kind::Parts {
        let step = progress.step("Starting PostgreSQL");
        let server = Postgres::start(&python, &folder.join("postgres")).await?;
        step.done();
        let step = progress.step("Starting the local AWS");
        let aws = LocalAws::start(&python, &folder.join("aws")).await?;
        step.done();
        variables.push(("CAIRN_TEST_DATABASE_URL", server.url(MAINTENANCE).into()));
        variables.push(("CAIRN_TEST_AWS_ENDPOINT", aws.endpoint().into()));
        return Ok((Backing::Parts(Box::new(server), Box::new(aws)), variables));
    }
    let SystemOfItsOwn {
        mut system,
        issuer,
        webhook_secret,
    } = SystemOfItsOwn::start(places, &python, &key, folder, progress).await?;
    let server = system
        .database()
        .server()
        .context("The tests have a database of their own")?;
    variables.push(("CAIRN_TEST_DATABASE_URL", server.url(MAINTENANCE).into()));
    variables.push((
        "CAIRN_TEST_STACK_DATABASE_URL",
        system.status().database_url.clone().into(),
    ));
    let aws_endpoint = system.status().aws_endpoint.clone();
    variables.push(("CAIRN_TEST_AWS_ENDPOINT", aws_endpoint.into()));
    variables.push(("CAIRN_TEST_API_URL", system.status().api_url.clone().into()));
    variables.push(("CAIRN_TEST_WEBHOOK_SECRET", webhook_secret.into()));
    variables.push(("CAIRN_TEST_SIGNING_KEY", key_file.into()));
    variables.push((
        "CAIRN_TEST_STACK_LOG",
        folder.join("aws").join("functions.log").into(),
    ));
    variables.push(("CAIRN_TEST_ISSUER", issuer.into()));
    Ok((Backing::Stack(Box::new(system)), variables))
}

/// The whole system, apart from any that a developer has running, and what its clients need to know.
pub struct SystemOfItsOwn {
    pub system: System,
    /// Of the tokens that it accepts.
    pub issuer: String,
    /// What Clerk's events are to be signed with.
    pub webhook_secret: String,
}

impl SystemOfItsOwn {
    /// Starts it; it accepts tokens that are signed with `key`.
    pub async fn start(
        places: &Places,
        python: &Python,
        key: &SigningKey,
        folder: &Path,
        progress: Progress,
    ) -> anyhow::Result<Self> {
        let settings = Settings::for_tests();
        let webhook_secret = WebhookSecret::generate();
        let door = FrontDoor::take(settings.port).await?;
        let plan = Plan {
            settings: &settings,
            places,
            python,
            key,
            webhook_secret: &webhook_secret,
            folder,
            progress,
        };
        Ok(Self {
            system: System::start(&plan, door).await?,
            issuer: settings.clerk.issuer,
            webhook_secret,
        })
    }
}

/// Removes the folders of earlier instances that were killed.
pub fn remove_leftovers(places: &Places) {
    let Ok(entries) = std::fs::read_dir(places.state()) else {
        return;
    };
    for entry in entries.flatten() {
        let is_ours = entry
            .file_name()
            .to_string_lossy()
            .starts_with(FOLDER_PREFIX);
        if is_ours && let Ok(Some(_held)) = Instance::at(entry.path()).hold() {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
