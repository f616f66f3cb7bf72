//! A small Clerk: what happens there, what it says of it, and what is so in the end.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::input::Slug;

use super::steps::{ADDRESSES, Action, ORGANIZATION_NAMES, ORGANIZATIONS, SLUGS, Step, USERS};

const SLUG_TEXTS: [&str; SLUGS] = ["acme", "umbrella", "initech"];
const NAMES: [&str; ORGANIZATION_NAMES] = ["Acme Robotics", "Nováková & syn", "!!!"];
/// When histories begin, in milliseconds.
const BEGINNING: i64 = 1_767_225_600_000;

/// What is so at Clerk of those that it spoke of itself, and not only on the side of a membership.
#[derive(Debug, Default, PartialEq)]
pub struct Truth {
    /// Name, address and whether it is verified; nothing of who was deleted.
    pub users: BTreeMap<String, Option<(Option<String>, Option<String>, bool)>>,
    /// Name and slug.
    pub workspaces: BTreeMap<String, (String, String)>,
    /// The role of each member of each workspace.
    pub members: BTreeMap<(String, String), String>,
    /// Who has verified an address last.
    pub addresses: BTreeMap<String, String>,
}

/// What Clerk knows at some point of a history.
pub struct Clerk {
    session: u32,
    now: i64,
    in_a_hurry: bool,
    users: [Option<User>; USERS],
    organizations: [Option<Organization>; ORGANIZATIONS],
    memberships: BTreeMap<(usize, usize), Membership>,
    memberships_made: usize,
}

#[derive(Clone)]
struct User {
    name: usize,
    address: Option<usize>,
    verified: bool,
    created_at: i64,
    updated_at: i64,
    deleted: bool,
}

#[derive(Clone)]
struct Organization {
    name: usize,
    slug: Option<usize>,
    creator: usize,
    created_at: i64,
    updated_at: i64,
    deleted: bool,
}

#[derive(Clone)]
struct Membership {
    id: String,
    admin: bool,
    created_at: i64,
}

impl Clerk {
    /// Nothing has happened yet. Sessions have people of their own.
    pub fn new(session: u32) -> Self {
        Self {
            session,
            now: BEGINNING,
            in_a_hurry: false,
            users: [const { None }; USERS],
            organizations: [const { None }; ORGANIZATIONS],
            memberships: BTreeMap::new(),
            memberships_made: 0,
        }
    }

    pub fn users(&self) -> Vec<String> {
        (0..USERS).map(|user| self.user_id(user)).collect()
    }

    pub fn organizations(&self) -> Vec<String> {
        (0..ORGANIZATIONS)
            .map(|organization| self.organization_id(organization))
            .collect()
    }

    pub fn addresses(&self) -> Vec<String> {
        (0..ADDRESSES)
            .map(|address| self.address(address))
            .collect()
    }

    /// Whether the times of Clerk's objects tell what came after what.
    pub fn was_never_in_a_hurry(&self) -> bool {
        !self.in_a_hurry
    }

