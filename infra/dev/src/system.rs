//! The whole local system: database, local AWS with the stack, front door.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::task::JoinHandle;

use crate::aws::{LocalAws, REGION};
use crate::database::Database;
use crate::front_door::FrontDoor;
use crate::instance::{ClerkStatus, Status};
use crate::places::Places;
use crate::progress::Progress;
use crate::python::Python;
use crate::settings::Settings;
use crate::tokens::SigningKey;

/// How long the deployed functions may take to answer for the first time.
const FIRST_ANSWER: Duration = Duration::from_secs(30);

/// A running system.
#[derive(Debug)]
pub struct System {
    database: Database,
    aws: LocalAws,
    door: JoinHandle<std::io::Result<()>>,
    status: Status,
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
        database.load_demo_data(places, *progress).await?;

        let step = progress.step("Starting the local AWS");
        let aws_folder = folder.join("aws");
        let aws = LocalAws::start(python, &aws_folder).await?;
        step.done();

        let step = progress.step("Deploying template.yaml");
        let outputs = aws
            .deploy(python, places, &parameters(plan, &database), &aws_folder)
            .await?;
        let api_id = outputs
            .get("ApiId")
            .context("template.yaml has no output ApiId")?;
        let api = aws.http_api(api_id);
        step.done();

        let step = progress.step("Waiting for the first answer");
        wait_for_answer(&format!("{api}/api/health")).await?;
        step.done();

        let api_url = door.url();
        let status = Status {
            webhook_url: String::new(),
            mailbox_url: String::new(),
            console_url: String::new(),
            database_url: database.url().to_owned(),
            aws_endpoint: aws.endpoint(),
            clerk: clerk_status(settings),
            api_url,
        };
        Ok(Self {
            database,
            aws,
            door: door.serve(api),
            status,
        })
    }

    /// Its addresses.
    pub fn status(&self) -> &Status {
        &self.status
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
        format!("{ended} ended unexpectedly; its log is under target/cairn.")
    }

    /// Stops everything, the entrance first.
    pub async fn stop(self) {
        self.door.abort();
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

/// The variables that the functions need outside the stack, for example under `cargo lambda watch`.
pub fn environment(
    settings: &Settings,
    key: &SigningKey,
    database: &Database,
    aws_endpoint: &str,
) -> Vec<(String, String)> {
    let clerk = &settings.clerk;
    let variables = [
        ("DATABASE_URL", database.url().to_owned()),
        ("DIRECT_URL", database.direct_url().to_owned()),
        ("CLERK_JWT_KEY", clerk.jwt_key(key)),
        ("CLERK_JWKS_URL", clerk.jwks_url().to_owned()),
        ("CLERK_ISSUER", clerk.issuer.clone()),
        (
            "CLERK_AUTHORIZED_PARTIES",
            clerk.authorized_parties.join(","),
        ),
        ("AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "true".to_owned()),
        ("AWS_ENDPOINT_URL", aws_endpoint.to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
    ];
    variables
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The parameters of template.yaml.
fn parameters(plan: &Plan<'_>, database: &Database) -> BTreeMap<&'static str, String> {
    let Settings {
        clerk,
        allowed_origins,
        ..
    } = plan.settings;
    BTreeMap::from([
        ("StageName", "local".to_owned()),
        ("DatabaseUrl", database.url().to_owned()),
        ("DirectUrl", database.direct_url().to_owned()),
        ("ClerkJwtKey", clerk.jwt_key(plan.key)),
        ("ClerkJwksUrl", clerk.jwks_url().to_owned()),
        ("ClerkIssuer", clerk.issuer.clone()),
        ("ClerkAuthorizedParties", clerk.authorized_parties.join(",")),
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
