//! The database that is written to.

use anyhow::{Context as _, bail};
use shared::db::ConnectionSettings;

/// The database that `DIRECT_URL` names, which leads past any pooler, or else the one of `DATABASE_URL`.
pub fn from_environment() -> anyhow::Result<ConnectionSettings> {
    for name in ["DIRECT_URL", "DATABASE_URL"] {
        if let Some(url) = std::env::var(name).ok().filter(|url| !url.is_empty()) {
            return ConnectionSettings::parse(&url)
                .with_context(|| format!("{name} cannot be used"));
        }
    }
    bail!("DIRECT_URL (or DATABASE_URL) has to be set to the URL of Cairn's database.")
}
