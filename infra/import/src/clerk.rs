//! The first fill from Clerk, and the restoration after events were lost: everything that Clerk's Backend API lists is applied
//! as the events that would have told of it.

mod acquaintance;
mod api;
mod fill;
mod missing;
mod report;
mod walk;

use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use jiff::Timestamp;
use reqwest::Url;
use tokio_postgres::Client;

use crate::target;
use api::Api;
use fill::Fill;
use missing::{AtClerk, Missing, deleted_here, pair};
use walk::{Walk, Walked};

/// What `cargo import clerk` is told.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Clerk's Backend API
    #[arg(long, env = "CLERK_API_URL", default_value = "https://api.clerk.com")]
    api_url: Url,
    /// Delete here what is no longer at Clerk; without it, that is only reported
    #[arg(long)]
    remove_missing: bool,
    /// If more than this many objects are missing at Clerk, look at none of them
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    at_most: usize,
    /// How many connections to the database are used
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = RangedU64ValueParser::<usize>::new().range(1..=32))]
    connections: usize,
    /// For how long a request is repeated that Clerk does not answer
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    patience: u64,
}

const AFTER_HELP: &str = "\
CLERK_SECRET_KEY holds the secret key of the Clerk instance. It can be run at any time, also while the system serves: an event
that is newer than what the walk has seen wins, whichever comes first. If it breaks off, run it again. If there are users here and
none of them is at Clerk, it does nothing: the key is probably that of another instance.

The exit status is 0 if all of Clerk is here.";

/// What Clerk lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    User,
    Organization,
    Membership,
}

impl Kind {
    fn plural(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Organization => "organizations",
            Self::Membership => "memberships",
        }
    }

    /// The path of the list. Memberships are listed for the whole instance: a list for each organization would be a request
    /// for each.
    fn list(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Organization => "organizations",
            Self::Membership => "organization_memberships",
        }
    }

    /// The event that tells what an object is now.
    fn updated(self) -> &'static str {
        match self {
            Self::User => "user.updated",
            Self::Organization => "organization.updated",
            Self::Membership => "organizationMembership.updated",
        }
    }

    fn deleted(self) -> &'static str {
        match self {
            Self::User => "user.deleted",
            Self::Organization => "organization.deleted",
            Self::Membership => "organizationMembership.deleted",
        }
    }
}

/// Brings all of Clerk into the database, and says what became of it.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let key = std::env::var("CLERK_SECRET_KEY").unwrap_or_default();
    let patience = Duration::from_secs(arguments.patience);
    let api = Api::new(arguments.api_url.clone(), key.trim(), patience)?;
    let settings = target::from_environment()?;
    let mut fill = Fill::new(&settings, arguments.connections)?;
    let database = target::connect(&settings, "Cairn's database").await?;
    let outcome = bring(&api, &arguments, &database, &mut fill).await;
    print!("{}", fill.report);
    outcome.context("It broke off. What is here stays: run it again")?;
    if !fill.report.is_complete() {
        bail!("Not all of Clerk is here: see above.");
    }
    Ok(())
}

async fn bring(
    api: &Api,
    arguments: &Arguments,
    database: &Client,
    fill: &mut Fill,
) -> anyhow::Result<()> {
    fill.report.not_compared = acquaintance::doubt(api, database).await?;
    if fill.report.not_compared.is_some() {
        return Ok(());
    }
    let began = Timestamp::now().as_millisecond();
    let mut at_clerk = AtClerk::default();
    at_clerk.users = walk(api, Kind::User, fill, &mut at_clerk).await?;
    at_clerk.organizations = walk(api, Kind::Organization, fill, &mut at_clerk).await?;
    at_clerk.memberships = walk(api, Kind::Membership, fill, &mut at_clerk).await?;
    fill.report.deleted_here = deleted_here(database, &at_clerk).await?;
    let missing = Missing {
        api,
        began,
        at_most: arguments.at_most,
        remove: arguments.remove_missing,
    };
    missing.find(database, &at_clerk, fill).await
}

/// The ids in one of Clerk's lists, all of whose objects are then here.
async fn walk(
    api: &Api,
    kind: Kind,
    fill: &mut Fill,
    at_clerk: &mut AtClerk,
) -> anyhow::Result<std::collections::HashSet<String>> {
    let Walked { seen, overlooked } = Walk::new(api, kind)
        .run(async |objects| {
            if kind == Kind::Membership {
                at_clerk.pairs.extend(objects.iter().filter_map(pair));
            }
            fill.take(kind, objects).await
        })
        .await?;
    fill.report.of(kind).overlooked = overlooked;
    Ok(seen)
}
