//! The whole system at a glance.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::page::{Frame, Moment, Told, Took, show, told};
use super::{Console, Shared, database};
use crate::function_log::Level;
use crate::requests::CONSOLE;
use crate::{mails, queues, schedules};

/// How long the API may take before it counts as away.
const PATIENCE: Duration = Duration::from_secs(5);
/// An outbox row that is older should have been worked off.
const PROMPT: SignedDuration = SignedDuration::from_mins(2);

struct Api {
    took: Took,
}

struct Aws {
    version: String,
}

struct Counts {
    users: i64,
    workspaces: i64,
    projects: i64,
    tasks: i64,
    promises: i64,
    given_up: i64,
    oldest: Option<Timestamp>,
    server: String,
}

struct Mails {
    count: usize,
    newest: Option<(usize, String)>,
}

struct Schedules {
    count: usize,
    next: Option<Moment>,
}

struct Queues {
    waiting: u64,
    in_flight: u64,
    delayed: u64,
    dead_letters: u64,
}

struct Requests {
    count: usize,
    failed: usize,
    newest: Option<Moment>,
}

struct Log {
    errors: usize,
    warnings: usize,
}

#[derive(Template)]
#[template(path = "console/overview.html")]
struct Page {
    frame: Frame,
    api_url: String,
    webhook_url: String,
    database: String,
    aws_endpoint: String,
    keys: String,
    api: Told<Api>,
    aws: Told<Aws>,
    counts: Told<Counts>,
    mails: Told<Mails>,
    schedules: Told<Schedules>,
    queues: Told<Queues>,
    requests: Requests,
    log: Told<Log>,
}

/// A panel for each part, whichever of them answer.
pub async fn page(State(console): Shared) -> Response {
    let console = &*console;
    let (api, aws, counts, mails, schedules, queues) = tokio::join!(
        api(console),
        aws(console),
        counts(console),
        mails(console),
        schedules(console),
        queues(console),
    );
    show(&Page {
        frame: Frame::of("/"),
        api_url: console.api_url.clone(),
        webhook_url: console.webhook_url.clone(),
        database: place_of(&console.database_url),
        aws_endpoint: console.aws.endpoint().to_owned(),
        keys: console.clerk.describe_keys(),
        api: told(api),
        aws: told(aws),
        counts: told(counts),
        mails: told(mails),
        schedules: told(schedules),
        queues: told(queues),
        requests: requests(console),
        log: told(log(console)),
    })
}

impl Counts {
    /// Whether something in the outbox should have been done by now.
    fn is_late(&self) -> bool {
        let late = |oldest| Timestamp::now().duration_since(oldest) > PROMPT;
        self.oldest.is_some_and(late)
    }

    fn since(&self) -> Option<Moment> {
        self.oldest.map(Moment::from)
    }
}

async fn api(console: &Console) -> anyhow::Result<Api> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .user_agent(CONSOLE)
        .build()?;
    let began = Instant::now();
    let answer = client
        .get(format!("{}/api/health", console.api_url))
        .send()
        .await
        .context("The API does not answer")?;
    let took = Took(began.elapsed());
    let status = answer.status();
    ensure!(status.is_success(), "GET /api/health answers {status}");
    Ok(Api { took })
}

#[derive(Deserialize)]
struct Health {
    #[serde(default)]
    version: String,
}

async fn aws(console: &Console) -> anyhow::Result<Aws> {
    let Health { version } = console.aws.inspect("health", &[]).await?;
    Ok(Aws { version })
}

async fn counts(console: &Console) -> anyhow::Result<Counts> {
    let sql = include_str!("counts.sql");
    let rows = database::rows(&console.database_url, sql, &[]).await?;
    let row = &rows[0];
    Ok(Counts {
        users: row.try_get("users")?,
        workspaces: row.try_get("workspaces")?,
        projects: row.try_get("projects")?,
        tasks: row.try_get("tasks")?,
        promises: row.try_get("promises")?,
        given_up: row.try_get("given_up")?,
        oldest: row.try_get("oldest")?,
        server: row.try_get("server")?,
    })
}

async fn mails(console: &Console) -> anyhow::Result<Mails> {
    let mails = mails::list(&console.aws).await?;
    let count = mails.len();
    let newest = mails.into_iter().next_back();
    Ok(Mails {
        count,
        newest: newest.map(|mail| (count, mail.subject)),
    })
}

async fn schedules(console: &Console) -> anyhow::Result<Schedules> {
    let scheduled = schedules::to_come(&console.aws).await?;
    Ok(Schedules {
        count: scheduled.len(),
        next: scheduled.first().map(|next| next.at.into()),
    })
}

async fn queues(console: &Console) -> anyhow::Result<Queues> {
    let (dead, queues): (Vec<_>, Vec<_>) = queues::list(&console.aws)
        .await?
        .into_iter()
        .partition(queues::Queue::is_for_dead_letters);
    Ok(Queues {
        waiting: queues.iter().map(|queue| queue.visible).sum(),
        in_flight: queues.iter().map(|queue| queue.in_flight).sum(),
        delayed: queues.iter().map(|queue| queue.delayed).sum(),
        dead_letters: dead.iter().map(queues::Queue::total).sum(),
    })
}

fn requests(console: &Console) -> Requests {
    let newest = console.requests.newest();
    Requests {
        count: newest.len(),
        failed: newest.iter().filter(|it| it.status >= 500).count(),
        newest: newest.first().map(|request| request.at.into()),
    }
}

fn log(console: &Console) -> anyhow::Result<Log> {
    let lines = console.log.newest()?.lines;
    let count = |level| {
        lines
            .iter()
            .filter(|line| line.level == Some(level))
            .count()
    };
    Ok(Log {
        errors: count(Level::Error),
        warnings: count(Level::Warn),
    })
}

/// Where the database is, without user and password.
fn place_of(url: &str) -> String {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let without_query = after_scheme.split('?').next().unwrap_or_default();
    without_query
        .rsplit_once('@')
        .map_or(without_query, |(_, place)| place)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_database_has_no_password() {
        for url in [
            "postgres://me:p@ss@db.example.com:5432/cairn?sslmode=require",
            "postgres://db.example.com:5432/cairn",
        ] {
            assert_eq!(place_of(url), "db.example.com:5432/cairn");
        }
    }
}
