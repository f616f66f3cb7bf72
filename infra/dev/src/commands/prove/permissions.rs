//! `prove permissions`: each grant of each role of the deployed stack is taken away in turn, and must be missed. So nothing is
//! granted for nothing.

mod grants;
mod local_aws;
mod story;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use cairn_dev::instance::Instance;
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use cairn_dev::tokens::SigningKey;
use cairn_dev::webhooks::WebhookSecret;

use self::grants::{Grant, Refusal, Roles};
use self::story::Teller;
use crate::commands::backing::SystemOfItsOwn;
use crate::commands::{asked_to_stop, build_functions, prepare_python};

/// How often it is looked whether something was refused.
const PAUSE: Duration = Duration::from_millis(200);

/// What is missed without anybody noticing at once. That it is used is proof enough.
const HARMLESS: [(&str, &str); 4] = [
    (
        "logs:CreateLogStream",
        "the function runs on, its log is lost",
    ),
    ("logs:PutLogEvents", "the function runs on, its log is lost"),
    (
        "TasksRole sqs:SendMessage",
        "the task is made all the same, and the relay publishes what follows",
    ),
    (
        "RemindersRole sqs:SendMessage",
        "the reminder comes back after its visibility time-out instead",
    ),
];

/// What the local AWS does not do, so that nobody could miss the permission.
const NOT_HERE: [(&str, &str); 2] = [
    ("xray:", "the local AWS has no X-Ray"),
    (
        "ReminderScheduleRole sqs:SendMessage cairn-local-reminders-dead",
        "the local AWS delivers every schedule at the first try",
    ),
];

