//! `status`.

use std::process::ExitCode;

use anyhow::bail;
use cairn_dev::instance::{Record, Status};
use cairn_dev::places::Places;

use super::instance;

/// Prints the addresses of the running system.
pub fn run(json: bool) -> anyhow::Result<ExitCode> {
    let status = running_status()?;
    if json {
        println!("{}", serde_json::to_string_pretty(&status)?);
        return Ok(ExitCode::SUCCESS);
    }
    let Status {
        api_url,
        webhook_url,
        mailbox_url,
        console_url,
        database_url,
        aws_endpoint,
        clerk,
    } = status;
    let rows = [
        ("API", api_url),
        ("Webhook", webhook_url),
        ("Mailbox", mailbox_url),
        ("Console", console_url),
        ("Database", database_url),
        ("Local AWS", aws_endpoint),
        ("Issuer", clerk.issuer),
        ("Parties", clerk.authorized_parties.join(", ")),
        ("Keys", clerk.keys),
    ];
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        println!("{name:10} {value}");
    }
    Ok(ExitCode::SUCCESS)
}

/// What a running system tells about itself.
pub fn running_status() -> anyhow::Result<Status> {
    let instance = instance(&Places::find());
    match instance.running() {
        Some(Record {
            status: Some(status),
            ..
        }) => Ok(status),
        Some(record) if record.command != "up" => {
            bail!("`cargo dev {}` is still starting.", record.command)
        }
        _ if instance.is_held() => bail!("It is still starting."),
        _ => bail!("Nothing is running: start it with `cargo dev up`."),
    }
}