    /// Lets a step happen, and gives what Clerk says of it.
    pub fn take(&mut self, step: &Step) -> Vec<Value> {
        self.now += step.gap;
        self.in_a_hurry |= step.gap == 0;
        let told = self.now + step.lag;
        match step.action {
            Action::SaveUser {
                user,
                name,
                address,
                verified,
            } => {
                let known = self.users[user].as_ref();
                let kind = if known.is_some() {
                    "user.updated"
                } else {
                    "user.created"
                };
                let saved = User {
                    name,
                    address,
                    verified: verified && address.is_some(),
                    created_at: known.map_or(self.now, |known| known.created_at),
                    updated_at: self.now,
                    deleted: known.is_some_and(|known| known.deleted),
                };
                let data = self.user(user, &saved);
                self.users[user] = Some(saved);
                vec![event(kind, told, data)]
            }
            Action::DeleteUser {
                user,
                tells_memberships,
            } => {
                let mut events = self.end(tells_memberships, told, |(_, member)| member == user);
                let unknown = User {
                    name: 0,
                    address: None,
                    verified: false,
                    created_at: self.now,
                    updated_at: self.now,
                    deleted: true,
                };
                self.users[user].get_or_insert(unknown).deleted = true;
                let data = json!({"deleted": true, "id": self.user_id(user), "object": "user"});
                events.push(event("user.deleted", told, data));
                events
            }
            Action::SaveOrganization {
                organization,
                name,
                slug,
                creator,
            } => {
                let known = self.organizations[organization].as_ref();
                let kind = if known.is_some() {
                    "organization.updated"
                } else {
                    "organization.created"
                };
                let saved = Organization {
                    name,
                    slug,
                    creator: known.map_or(creator, |known| known.creator),
                    created_at: known.map_or(self.now, |known| known.created_at),
                    updated_at: self.now,
                    deleted: known.is_some_and(|known| known.deleted),
                };
                let data = self.organization(organization, &saved);
                self.organizations[organization] = Some(saved);
                vec![event(kind, told, data)]
            }
            Action::SwapSlugs { one, other } => self.swap_slugs(one, other, told),
            Action::DeleteOrganization {
                organization,
                tells_memberships,
            } => {
                let mut events = self.end(tells_memberships, told, |(of, _)| of == organization);
                let unknown = Organization {
                    name: 0,
                    slug: None,
                    creator: 0,
                    created_at: self.now,
                    updated_at: self.now,
                    deleted: true,
                };
                self.organizations[organization]
                    .get_or_insert(unknown)
                    .deleted = true;
                let id = self.organization_id(organization);
                let data = json!({"deleted": true, "id": id, "object": "organization"});
                events.push(event("organization.deleted", told, data));
                events
            }
            Action::Join {
                organization,
                user,
                admin,
            } => {
                let key = (organization, user);
                let (kind, membership) = match self.memberships.get(&key) {
                    Some(membership) => ("organizationMembership.updated", membership.clone()),
                    None => ("organizationMembership.created", self.new_membership()),
                };
                let membership = Membership {
                    admin,
                    ..membership
                };
                let data = self.membership(key, &membership, self.now);
                self.remember(key, membership);
                vec![event(kind, told, data)]
            }
            Action::ChangeRole { organization, user } => {
                let key = (organization, user);
                let Some(mut membership) = self.memberships.get(&key).cloned() else {
                    return Vec::new();
                };
                membership.admin = !membership.admin;
                let data = self.membership(key, &membership, self.now);
                self.remember(key, membership);
                vec![event("organizationMembership.updated", told, data)]
            }
            Action::Leave { organization, user } => {
                self.end(true, told, |key| key == (organization, user))
            }
            Action::AcceptInvitation {
                organization,
                user,
                admin,
                tells_membership,
            } => {
                let key = (organization, user);
                if self.memberships.contains_key(&key) {
                    return Vec::new();
                }
                let data = json!({
                    "id": "orginv_1",
                    "object": "organization_invitation",
                    "organization_id": self.organization_id(organization),
                    "public_inviter_data": null,
                    "role": role(admin),
                    "status": "accepted",
                    "updated_at": self.now,
                    "user_id": self.user_id(user),
                });
                let mut events = vec![event("organizationInvitation.accepted", told, data)];
                self.now += step.gap;
                let membership = Membership {
                    admin,
                    ..self.new_membership()
                };
                if tells_membership {
                    let data = self.membership(key, &membership, self.now);
                    let told = self.now + step.lag;
                    events.push(event("organizationMembership.created", told, data));
                }
                self.remember(key, membership);
                events
            }
        }
    }

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

    fn swap_slugs(&mut self, one: usize, other: usize, told: i64) -> Vec<Value> {
        let (Some(mut first), Some(mut second)) = (
            self.organizations[one].clone(),
            self.organizations[other].clone(),
        ) else {
            return Vec::new();
        };
        if one == other {
            return Vec::new();
        }
        std::mem::swap(&mut first.slug, &mut second.slug);
        let mut events = Vec::new();
        for (i, mut organization) in [(one, first), (other, second)] {
            organization.updated_at = self.now;
            let data = self.organization(i, &organization);
            events.push(event("organization.updated", told, data));
            self.organizations[i] = Some(organization);
        }
        events
    }

    /// Ends memberships, and says so of them or not.
    fn end(
        &mut self,
        tells: bool,
        told: i64,
        which: impl Fn((usize, usize)) -> bool,
    ) -> Vec<Value> {
        let ended: Vec<_> = self
            .memberships
            .extract_if(.., |key, _| which(*key))
            .collect();
        ended
            .into_iter()
            .filter(|_| tells)
            .map(|(key, membership)| {
                let data = self.membership(key, &membership, membership.created_at);
                event("organizationMembership.deleted", told, data)
            })
            .collect()
    }

