//! `webhook`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use cairn_dev::places::Places;
use cairn_dev::webhooks::{self, WebhookSecret};

/// Signs an event of Clerk and delivers it to the running system, or to `url`. Prints the answer.
pub async fn run(
    file: &Path,
    secret: Option<String>,
    url: Option<String>,
) -> anyhow::Result<ExitCode> {
    let event = std::fs::read(file).with_context(|| format!("Cannot read {}", file.display()))?;
    let url = match url {
        Some(url) => url,
        None => super::status::running_status()?.webhook_url,
    };
    let secret = if let Some(secret) = secret {
        secret
    } else {
        let places = Places::find();
        super::webhook_secret(&super::settings_in_force(&places)?, &places)?
    };
    let secret = WebhookSecret::parse(&secret)?;
    let (status, answer) = webhooks::deliver(&url, &secret, event).await?;
    println!("{status} {}", answer.trim());
    if status != 200 {
        bail!(
            "The event was not taken; the reason is in the log of the function (target/cairn/up/aws/functions.log)."
        );
    }
    Ok(ExitCode::SUCCESS)
}
