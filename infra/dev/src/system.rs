//! The whole local system: database, local AWS with the stack, front door.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::aws::{LocalAws, REGION, SENDER, invoke_later};
use crate::aws_client::AwsClient;
use crate::console::{self, Console};
use crate::database::Database;
use crate::demo;
use crate::front_door::{FrontDoor, WEBHOOK_PATH};
use crate::function_log::FunctionLog;
use crate::functions;
use crate::instance::{ClerkStatus, Status};
use crate::places::Places;
use crate::progress::Progress;
use crate::python::Python;
use crate::settings::Settings;
use crate::tokens::SigningKey;
use crate::webhooks::WebhookSecret;

/// How long the deployed functions may take to answer for the first time.
const FIRST_ANSWER: Duration = Duration::from_secs(30);

/// The stage of the local stack, which the names of its functions begin with.
pub const STAGE: &str = "local";

/// A running system.
#[derive(Debug)]
pub struct System {
    database: Database,
    aws: LocalAws,
    door: JoinHandle<std::io::Result<()>>,
    console: JoinHandle<std::io::Result<()>>,
    status: Status,
    environment: Vec<(String, String)>,
}

/// What a system is started from.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What the environment says.
    pub settings: &'a Settings,
    /// The repository.
    pub places: &'a Places,
    /// Runs the database and the local AWS.
    pub python: &'a Python,
    /// The key of development tokens.
    pub key: &'a SigningKey,
    /// What webhooks are signed with.
    pub webhook_secret: &'a str,
    /// Where the data and logs go.
    pub folder: &'a Path,
    /// Shows what is being done.
    pub progress: Progress,
}

impl System {
    /// Starts everything. The functions must have been built. What was started is stopped again if something fails.
    pub async fn start(plan: &Plan<'_>, door: FrontDoor) -> anyhow::Result<Self> {
        let Plan {
            settings,
            places,
            python,
            folder,
            progress,
            ..
        } = plan;
        let database = Database::start(settings, places, python, folder, *progress).await?;

        let step = progress.step("Starting the local AWS");
        let aws_folder = folder.join("aws");
        let aws = LocalAws::start(python, &aws_folder).await?;
        step.done();

        let step = progress.step("Deploying template.yaml");
        let deployed = aws
            .deploy(python, places, &parameters(plan, &database), &aws_folder)
            .await?;
        let api = deployed.http_api(&aws.endpoint())?;
        let webhooks = deployed.webhooks(&aws.endpoint())?;
        step.done();

        let step = progress.step("Waiting for the first answer");
        wait_for_answer(&format!("{api}/api/health")).await?;
        step.done();

        let api_url = door.url();
        let requests = door.requests();
        let door = door.serve(api, webhooks);
        let webhook_url = format!("{api_url}{WEBHOOK_PATH}");
        load_demo_data(plan, &database, &webhook_url).await?;
        // The schedules of the last run went with its local AWS, and what demo.sql wrote never had any.
        let relay = format!("cairn-{STAGE}-relay");
        invoke_later(&aws.endpoint(), &relay, &json!({"job": "nightly"})).await?;

        let console = Console {
            api_url: api_url.clone(),
            webhook_url: webhook_url.clone(),
            aws: AwsClient::new(aws.endpoint())?,
            database_url: database.url().to_owned(),
            log: FunctionLog::at(aws_folder.join("functions.log")),
            functions: functions::names(places)?,
            requests,
            clerk: settings.clerk.clone(),
            key: plan.key.clone(),
            webhook_secret: WebhookSecret::parse(plan.webhook_secret)?,
            clerk_events: places.root().join("infra/tests/fixtures/clerk"),
        };
        let (console_url, console) = console.serve(&folder.join("console-port")).await?;
        let status = Status {
            webhook_url,
            mailbox_url: console::mailbox_url(&console_url),
            console_url,
            database_url: database.url().to_owned(),
            aws_endpoint: aws.endpoint(),
            clerk: clerk_status(settings),
            api_url,
        };
        let environment = environment(deployed.variables, &database, &status.aws_endpoint);
        Ok(Self {
            database,
            aws,
            door,
            console,
            status,
            environment,
        })
    }

