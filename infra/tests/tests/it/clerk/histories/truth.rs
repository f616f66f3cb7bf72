//! What is so at Clerk in the end, and what the database says of it.

use std::collections::BTreeMap;

use shared::input::Slug;
use tokio_postgres::Client;

use super::instance::Clerk;
use super::objects::{NAMES, SLUG_TEXTS, names};

/// Name, address and whether it is verified.
type Person = (Option<String>, Option<String>, bool);

/// What is so at Clerk of those that it spoke of itself, and not only on the side of a membership.
#[derive(Debug, Default, PartialEq)]
pub struct Truth {
    /// Nothing of who was deleted.
    pub users: BTreeMap<String, Option<Person>>,
    /// Name and slug.
    pub workspaces: BTreeMap<String, (String, String)>,
    /// The role of each member of each workspace.
    pub members: BTreeMap<(String, String), String>,
    /// Who has verified an address last.
    pub addresses: BTreeMap<String, String>,
}

impl Clerk {
    /// What is so now.
    pub fn truth(&self) -> Truth {
        let mut truth = Truth::default();
        let mut verified_at = BTreeMap::new();
        for (i, user) in self.users.iter().enumerate() {
            let Some(user) = user else { continue };
            let address = user.address.map(|address| self.address(address));
            let person = (!user.deleted).then(|| {
                let (first, last, username) = names(user.name);
                let name = match (first, last) {
                    (Some(first), Some(last)) => Some(format!("{first} {last}")),
                    (first, _) => first.or(username).map(str::to_owned),
                };
                (name, address.clone(), user.verified)
            });
            truth.users.insert(self.user_id(i), person);
            if let Some(address) = address.filter(|_| user.verified && !user.deleted) {
                let newest = verified_at
                    .get(&address)
                    .is_none_or(|at| user.updated_at > *at);
                if newest {
                    verified_at.insert(address.clone(), user.updated_at);
                    truth.addresses.insert(address, self.user_id(i));
                }
            }
        }
        for (i, organization) in self.organizations.iter().enumerate() {
            let Some(organization) = organization.as_ref().filter(|o| !o.deleted) else {
                continue;
            };
            let (id, name) = (self.organization_id(i), NAMES[organization.name]);
            let slug = organization.slug.map_or_else(
                || Slug::of(name, &id).into_string(),
                |slug| SLUG_TEXTS[slug].to_owned(),
            );
            truth.workspaces.insert(id, (name.to_owned(), slug));
        }
        for ((organization, user), membership) in &self.memberships {
            let role = if membership.admin { "ADMIN" } else { "MEMBER" };
            let key = (self.organization_id(*organization), self.user_id(*user));
            truth.members.insert(key, role.to_owned());
        }
        truth
    }
}

/// What the database says of what Clerk knows.
pub async fn truth(client: &Client, clerk: &Clerk) -> Truth {
    let users = client
        .query(
            "SELECT id, name, email, email_verified, deleted_at IS NOT NULL FROM users
              WHERE id = ANY ($1) AND version > 0",
            &[&clerk.users()],
        )
        .await
        .expect("users can be read");
    let users = users.iter().map(|row| {
        let person = if row.get(4) {
            None
        } else {
            Some((row.get(1), row.get(2), row.get(3)))
        };
        (row.get(0), person)
    });
    let workspaces = client
        .query(
            "SELECT w.id, w.name, w.slug FROM workspaces w
               JOIN clerk_objects c ON c.kind = 'organization' AND c.id = w.id AND c.version > 0
              WHERE w.id = ANY ($1)",
            &[&clerk.organizations()],
        )
        .await
        .expect("workspaces can be read");
    let workspaces = workspaces
        .iter()
        .map(|row| (row.get(0), (row.get(1), row.get(2))));
    let members = client
        .query(
            "SELECT workspace_id, user_id, role::text FROM workspace_members WHERE workspace_id = ANY ($1)",
            &[&clerk.organizations()],
        )
        .await
        .expect("members can be read");
    let members = members
        .iter()
        .map(|row| ((row.get(0), row.get(1)), row.get(2)));
    let owners = client
        .query(
            "SELECT a, email_owner(a) FROM unnest($1::text[]) a WHERE email_owner(a) IS NOT NULL",
            &[&clerk.addresses()],
        )
        .await
        .expect("owners of addresses can be read");
    Truth {
        users: users.collect(),
        workspaces: workspaces.collect(),
        members: members.collect(),
        addresses: owners.iter().map(|row| (row.get(0), row.get(1))).collect(),
    }
}
