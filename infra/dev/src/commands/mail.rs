//! `mail`.

use std::process::ExitCode;

use anyhow::Context as _;
use cairn_dev::mails;

/// Lists the mails that were sent, or prints the text of one.
pub async fn run(number: Option<usize>, json: bool) -> anyhow::Result<ExitCode> {
    let mails = mails::list(&super::status::running_status()?.aws_endpoint).await?;
    if let Some(number) = number {
        let mail = number
            .checked_sub(1)
            .and_then(|index| mails.get(index))
            .with_context(|| format!("There is no mail {number}: {} were sent.", mails.len()))?;
        if json {
            println!("{}", serde_json::to_string_pretty(mail)?);
        } else {
            println!("Date:    {} UTC", mail.sent_at());
            println!("From:    {}", mail.from);
            println!("To:      {}", mail.to.join(", "));
            println!("Subject: {}", mail.subject);
            println!();
            println!("{}", mail.text);
        }
        return Ok(ExitCode::SUCCESS);
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&mails)?);
        return Ok(ExitCode::SUCCESS);
    }
    if mails.is_empty() {
        eprintln!("Nothing was sent since the local AWS started.");
    }
    for (number, mail) in (1..).zip(&mails) {
        println!(
            "{number:>4}  {}  {:30}  {}",
            mail.sent_at(),
            mail.to.join(", "),
            mail.subject
        );
    }
    Ok(ExitCode::SUCCESS)
}
