//! `prove deployment`: the real `sam` builds, deploys, updates and deletes the stack on the local AWS; a migration that fails
//! rolls the deployment back; older code is deployed over a newer schema; nothing of it loses data.

mod built;
mod seen;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail};
use cairn_dev::aws::{LocalAws, SENDER};
use cairn_dev::instance::Instance;
use cairn_dev::places::Places;
use cairn_dev::postgres::Postgres;
use cairn_dev::progress::Progress;
use cairn_dev::sam::{self, Ran, Sam};
use cairn_dev::settings::DEVELOPMENT_ISSUER;
use cairn_dev::tokens::SigningKey;
use cairn_dev::webhooks::WebhookSecret;

use self::built::Builds;
use self::seen::{Api, Database, DatabaseState, Deployed};
use super::{Claims, heading};
use crate::commands::{asked_to_stop, prepare_python};

const STACK: &str = "cairn-prove";
const STAGE: &str = "prove";
const DATABASE: &str = "cairn";

/// A migration that changes something and then fails: both must be undone.
const FAILING: (&str, &str) = (
    "V900__fails_on_purpose.sql",
    "ALTER TABLE tasks ADD COLUMN of_the_failed text;\nSELECT 1 / 0;\n",
);
/// A division by zero: of errors about values only the code is told.
const ITS_ERROR: &str = "SQLSTATE 22012";

/// A migration that the code before it can live with.
const LATER: (&str, &str) = (
    "V901__of_later_code.sql",
    "ALTER TABLE tasks ADD COLUMN of_later_code text;\n",
);
const LATER_COLUMN: &str = "tasks.of_later_code";

/// Builds, deploys, and tells what held.
pub async fn run() -> anyhow::Result<ExitCode> {
    let places = Places::find();
    let instance = Instance::at(places.state().join("prove-deployment"));
    let held = instance
        .hold()?
        .context("Another `cargo dev prove deployment` is running.")?;
    let proved = tokio::select! {
        proved = prove(&places, instance.folder()) => proved,
        stopped = asked_to_stop() => {
            stopped?;
            bail!("Stopped before all was proved.")
        }
    };
    drop(held);
    proved
}

async fn prove(places: &Places, folder: &Path) -> anyhow::Result<ExitCode> {
    let progress = Progress::new();
    let python = prepare_python(places, progress).await?;
    // The data of an earlier run.
    let _ = std::fs::remove_dir_all(folder.join("postgres"));
    let server = Postgres::start(&python, &folder.join("postgres")).await?;
    server.create_database(DATABASE).await?;
    let aws = LocalAws::start(&python, &folder.join("aws")).await?;
    let sam = Sam::prepare(places, &python, progress, aws.endpoint()).await?;
    let key = SigningKey::generate();
    let database = Database::connect(&server.url(DATABASE)).await?;
    let proof = Proof {
        sam,
        api: Api::new(&aws, &key),
        database,
        deployed: Deployed::new(python.clone(), &aws.endpoint(), STACK, STAGE),
        parameters: parameters(&server.url(DATABASE), &key),
        config: places.root().join("samconfig.toml"),
        folder: folder.to_owned(),
    };
    let mut claims = Claims::default();
    let result = proof.story(places, &mut claims).await;
    aws.stop().await;
    server.stop().await;
    result?;
    Ok(claims.verdict())
}

/// The stage's parameters; the others keep their defaults.
fn parameters(database: &str, key: &SigningKey) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("StageName", STAGE.to_owned()),
        ("Architecture", architecture().to_owned()),
        ("DatabaseUrl", database.to_owned()),
        // One argument, hence one line.
        ("ClerkJwtKey", key.public_pem().trim().replace('\n', "\\n")),
        ("ClerkIssuer", DEVELOPMENT_ISSUER.to_owned()),
        ("ClerkWebhookSecret", WebhookSecret::generate()),
        ("MailFrom", SENDER.to_owned()),
        ("FrontendUrl", "https://app.example".to_owned()),
        ("AllowedOrigins", "https://app.example".to_owned()),
    ])
}

/// The functions run on this machine, so they are built for it.
fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    }
}

