//! `status`.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::bail;
use cairn_dev::instance::{Record, Status};
use cairn_dev::places::Places;
use cairn_dev::progress::seconds;
use console::style;
use jiff::Timestamp;

use super::instance;

/// Prints what runs, and where.
pub fn run(json: bool) -> anyhow::Result<ExitCode> {
    let (record, status) = running()?;
    if json {
        println!("{}", serde_json::to_string_pretty(&status)?);
    } else {
        print!("{}", as_text(&record, &status, Timestamp::now()));
    }
    Ok(ExitCode::SUCCESS)
}

fn as_text(record: &Record, status: &Status, now: Timestamp) -> String {
    let Status {
        api_url,
        webhook_url,
        mailbox_url,
        console_url,
        database_url,
        aws_endpoint,
        clerk,
    } = status;
    let since = record.started_at.map_or_else(String::new, |started| {
        let so_far = now.duration_since(started).unsigned_abs();
        format!(", for {}", seconds(so_far))
    });
    let what = format!(
        "`cargo dev {}`{since} (process {})",
        record.command, record.pid
    );
    let parties = if clerk.authorized_parties.is_empty() {
        "any".to_owned()
    } else {
        clerk.authorized_parties.join(", ")
    };
    let addresses = [
        ("API", api_url.clone()),
        ("Docs", format!("{api_url}/api/docs")),
        ("Webhook", webhook_url.clone()),
        ("Mailbox", mailbox_url.clone()),
        ("Console", console_url.clone()),
        ("Database", database_url.clone()),
        ("Local AWS", aws_endpoint.clone()),
    ];
    let tokens = [
        ("Tokens", clerk.keys.clone()),
        ("Issuer", clerk.issuer.clone()),
        ("Parties", parties),
    ];
    let settings = record
        .settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()));
    let mut text = String::new();
    for (heading, rows) in [
        ("Running", vec![("Command", what)]),
        ("Addresses", addresses.into()),
        ("Settings", tokens.into_iter().chain(settings).collect()),
    ] {
        let _ = writeln!(text, "{}", style(heading).bold());
        for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
            let _ = writeln!(text, "  {name:10} {value}");
        }
    }
    text
}

/// What a running system tells about itself.
pub fn running_status() -> anyhow::Result<Status> {
    running().map(|(_, status)| status)
}

fn running() -> anyhow::Result<(Record, Status)> {
    let instance = instance(&Places::find());
    match instance.running() {
        Some(record) if record.status.is_some() => {
            let status = record.status.clone().unwrap_or_default();
            Ok((record, status))
        }
        Some(record) => bail!(
            "`cargo dev {}` (process {}) is still starting: ask again when it says `ready`.",
            record.command,
            record.pid
        ),
        None if instance.is_held() => {
            bail!("The local system is still starting: ask again when it says `ready`.")
        }
        None => bail!("Nothing is running: start it with `cargo dev up`."),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_runs_is_told_with_since_when_and_how() {
        let started = Timestamp::UNIX_EPOCH;
        let status = Status {
            api_url: "http://127.0.0.1:5000".to_owned(),
            ..Status::default()
        };
        let record = Record {
            command: "up".to_owned(),
            pid: 42,
            started_at: Some(started),
            settings: vec![("Origins".to_owned(), "http://localhost:5173".to_owned())],
            fingerprint: 0,
            status: Some(status.clone()),
            environment: Vec::new(),
        };
        let text = as_text(&record, &status, started + Duration::from_secs(4_000));
        let text = console::strip_ansi_codes(&text);
        assert!(
            text.contains("`cargo dev up`, for 1 h 06 min (process 42)"),
            "{text}"
        );
        assert!(
            text.contains("  Docs       http://127.0.0.1:5000/api/docs"),
            "{text}"
        );
        assert!(
            text.contains("  Origins    http://localhost:5173"),
            "{text}"
        );
        assert!(
            !text.contains("Console"),
            "what there is not is not told: {text}"
        );
    }
}
