//! `mail`.

pub mod preview;

use std::process::ExitCode;

use anyhow::Context as _;
use cairn_dev::aws_client::AwsClient;
use cairn_dev::mails::{self, Mail};

/// Opens the mailbox in the browser, where there is one; prints its address in any case.
pub fn open() -> anyhow::Result<ExitCode> {
    let url = super::status::running_status()?.mailbox_url;
    println!("{url}");
    if let Err(error) = opener::open_browser(&url) {
        eprintln!("No browser could be started ({error}): open the address above yourself.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists the mails that were sent, or prints the text of one.
pub async fn run(number: Option<usize>, json: bool) -> anyhow::Result<ExitCode> {
    let aws = AwsClient::new(super::status::running_status()?.aws_endpoint)?;
    let mails = mails::list(&aws).await?;
    match number {
        Some(number) => {
            let mail = number
                .checked_sub(1)
                .and_then(|index| mails.get(index))
                .with_context(|| {
                    format!(
                        "There is no mail {number}: {} were sent. `cargo dev mail` lists them.",
                        mails.len()
                    )
                })?;
            print_one(mail, json)?;
        }
        None => print_list(&mails, json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn print_one(mail: &Mail, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(mail)?);
        return Ok(());
    }
    println!("Date:    {} UTC", mail.sent_at());
    println!("From:    {}", mail.from);
    println!("To:      {}", mail.to.join(", "));
    println!("Subject: {}", mail.subject);
    println!();
    println!("{}", mail.text);
    Ok(())
}

fn print_list(mails: &[Mail], json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(&mails)?);
        return Ok(());
    }
    if mails.is_empty() {
        eprintln!("Nothing was sent since the local AWS started.");
    }
    for (number, mail) in (1..).zip(mails) {
        println!(
            "{number:>4}  {}  {:30}  {}",
            mail.sent_at(),
            mail.to.join(", "),
            mail.subject
        );
    }
    Ok(())
}