    /// Nobody who was deleted is in anything.
    fn remember(&mut self, key: (usize, usize), membership: Membership) {
        let deleted = self.organizations[key.0]
            .as_ref()
            .is_some_and(|o| o.deleted)
            || self.users[key.1].as_ref().is_some_and(|u| u.deleted);
        if !deleted {
            self.memberships.insert(key, membership);
        }
    }

    fn new_membership(&mut self) -> Membership {
        self.memberships_made += 1;
        Membership {
            id: format!("orgmem_{}_{}", self.session, self.memberships_made),
            admin: false,
            created_at: self.now,
        }
    }

    fn user(&self, user: usize, saved: &User) -> Value {
        let (first_name, last_name, username) = names(saved.name);
        let mut addresses = vec![json!({
            "id": "idn_other",
            "email_address": format!("other.{}@example.com", self.user_id(user)),
            "verification": {"status": "verified"},
        })];
        if let Some(address) = saved.address {
            let verification = if saved.verified {
                json!({"status": "verified", "strategy": "email_code"})
            } else {
                Value::Null
            };
            addresses.push(json!({
                "id": "idn_primary",
                "email_address": self.address(address),
                "verification": verification,
            }));
        }
        json!({
            "id": self.user_id(user),
            "object": "user",
            "first_name": first_name,
            "last_name": last_name,
            "username": username,
            "image_url": "https://img.example.com/u",
            "email_addresses": addresses,
            "primary_email_address_id": saved.address.map(|_| "idn_primary"),
            "created_at": saved.created_at,
            "updated_at": saved.updated_at,
        })
    }

    fn organization(&self, organization: usize, saved: &Organization) -> Value {
        let mut data = json!({
            "id": self.organization_id(organization),
            "object": "organization",
            "name": NAMES[saved.name],
            "image_url": "https://img.example.com/o",
            "created_by": self.user_id(saved.creator),
            "created_at": saved.created_at,
            "updated_at": saved.updated_at,
        });
        if let Some(slug) = saved.slug {
            data["slug"] = SLUG_TEXTS[slug].into();
        }
        data
    }

    fn membership(&self, key: (usize, usize), membership: &Membership, updated_at: i64) -> Value {
        let (organization, user) = key;
        let known = self.organizations[organization].as_ref();
        let person = self.users[user].as_ref();
        let (first_name, last_name, username) = names(person.map_or(1, |person| person.name));
        json!({
            "id": membership.id,
            "object": "organization_membership",
            "role": role(membership.admin),
            "created_at": membership.created_at,
            "updated_at": updated_at,
            "organization": {
                "id": self.organization_id(organization),
                "name": NAMES[known.map_or(0, |known| known.name)],
                "slug": known.and_then(|known| known.slug).map(|slug| SLUG_TEXTS[slug]),
                "image_url": "https://img.example.com/o",
                "created_at": known.map_or(BEGINNING, |known| known.created_at),
                "updated_at": known.map_or(BEGINNING, |known| known.updated_at),
            },
            "public_user_data": {
                "user_id": self.user_id(user),
                "identifier": "whoever@example.com",
                "first_name": first_name,
                "last_name": last_name,
                "username": username,
                "image_url": null,
            },
        })
    }

    fn user_id(&self, user: usize) -> String {
        format!("user_{}_{user}", self.session)
    }

    fn organization_id(&self, organization: usize) -> String {
        format!("org_{}_{organization}", self.session)
    }

    fn address(&self, address: usize) -> String {
        format!("Address{address}.{}@example.com", self.session)
    }
}

/// First name, last name and username.
fn names(
    name: usize,
) -> (
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
) {
    match name {
        0 => (None, None, None),
        1 => (Some("Ada"), Some("Lovelace"), Some("ada")),
        2 => (Some("Bob"), None, None),
        _ => (None, None, Some("bare_user")),
    }
}

fn role(admin: bool) -> &'static str {
    if admin { "org:admin" } else { "org:member" }
}

fn event(kind: &str, at: i64, data: Value) -> Value {
    let mut event = json!({"object": "event", "type": kind, "timestamp": at});
    event["data"] = data;
    event
}