struct Proof {
    sam: Sam,
    api: Api,
    database: Database,
    deployed: Deployed,
    parameters: BTreeMap<&'static str, String>,
    config: PathBuf,
    folder: PathBuf,
}

impl Proof {
    async fn story(&self, places: &Places, claims: &mut Claims) -> anyhow::Result<()> {
        let builds = Builds::new(places, &self.sam, &self.folder, architecture());
        let as_it_is = self.build(claims, &builds).await?;
        let failing = builds.with_migration(&as_it_is, FAILING).await?;
        let later = builds.with_migration(&as_it_is, LATER).await?;

        let first = self.first_deployment(claims, &as_it_is).await?;
        let changed = self.changed_parameter(claims, &as_it_is, &first).await?;
        self.failing_migration(claims, &failing, &changed).await?;
        self.newer_schema(claims, &later, &changed).await?;
        self.older_code(claims, &as_it_is).await?;
        self.deletion(claims).await
    }

    async fn build(&self, claims: &mut Claims, builds: &Builds<'_>) -> anyhow::Result<PathBuf> {
        let began = Instant::now();
        let built = builds.all().await?;
        heading("sam build, of a copy of this repository", began.elapsed());
        let functions = Builds::functions_in(&built)?;
        let expected = builds.names()?;
        claims.check(
            "every function of functions/ is in the package",
            functions == expected.len(),
            &format!("{functions} of {}", expected.len()),
        );
        Ok(built)
    }

    async fn first_deployment(
        &self,
        claims: &mut Claims,
        built: &Path,
    ) -> anyhow::Result<seen::Stack> {
        let ran = self.deploy(built, "the first time", &[]).await?;
        ran.must_succeed("The first `sam deploy`")?;
        let stack = self.deployed.look().await?;
        claims.check(
            "the stack is made",
            stack.status_is("CREATE_COMPLETE"),
            stack.status(),
        );
        self.api.writes_a_workspace(claims, &stack).await?;
        let database = self.database.look().await?;
        claims.check(
            "the migrations ran",
            !database.migrations.is_empty(),
            &format!("{} of them", database.migrations.len()),
        );
        Ok(stack)
    }

    async fn changed_parameter(
        &self,
        claims: &mut Claims,
        built: &Path,
        before: &seen::Stack,
    ) -> anyhow::Result<seen::Stack> {
        let ran = self
            .deploy(built, "with a parameter changed", &[("LogLevel", "WARN")])
            .await?;
        ran.must_succeed("`sam deploy` with another LogLevel")?;
        let stack = self.deployed.look().await?;
        claims.check(
            "the stack is updated",
            stack.status_is("UPDATE_COMPLETE"),
            stack.status(),
        );
        let unmoved = stack.aliases_as_in(before);
        // The alias of `migrate` serves nobody: CloudFormation invokes what is newest.
        let unmoved: Vec<_> = unmoved
            .into_iter()
            .filter(|name| !name.ends_with("-migrate"))
            .collect();
        claims.check(
            "every alias names a new version",
            unmoved.is_empty(),
            &unmoved.join(", "),
        );
        self.api.answers(claims).await;
        Ok(stack)
    }

    async fn failing_migration(
        &self,
        claims: &mut Claims,
        built: &Path,
        before: &seen::Stack,
    ) -> anyhow::Result<()> {
        let rows = self.database.look().await?;
        let ran = self
            .deploy(
                built,
                "with a migration that fails",
                &[("LogLevel", "WARN")],
            )
            .await?;
        claims.check("`sam deploy` fails, with exit status", !ran.succeeded, "");
        let stack = self.deployed.look().await?;
        claims.check(
            "the stack is rolled back",
            stack.status_is("UPDATE_ROLLBACK_COMPLETE"),
            stack.status(),
        );
        let reason = stack.reason_with(ITS_ERROR);
        claims.check(
            "CloudFormation's events say which migration failed, and why",
            reason.contains(FAILING.0.trim_end_matches(".sql")) && reason.contains(ITS_ERROR),
            &reason,
        );
        let moved = before.aliases_unlike(&stack);
        claims.check(
            "every alias names the version before",
            moved.is_empty(),
            &moved.join(", "),
        );
        self.api.answers(claims).await;
        self.unchanged(claims, "schema and rows are as before", &rows)
            .await
    }