    /// Its addresses.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// The variables that functions need outside the stack, for example under `cargo lambda watch`.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// Its database.
    pub fn database(&mut self) -> &mut Database {
        &mut self.database
    }

    /// Waits until a part of it ends by itself, and says which.
    pub async fn failed(&mut self) -> String {
        let ended = if let Some(server) = self.database.server() {
            tokio::select! {
                name = server.launched().ended() => name,
                name = self.aws.launched().ended() => name,
            }
        } else {
            self.aws.launched().ended().await
        };
        format!(
            "{ended} ended unexpectedly: start again with `cargo dev up`. Why it ended stands in its log under target/cairn."
        )
    }

    /// Stops everything, the entrance first.
    pub async fn stop(self) {
        self.door.abort();
        self.console.abort();
        self.aws.stop().await;
        self.database.stop().await;
    }
}

/// Whose tokens are accepted, without any secret.
pub fn clerk_status(settings: &Settings) -> ClerkStatus {
    ClerkStatus {
        issuer: settings.clerk.issuer.clone(),
        authorized_parties: settings.clerk.authorized_parties.clone(),
        keys: settings.clerk.describe_keys(),
    }
}

/// The variables of the deployed functions, and what Lambda gives to functions beside them.
fn environment(
    mut variables: BTreeMap<String, String>,
    database: &Database,
    aws_endpoint: &str,
) -> Vec<(String, String)> {
    for (name, value) in [
        ("DATABASE_URL", database.url()),
        ("DIRECT_URL", database.direct_url()),
        ("AWS_ENDPOINT_URL", aws_endpoint),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ] {
        variables.insert(name.to_owned(), value.to_owned());
    }
    variables.into_iter().collect()
}

/// Invented people have no place in a database on another machine.
async fn load_demo_data(
    plan: &Plan<'_>,
    database: &Database,
    webhook_url: &str,
) -> anyhow::Result<()> {
    if !database.is_on_this_machine() {
        return Ok(());
    }
    let step = plan.progress.step("Loading the demo data");
    let secret = WebhookSecret::parse(plan.webhook_secret)?;
    let loaded = demo::load(database.url(), webhook_url, &secret, plan.places).await?;
    step.done_with(if loaded { "" } else { "already there" });
    Ok(())
}

/// The parameters of template.yaml.
fn parameters(plan: &Plan<'_>, database: &Database) -> BTreeMap<&'static str, String> {
    let Settings {
        clerk,
        allowed_origins,
        frontend_url,
        ..
    } = plan.settings;
    BTreeMap::from([
        ("StageName", STAGE.to_owned()),
        ("DatabaseUrl", database.url().to_owned()),
        ("DirectUrl", database.direct_url().to_owned()),
        ("ClerkJwtKey", clerk.jwt_key(plan.key)),
        ("ClerkJwksUrl", clerk.jwks_url().to_owned()),
        ("ClerkIssuer", clerk.issuer.clone()),
        ("ClerkAuthorizedParties", clerk.authorized_parties.join(",")),
        ("ClerkWebhookSecret", plan.webhook_secret.to_owned()),
        ("MailFrom", SENDER.to_owned()),
        ("FrontendUrl", frontend_url.clone()),
        ("AllowedOrigins", allowed_origins.join(",")),
    ])
}

/// A first request that succeeds, so that `ready` is not said of a stack that is not.
async fn wait_for_answer(url: &str) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().timeout(FIRST_ANSWER).build()?;
    let answer = client
        .get(url)
        .send()
        .await
        .context("The deployed functions do not answer")?;
    let status = answer.status();
    if !status.is_success() {
        let body = answer.text().await.unwrap_or_default();
        bail!(
            "The deployed functions answer {status} to GET /api/health: {}",
            body.trim()
        );
    }
    Ok(())
}
