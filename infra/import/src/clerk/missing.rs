//! What is here and no longer at Clerk: the event that would have told of it was lost.

use std::collections::HashSet;

use anyhow::{Context as _, bail};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_postgres::Client;

use super::Kind;
use super::api::Api;
use super::fill::Fill;
use super::walk::id;

/// What an accepted invitation is called in `clerk_memberships`, where else the id of Clerk's membership stands.
const INVITATION: &str = "invitation";
/// Clerk lets through 10 requests a second with a development key.
const AT_ONCE: usize = 3;

/// What Clerk's lists hold.
#[derive(Default)]
pub struct AtClerk {
    pub users: HashSet<String>,
    pub organizations: HashSet<String>,
    pub memberships: HashSet<String>,
    /// Organization and user of each membership.
    pub pairs: HashSet<(String, String)>,
}

/// What the database knows and Clerk's lists do not hold.
struct Absent {
    users: Vec<String>,
    organizations: Vec<String>,
    memberships: Vec<Membership>,
}

struct Membership {
    organization: String,
    user: String,
    source: String,
}

#[derive(Deserialize)]
struct Memberships {
    data: Vec<Value>,
}

/// What to do about what is missing.
pub struct Missing<'a> {
    pub api: &'a Api,
    /// When the walk began, in milliseconds: what was said since then holds.
    pub began: i64,
    /// More than this many are not looked up: they are a sign of the wrong key.
    pub at_most: usize,
    pub remove: bool,
}

impl Missing<'_> {
    /// Compares the database with what was seen at Clerk. Nothing is taken for deleted because a list does not hold it: Clerk is
    /// asked about each.
    pub async fn find(
        &self,
        database: &Client,
        at_clerk: &AtClerk,
        fill: &mut Fill,
    ) -> anyhow::Result<()> {
        let absent = Absent::read(database, at_clerk)
            .await
            .context("The database does not say what it knows")?;
        let most = absent.count();
        if most > self.at_most {
            fill.report.not_compared = Some(format!(
                "{most} objects are here and not in Clerk's lists ({} users, {} organizations, {} memberships). None of them was \
                 looked up or removed: CLERK_SECRET_KEY may be that of another instance. If it is the right one, \
                 repeat with --at-most {most}.",
                absent.users.len(),
                absent.organizations.len(),
                absent.memberships.len(),
            ));
            return Ok(());
        }
        let users = self.objects(Kind::User, absent.users, fill).await?;
        let organizations = self
            .objects(Kind::Organization, absent.organizations, fill)
            .await?;
        // The memberships of what is gone go with it.
        let mut memberships = absent.memberships;
        memberships.retain(|membership| {
            !organizations.contains(&membership.organization) && !users.contains(&membership.user)
        });
        self.memberships(memberships, at_clerk, fill).await
    }

    /// Those of these users or organizations that are gone.
    async fn objects(
        &self,
        kind: Kind,
        ids: Vec<String>,
        fill: &mut Fill,
    ) -> anyhow::Result<HashSet<String>> {
        let mut answers = stream::iter(ids)
            .map(|name| async move {
                let answer: Option<Value> = self.api.get(&[kind.list(), &name], &[]).await?;
                anyhow::Ok((name, answer))
            })
            .buffered(AT_ONCE);
        let mut gone = HashSet::new();
        while let Some((name, answer)) = answers.try_next().await? {
            match answer {
                None => {
                    fill.report.of(kind).missing.push(name.clone());
                    if self.remove {
                        let data = json!({"id": name, "deleted": true});
                        fill.delete(kind, self.began, &data).await?;
                    }
                    gone.insert(name);
                }
                // It was made while the walk was under way.
                Some(object) if id(&object) == Some(&name) => {
                    fill.take(kind, vec![object]).await?;
                }
                Some(_) => bail!("Clerk gives another object than the one that was asked for"),
            }
        }
        Ok(gone)
    }

    async fn memberships(
        &self,
        memberships: Vec<Membership>,
        at_clerk: &AtClerk,
        fill: &mut Fill,
    ) -> anyhow::Result<()> {
        let mut answers = stream::iter(memberships)
            .map(|membership| async move {
                let path = ["organizations", &membership.organization, "memberships"];
                let query = [("user_id", membership.user.as_str())];
                let answer: Option<Memberships> = self.api.get(&path, &query).await?;
                let present = answer.map(|answer| answer.data).unwrap_or_default();
                anyhow::Ok((membership, present))
            })
            .buffered(AT_ONCE);
        while let Some((membership, mut present)) = answers.try_next().await? {
            if present
                .iter()
                .any(|object| pair(object).is_none_or(|(_, user)| user != membership.user))
            {
                bail!("Clerk gives memberships of others than the one who was asked for");
            }
            if !membership.is_among(&present) {
                let name = format!("{} of {}", membership.user, membership.organization);
                fill.report.of(Kind::Membership).missing.push(name);
                if self.remove {
                    let data = json!({
                        "id": membership.source,
                        "organization": {"id": membership.organization},
                        "public_user_data": {"user_id": membership.user},
                    });
                    fill.delete(Kind::Membership, self.began, &data).await?;
                }
            }
            present.retain(|object| id(object).is_none_or(|id| !at_clerk.memberships.contains(id)));
            fill.take(Kind::Membership, present).await?;
        }
        Ok(())
    }
}