    async fn newer_schema(
        &self,
        claims: &mut Claims,
        built: &Path,
        before: &seen::Stack,
    ) -> anyhow::Result<()> {
        let ran = self
            .deploy(
                built,
                "with a migration that succeeds",
                &[("LogLevel", "WARN")],
            )
            .await?;
        ran.must_succeed("`sam deploy` with a migration that succeeds")?;
        let stack = self.deployed.look().await?;
        claims.check(
            "after a failed update the next one succeeds",
            stack.status_is("UPDATE_COMPLETE"),
            stack.status(),
        );
        let database = self.database.look().await?;
        claims.check(
            "the migration was applied",
            database.columns.iter().any(|column| column == LATER_COLUMN),
            LATER_COLUMN,
        );
        claims.check(
            "functions whose code is the same keep their version",
            stack
                .aliases_unlike(before)
                .iter()
                .all(|name| name.ends_with("-migrate")),
            "",
        );
        self.api.answers(claims).await;
        Ok(())
    }

    async fn older_code(&self, claims: &mut Claims, built: &Path) -> anyhow::Result<()> {
        let before = self.database.look().await?;
        let ran = self
            .deploy(built, "back to the code before it", &[("LogLevel", "WARN")])
            .await?;
        claims.check(
            "older code is deployed over the newer schema",
            ran.succeeded,
            "",
        );
        let stack = self.deployed.look().await?;
        claims.check(
            "the stack is updated",
            stack.status_is("UPDATE_COMPLETE"),
            stack.status(),
        );
        self.api.writes_a_workspace(claims, &stack).await?;
        let after = self.database.look().await?;
        claims.check(
            "the newer schema stays",
            after.columns == before.columns && after.migrations == before.migrations,
            "",
        );
        Ok(())
    }

    async fn deletion(&self, claims: &mut Claims) -> anyhow::Result<()> {
        let rows = self.database.look().await?;
        let began = Instant::now();
        let mut command = self.sam.command(&["delete", "--no-prompts"]);
        command.args(["--stack-name", STACK, "--region", cairn_dev::aws::REGION]);
        let ran = sam::run(&mut command, &self.folder.join("delete.log")).await?;
        heading("sam delete", began.elapsed());
        claims.check("`sam delete` succeeds", ran.succeeded, "");
        let stack = self.deployed.look().await?;
        claims.check("the stack is gone", stack.is_gone(), stack.status());
        claims.check(
            "no function, queue, role, log group, schedule group or alarm of it is left",
            stack.left().is_empty(),
            &stack.left().join(", "),
        );
        self.unchanged(claims, "the database has every row it had", &rows)
            .await
    }

    async fn unchanged(
        &self,
        claims: &mut Claims,
        claim: &str,
        before: &DatabaseState,
    ) -> anyhow::Result<()> {
        let after = self.database.look().await?;
        claims.check(
            claim,
            after == *before,
            &format!("{} columns, {} rows", after.columns.len(), after.rows),
        );
        Ok(())
    }

    /// `sam deploy`, with the settings of samconfig.toml.
    async fn deploy(
        &self,
        built: &Path,
        step: &str,
        changed: &[(&'static str, &str)],
    ) -> anyhow::Result<Ran> {
        let mut parameters = self.parameters.clone();
        parameters.extend(
            changed
                .iter()
                .map(|&(name, value)| (name, value.to_owned())),
        );
        let began = Instant::now();
        let mut command = self.sam.command(&["deploy", "--no-confirm-changeset"]);
        command
            .args(["--stack-name", STACK, "--region", cairn_dev::aws::REGION])
            .arg("--config-file")
            .arg(&self.config)
            .arg("--template-file")
            .arg(built.join("template.yaml"))
            .arg("--parameter-overrides")
            .args(
                parameters
                    .iter()
                    .map(|(name, value)| format!("{name}=\"{value}\"")),
            )
            .current_dir(built);
        let log = self
            .folder
            .join(format!("deploy-{}.log", step.replace(' ', "-")));
        let ran = sam::run(&mut command, &log).await?;
        heading(&format!("sam deploy, {step}"), began.elapsed());
        Ok(ran)
    }
}
