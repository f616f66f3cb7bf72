//! Requests that Schemathesis makes up from the served document, right ones and wrong ones, by everybody whose rights differ: no
//! answer is a failure of ours, and each is one that the document names.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use cairn_dev::python::Python;
use cairn_tests::{TestApp, User, World};
use serde_json::Value;
use tokio::process::Command;

use crate::findings::Findings;
use crate::settings::Settings;

/// Who asks, by what they are in the world: in the quick form only the first two.
const ROLES: [(&str, Who); 5] = [
    ("owner", |world| &world.owner),
    ("newcomer", |world| &world.newcomer),
    ("admin", |world| &world.admin),
    ("lead", |world| &world.lead),
    ("assignee", |world| &world.assignee),
];

type Who = fn(&World) -> &User;

/// What is not looked for, and why.
const SETTINGS: &str = include_str!("fuzz.toml");

/// What Schemathesis does: the document's examples, each bound of each field, what it makes up, and what follows from answers.
const ALL_PHASES: &str = "examples,coverage,fuzzing,stateful";
/// With given ids nothing follows from answers: it would look for what it made under another's id.
const PHASES_WITH_IDS: &str = "examples,coverage,fuzzing";

pub async fn run(settings: Settings) -> Findings {
    let mut findings = Findings::new();
    if let Err(error) = fuzz(settings, &mut findings).await {
        findings.fail(format!("broken off: {error:#}"));
    }
    findings
}

async fn fuzz(settings: Settings, findings: &mut Findings) -> anyhow::Result<()> {
    let places = Places::find();
    let mut step = Progress::new().step("Preparing Schemathesis");
    let python =
        Python::prepare_for(&places, "schemathesis", "schemathesis.txt", &mut step).await?;
    step.done();
    let folder = places.state().join("fuzz");
    tokio::fs::create_dir_all(&folder).await?;
    let examples = settings.pick(8, 200);
    let (mut cases, mut operations) = (0, 0);
    let roles = &ROLES[..settings.pick(2, ROLES.len())];
    for (role, who) in roles {
        let app = TestApp::builder().environments(2).start().await;
        let world = World::create(app.database()).await;
        let user = who(&world);
        plenty_for(&app, user).await?;
        let run = Run {
            role,
            app: &app,
            folder: &folder,
            program: python.program("schemathesis"),
            examples,
            seed: settings.seed,
        };
        let report = run.run(&world, user).await?;
        for failure in report.failures {
            findings.fail(format!("{role}: {failure}"));
        }
        cases += report.cases;
        operations = report.operations;
        for line in app.logs() {
            findings.check(!line.contains("panicked"), || format!("{role}: {line}"));
        }
    }
    findings.did(format!(
        "{operations} operations of the served document, {examples} made-up requests of each in each phase, as {} people",
        roles.len()
    ));
    findings.figure(format!("{cases} requests"));
    Ok(())
}

/// More than a day's share, which made-up requests would soon use up.
async fn plenty_for(app: &TestApp, user: &User) -> anyhow::Result<()> {
    let statement =
        "INSERT INTO daily_use (user_id, workspaces, additions, writings, follow_ups, moves)
                     VALUES ($1, $2, $2, $2, $2, $2)";
    let database = app.database();
    database
        .execute(statement, &[&user.id, &-1_000_000_i32])
        .await?;
    Ok(())
}

/// What a run came to.
struct Report {
    operations: u64,
    cases: u64,
    failures: Vec<String>,
}

/// Schemathesis, as somebody.
struct Run<'a> {
    role: &'static str,
    app: &'a TestApp,
    folder: &'a Path,
    program: PathBuf,
    examples: u32,
    seed: u64,
}

impl Run<'_> {
    /// Half of it about things that are there: Schemathesis alone would guess an id in a billion years.
    async fn run(&self, world: &World, user: &User) -> anyhow::Result<Report> {
        let with_ids = self.folder.join("with-ids.toml");
        let parameters = [
            ("workspaceId", &world.workspace),
            ("projectId", &world.project),
            ("taskId", &world.task),
            ("commentId", &world.comment),
            ("userId", &world.bystander.id),
        ];
        let lines = parameters.map(|(name, id)| format!("\"path.{name}\" = \"{id}\""));
        let text = format!("{SETTINGS}\n[parameters]\n{}\n", lines.join("\n"));
        tokio::fs::write(&with_ids, text).await?;
        let without = self.folder.join("without.toml");
        tokio::fs::write(&without, SETTINGS).await?;
        let mut whole = self.once(&without, ALL_PHASES, user).await?;
        let again = self.once(&with_ids, PHASES_WITH_IDS, user).await?;
        whole.cases += again.cases;
        whole.failures.extend(again.failures);
        Ok(whole)
    }

    async fn once(&self, config: &Path, phases: &str, user: &User) -> anyhow::Result<Report> {
        let report = self.folder.join(format!("{}.json", self.role));
        let token = self.app.lasting_token(user);
        let output = Command::new(&self.program)
            .arg("--config-file")
            .arg(config)
            .args(["run", &format!("{}/api/openapi.json", self.app.url())])
            // The document says where the API is relative to itself, which Schemathesis does not follow.
            .args(["--url", self.app.url()])
            .args(["--phases", phases])
            .args(["--max-examples", &self.examples.to_string()])
            .args(["--seed", &self.seed.to_string()])
            // One after the other: its generators do not all work in several threads.
            .args(["--continue-on-failure", "--no-shrink", "--workers", "1"])
            .args([
                "--generation-database",
                "none",
                "--suppress-health-check",
                "all",
            ])
            .args(["--request-timeout", "20", "--report", "json"])
            .arg("--report-json-path")
            .arg(&report)
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .env("NO_COLOR", "1")
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .context("Schemathesis cannot be started")?;
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        tokio::fs::write(self.folder.join(format!("{}.txt", self.role)), &told).await?;
        let report = tokio::fs::read(&report)
            .await
            .with_context(|| format!("Schemathesis wrote no report: {told}"))?;
        let report = read(&serde_json::from_slice(&report)?)?;
        ensure!(
            output.status.success() || !report.failures.is_empty(),
            "Schemathesis ended with {}: {told}",
            output.status
        );
        Ok(report)
    }
}

fn read(report: &Value) -> anyhow::Result<Report> {
    let number = |pointer: &str| {
        let number = report.pointer(pointer).and_then(Value::as_u64);
        number.with_context(|| format!("The report has no number at {pointer}"))
    };
    let list = |name: &str| report[name].as_array().into_iter().flatten();
    let operations_of = |failure: &Value| -> String {
        let operations = failure["operations"].as_array().into_iter().flatten();
        let named: Vec<String> = operations.map(ToString::to_string).collect();
        named.join(", ")
    };
    let mut failures: Vec<String> = list("failures")
        .map(|failure| format!("{}: {}", failure["title"], operations_of(failure)))
        .collect();
    failures.extend(list("errors").map(Value::to_string));
    let operations = number("/operations/tested")?;
    ensure!(operations > 30, "Only {operations} operations were tried");
    Ok(Report {
        operations,
        cases: number("/test_cases/generated")?,
        failures,
    })
}
