//! `test`: all tests, against a system of their own.

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
use cairn_dev::settings::Settings;
use cairn_dev::system::{Plan, System};
use cairn_dev::tokens::SigningKey;
use cairn_dev::webhooks::WebhookSecret;
use tokio::process::Command;

use super::{asked_to_stop, bench, build_functions_and, prepare_python, run_until_stopped};

const FOLDER_PREFIX: &str = "test-";

/// The maintenance database of the embedded server.
const MAINTENANCE: &str = "postgres";

/// What the tests run against.
enum Backing {
    /// A database and the local AWS with the deployed stack.
    Stack(Box<System>),
    /// A database and the local AWS with nothing in it.
    Parts(Box<Postgres>, Box<LocalAws>),
}

/// Starts what the tests need, runs them and passes their exit status on.
pub async fn run(no_stack: bool, arguments: &[OsString]) -> anyhow::Result<ExitCode> {
    let places = Places::find();
    remove_leftovers(&places);
    let instance = Instance::at(
        places
            .state()
            .join(format!("{FOLDER_PREFIX}{}", std::process::id())),
    );
    let held = instance.hold()?.context("Another process has our id")?;
    let result = run_in(&places, instance.folder(), no_stack, arguments).await;
    drop(held);
    // After a failure its logs are what one wants to read; the next run removes them.
    if result.is_ok() {
        let _ = std::fs::remove_dir_all(instance.folder());
    }
    result
}

async fn run_in(
    places: &Places,
    folder: &Path,
    no_stack: bool,
    arguments: &[OsString],
) -> anyhow::Result<ExitCode> {
    let started = tokio::select! {
        started = start(places, folder, no_stack) => started,
        stopped = asked_to_stop() => {
            stopped?;
            bail!("Stopped before the tests began.")
        }
    };
    let (backing, variables) = started?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["test", "--profile", "local", "--target-dir"])
        .arg(places.target())
        .args(whole_workspace(arguments))
        .args(arguments)
        .current_dir(places.root())
        .envs(variables)
        // What a developer has set for `up` is not for the tests.
        .env_remove("DATABASE_URL")
        .env_remove("DIRECT_URL")
        .stdin(Stdio::null());
    let result = run_until_stopped(&mut command).await;
    match backing {
        Backing::Stack(system) => system.stop().await,
        Backing::Parts(server, aws) => {
            aws.stop().await;
            server.stop().await;
        }
    }
    result
}

/// Cargo would ignore a choice of packages beside `--workspace`.
fn whole_workspace(arguments: &[OsString]) -> Option<&'static str> {
    let mut ours = arguments
        .iter()
        .map(|argument| argument.to_string_lossy())
        .take_while(|argument| argument != "--");
    let chosen =
        ours.any(|argument| argument.starts_with("-p") || argument.starts_with("--package"));
    (!chosen).then_some("--workspace")
}

/// Starts the whole system, or its database and an empty AWS, and says what the tests are told of it.
async fn start(
    places: &Places,
    folder: &Path,
    no_stack: bool,
) -> anyhow::Result<(Backing, Vec<(&'static str, OsString)>)> {
    let progress = Progress::new();
    let python = prepare_python(places, progress).await?;
    // The benchmark, which is tested too, compares the functions with these.
    build_functions_and(&[bench::FLOOR], places, progress).await?;
    let key_file = folder.join("signing-key.pem");
    let key = SigningKey::load_or_create(&key_file)?;
    let mut variables: Vec<(&str, OsString)> =
        vec![("CAIRN_FUNCTIONS_DIR", places.functions().into())];
    if no_stack {
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
    let settings = Settings::for_tests();
    let webhook_secret = WebhookSecret::generate();
    let door = FrontDoor::take(settings.port).await?;
    let plan = Plan {
        settings: &settings,
        places,
        python: &python,
        key: &key,
        webhook_secret: &webhook_secret,
        folder,
        progress,
    };
    let mut system = System::start(&plan, door).await?;
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
    variables.push(("CAIRN_TEST_ISSUER", settings.clerk.issuer.into()));
    Ok((Backing::Stack(Box::new(system)), variables))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_of_packages_counts() {
        let flag = |arguments: &[&str]| {
            whole_workspace(&arguments.iter().map(OsString::from).collect::<Vec<_>>())
        };
        assert_eq!(flag(&["-p", "cairn-tests"]), None);
        assert_eq!(flag(&["--package=cairn-tests", "rights"]), None);
        assert_eq!(flag(&["rights", "--", "-p"]), Some("--workspace"));
    }
}