/// What became of a grant that was taken away.
enum Outcome {
    /// The story failed for want of it.
    Missed(String),
    /// It was used, and a story without it ends well.
    Used(&'static str),
    /// Nobody used it.
    Unused,
    /// The story failed, but nothing was refused for want of this grant.
    OtherFailure(String),
}

/// Takes away what `role` and `action` choose (parts of their names), or everything, grant by grant.
pub async fn run(role: Option<String>, action: Option<String>) -> anyhow::Result<ExitCode> {
    let places = Places::find();
    let instance = Instance::at(places.state().join("prove-permissions"));
    let held = instance
        .hold()?
        .context("Another `cargo dev prove permissions` is running.")?;
    let proved = tokio::select! {
        proved = prove(&places, instance.folder(), role.as_deref(), action.as_deref()) => proved,
        stopped = asked_to_stop() => {
            stopped?;
            bail!("Stopped before all was proved.")
        }
    };
    drop(held);
    proved
}

async fn prove(
    places: &Places,
    folder: &Path,
    role: Option<&str>,
    action: Option<&str>,
) -> anyhow::Result<ExitCode> {
    let progress = Progress::new();
    let python = prepare_python(places, progress).await?;
    build_functions(places, progress).await?;
    // The data of an earlier run.
    let _ = std::fs::remove_dir_all(folder.join("postgres"));
    let key = SigningKey::generate();
    let SystemOfItsOwn {
        system,
        webhook_secret,
        ..
    } = SystemOfItsOwn::start(places, &python, &key, folder, progress).await?;
    let status = system.status().clone();
    let proof = Proof {
        roles: Roles::new(python, status.aws_endpoint.clone()),
        refusals: folder.join("aws/refused.log"),
        teller: Teller::new(status, key, WebhookSecret::parse(&webhook_secret)?).await?,
    };
    let chosen = |grant: &Grant| {
        role.is_none_or(|role| {
            grant
                .logical_role()
                .to_lowercase()
                .contains(&role.to_lowercase())
        }) && action.is_none_or(|action| grant.action().contains(action))
    };
    let result = proof.each(chosen).await;
    system.stop().await;
    result
}

struct Proof {
    roles: Roles,
    teller: Teller,
    refusals: PathBuf,
}

impl Proof {
    async fn each(&self, chosen: impl Fn(&Grant) -> bool) -> anyhow::Result<ExitCode> {
        self.whole_story("before anything is taken away").await?;
        let grants = self.roles.grants().await?;
        let (mut needed, mut failed, mut unproved) = (0, 0, Vec::new());
        println!("\n| role | action | resource | without it | s |\n|---|---|---|---|--:|");
        for grant in grants.iter().filter(|grant| chosen(grant)) {
            if let Some(reason) = reason_for(grant, &NOT_HERE) {
                unproved.push((grant, reason));
                continue;
            }
            let began = Instant::now();
            let outcome = self.without(grant).await?;
            let seen = match &outcome {
                Outcome::Missed(failure) => failure.clone(),
                Outcome::Used(reason) => format!("refused; {reason}"),
                Outcome::Unused => "✗ NOTHING: it is granted for nothing".to_owned(),
                Outcome::OtherFailure(failure) => format!("✗ SOMETHING ELSE FAILED: {failure}"),
            };
            match outcome {
                Outcome::Missed(_) | Outcome::Used(_) => needed += 1,
                Outcome::Unused | Outcome::OtherFailure(_) => failed += 1,
            }
            let (role, action, resource) = (grant.logical_role(), grant.action(), grant.resource());
            let took = began.elapsed().as_secs_f64();
            println!("| {role} | {action} | {resource} | {seen} | {took:.0} |");
        }
        println!();
        self.whole_story("after all was put back").await?;
        for (grant, reason) in &unproved {
            println!("not provable here: {grant}: {reason}");
        }
        println!(
            "\n{needed} grants are needed, {failed} are not or cannot be told; {} are not provable here.",
            unproved.len()
        );
        Ok(if failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    async fn whole_story(&self, when: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        let told = self.teller.tell(true).await;
        told.with_context(|| format!("The story fails {when}"))?;
        println!(
            "✓ the story, {when} ({:.0} s)",
            began.elapsed().as_secs_f64()
        );
        Ok(())
    }

    async fn without(&self, grant: &Grant) -> anyhow::Result<Outcome> {
        self.teller.forget().await?;
        let before = self.refused()?.len();
        self.roles.take(grant).await?;
        let was_refused = || -> anyhow::Result<bool> {
            let refused = self.refused()?;
            Ok(refused.iter().skip(before).any(|it| grant.is_wanted_by(it)))
        };
        let harmless = reason_for(grant, &HARMLESS);
        let by_the_clock = grant.action() == "lambda:InvokeFunction";
        let told = tokio::select! {
            told = self.teller.tell(by_the_clock) => told,
            seen = until(was_refused), if harmless.is_some() => seen,
        };
        self.roles.put_back(grant).await?;
        let refused = was_refused()?;
        Ok(match (told, refused, harmless) {
            (_, true, Some(reason)) => Outcome::Used(reason),
            (Err(failure), true, None) => Outcome::Missed(format!("{failure:#}")),
            (Err(failure), false, _) => Outcome::OtherFailure(format!("{failure:#}")),
            (Ok(()), true, None) => {
                Outcome::OtherFailure("refused, and the story ends well".into())
            }
            (Ok(()), false, _) => Outcome::Unused,
        })
    }

    fn refused(&self) -> anyhow::Result<Vec<Refusal>> {
        let text = std::fs::read_to_string(&self.refusals)
            .with_context(|| format!("Cannot read {}", self.refusals.display()))?;
        // The last line may be half written.
        Ok(text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect())
    }
}

/// Waits until something is so.
async fn until(is_so: impl Fn() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    while !is_so()? {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// The reason beside the entry that this grant's name contains.
fn reason_for(grant: &Grant, of: &[(&str, &'static str)]) -> Option<&'static str> {
    let name = grant.to_string();
    let found = of.iter().find(|(part, _)| name.contains(part));
    found.map(|&(_, reason)| reason)
}
