//! `token`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::ensure;
use cairn_dev::places::Places;

use super::{development_key, settings_in_force};

/// Prints a session token and nothing else.
pub fn run(user: &str, ttl: u64) -> anyhow::Result<ExitCode> {
    ensure!(
        !user.trim().is_empty(),
        "--user must be the id of a user, for example {}.",
        super::up::DEMO_USER
    );
    let places = Places::find();
    let settings = settings_in_force(&places)?;
    let key = development_key(&places)?;
    let ttl = Duration::from_secs(ttl);
    println!("{}", settings.clerk.session_token(&key, user, ttl)?);
    Ok(ExitCode::SUCCESS)
}
