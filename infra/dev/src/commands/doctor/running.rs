//! Whether a system runs, and whether each of its parts answers.

use std::time::Duration;

use cairn_dev::database::{ask, is_on_this_machine};
use cairn_dev::instance::{Record, Status};
use cairn_dev::places::Places;
use reqwest::StatusCode;

use super::finding::{Finding, Group, Verdict};
use crate::commands::instance;

/// How long a part may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The system, and where one runs its parts.
pub async fn look(places: &Places) -> Vec<Finding> {
    let instance = instance(places);
    let finding =
        |verdict, found: String| vec![Finding::new(Group::Running, "Local system", verdict, found)];
    match instance.running() {
        None if instance.is_held() => finding(Verdict::Limited, "it is just starting".to_owned()),
        None => finding(
            Verdict::Absent,
            "nothing runs: `cargo dev up` starts it".to_owned(),
        ),
        Some(Record {
            status: None, pid, ..
        }) => finding(
            Verdict::Limited,
            format!("it is just starting (process {pid})"),
        ),
        Some(Record {
            status: Some(status),
            command,
            pid,
            ..
        }) => {
            let mut findings = finding(
                Verdict::Fine,
                format!("`cargo dev {command}`, process {pid}"),
            );
            findings.extend(parts(&status).await);
            findings
        }
    }
}

async fn parts(status: &Status) -> Vec<Finding> {
    let Status {
        api_url,
        mailbox_url,
        console_url,
        database_url,
        aws_endpoint,
        ..
    } = status;
    let health_url = format!("{api_url}/api/health");
    let aws_health_url = format!("{aws_endpoint}/_ministack/health");
    let (health, aws, mailbox, console, database) = tokio::join!(
        get(&health_url),
        get(&aws_health_url),
        get_if_any(mailbox_url),
        get_if_any(console_url),
        database(database_url),
    );
    let mut findings = vec![
        database,
        answered("Local AWS", aws_endpoint, &aws),
        // Whatever it answers: that may come from behind it.
        match &health {
            Ok(_) => fine("Front door", api_url),
            Err(problem) => silent("Front door", api_url, problem),
        },
        answered("Functions", &health_url, &health),
    ];
    let pages = [
        ("Mailbox", mailbox_url, mailbox),
        ("Console", console_url, console),
    ];
    for (subject, url, answer) in pages {
        findings.extend(answer.map(|answer| answered(subject, url, &answer)));
    }
    findings
}

/// A status, or why there is none.
type Answer = Result<StatusCode, String>;

async fn get(url: &str) -> Answer {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .map_err(|error| error.to_string())?;
    let answer = client.get(url).send().await.map_err(|error| {
        if error.is_timeout() {
            "it does not answer in time".to_owned()
        } else {
            "nothing answers".to_owned()
        }
    })?;
    Ok(answer.status())
}

/// A system may not have this part.
async fn get_if_any(url: &str) -> Option<Answer> {
    if url.is_empty() {
        return None;
    }
    Some(get(url).await)
}

fn answered(subject: &'static str, url: &str, answer: &Answer) -> Finding {
    match answer {
        Ok(status) if status.is_success() => fine(subject, url),
        Ok(status) => silent(subject, url, &format!("it answers {status}")),
        Err(problem) => silent(subject, url, problem),
    }
}

fn fine(subject: &'static str, url: &str) -> Finding {
    let found = format!("{url} answers");
    Finding::new(Group::Running, subject, Verdict::Fine, found)
}

fn silent(subject: &'static str, url: &str, problem: &str) -> Finding {
    let found = format!(
        "{problem} at {url}: `cargo dev down`, then `cargo dev up`; the logs are under target/cairn/up"
    );
    Finding::new(Group::Running, subject, Verdict::Missing, found)
}

async fn database(url: &str) -> Finding {
    let found = |verdict, found: String| Finding::new(Group::Running, "Database", verdict, found);
    if !is_on_this_machine(url) {
        return found(
            Verdict::Fine,
            "on another machine; whether it answers, the functions tell".to_owned(),
        );
    }
    match users(url).await {
        Some(users) => found(Verdict::Fine, format!("answers, with {users} users")),
        // Not the URL: it holds the password.
        None => silent("Database", "its address", "nothing answers"),
    }
}

/// How many the database has; none if it does not say.
async fn users(url: &str) -> Option<i64> {
    let config = url.parse().ok()?;
    let sql = "SELECT count(*) FROM users";
    let rows = ask(&config, sql, &[], PATIENCE).await.ok()?;
    rows.first()?.try_get(0).ok()
}