impl Absent {
    async fn read(database: &Client, at_clerk: &AtClerk) -> Result<Self, tokio_postgres::Error> {
        let users = column(database, include_str!("users.sql")).await?;
        let organizations = column(database, include_str!("organizations.sql")).await?;
        let memberships = database
            .query_typed(include_str!("memberships.sql"), &[])
            .await?;
        let absent = |ids: Vec<String>, seen: &HashSet<String>| -> Vec<String> {
            ids.into_iter().filter(|id| !seen.contains(id)).collect()
        };
        let memberships = memberships.iter().map(|row| Membership {
            organization: row.get(0),
            user: row.get(1),
            source: row.get(2),
        });
        Ok(Self {
            users: absent(users, &at_clerk.users),
            organizations: absent(organizations, &at_clerk.organizations),
            memberships: memberships
                .filter(|membership| !membership.is_known(at_clerk))
                .collect(),
        })
    }

    /// How many questions to Clerk they are at least.
    fn count(&self) -> usize {
        let memberships = self.memberships.iter().filter(|membership| {
            !self.organizations.contains(&membership.organization)
                && !self.users.contains(&membership.user)
        });
        self.users.len() + self.organizations.len() + memberships.count()
    }
}

impl Membership {
    fn is_known(&self, at_clerk: &AtClerk) -> bool {
        if self.source == INVITATION {
            let pair = (self.organization.clone(), self.user.clone());
            at_clerk.pairs.contains(&pair)
        } else {
            at_clerk.memberships.contains(&self.source)
        }
    }

    /// Whether one of these memberships of the same person is this one. An accepted invitation stands for whichever there is.
    fn is_among(&self, present: &[Value]) -> bool {
        present
            .iter()
            .any(|object| self.source == INVITATION || id(object) == Some(&self.source))
    }
}

/// The ids of organizations that were deleted here, through our API, and still are at Clerk.
pub async fn deleted_here(database: &Client, at_clerk: &AtClerk) -> anyhow::Result<Vec<String>> {
    let ids = column(database, include_str!("deleted_organizations.sql"))
        .await
        .context("The database does not say what was deleted")?;
    let still_there = |id: &String| at_clerk.organizations.contains(id);
    Ok(ids.into_iter().filter(still_there).collect())
}

/// The ids of the users who are known here.
pub async fn users_here(database: &Client) -> anyhow::Result<Vec<String>> {
    column(database, include_str!("users.sql"))
        .await
        .context("The database does not say whom it knows")
}

/// The organization and the user of a membership.
pub fn pair(membership: &Value) -> Option<(String, String)> {
    let organization = membership.get("organization")?.get("id")?.as_str()?;
    let user = membership
        .get("public_user_data")?
        .get("user_id")?
        .as_str()?;
    Some((organization.to_owned(), user.to_owned()))
}

async fn column(database: &Client, sql: &str) -> Result<Vec<String>, tokio_postgres::Error> {
    let rows = database.query_typed(sql, &[]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
