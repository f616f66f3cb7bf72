//! `token`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{bail, ensure};
use cairn_dev::places::Places;
use cairn_dev::settings::{KeySource, Settings};
use cairn_dev::tokens::SigningKey;

use super::development_key;

/// Prints a session token and nothing else.
pub fn run(user: &str, ttl: u64) -> anyhow::Result<ExitCode> {
    ensure!(
        !user.trim().is_empty(),
        "--user must be the id of a user, for example {}.",
        super::up::DEMO_USER
    );
    let settings = Settings::from_env()?;
    match settings.clerk.keys {
        KeySource::Development => {}
        KeySource::Pem(_) => bail!(
            "No token can be signed: CLERK_JWT_KEY holds only the public half of a key. Take one from your Clerk instance, \
             or unset CLERK_JWT_KEY and start `cargo dev up` again to use the development key."
        ),
        KeySource::Jwks(_) => bail!(
            "No token can be signed: CLERK_JWKS_URL serves only the public halves of keys. Take one from your Clerk \
             instance, or unset CLERK_JWKS_URL and start `cargo dev up` again to use the development key."
        ),
    }
    let key = development_key(&Places::find())?;
    println!(
        "{}",
        session_token(&settings, &key, user, Duration::from_secs(ttl))
    );
    Ok(ExitCode::SUCCESS)
}

/// A token that the system with these settings accepts.
pub fn session_token(settings: &Settings, key: &SigningKey, user: &str, ttl: Duration) -> String {
    let party = settings
        .clerk
        .authorized_parties
        .first()
        .map(String::as_str);
    key.session_token(&settings.clerk.issuer, user, party, ttl)
}
