//! `token`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::ensure;
use cairn_dev::places::Places;
use cairn_dev::settings::Settings;

use super::development_key;

/// Prints a session token and nothing else.
pub fn run(user: &str, ttl: u64) -> anyhow::Result<ExitCode> {
    ensure!(
        !user.trim().is_empty(),
        "--user must be the id of a user, for example {}.",
        super::up::DEMO_USER
    );
    let settings = Settings::from_env()?;
    let key = development_key(&Places::find())?;
    let ttl = Duration::from_secs(ttl);
    println!("{}", settings.clerk.session_token(&key, user, ttl)?);
    Ok(ExitCode::SUCCESS)
}
