//! A small Clerk: what it knows, what happens there, and what it says of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::objects::event;
use super::steps::{ADDRESSES, Action, ORGANIZATIONS, Step, USERS};

/// When histories begin, in milliseconds.
pub const BEGINNING: i64 = 1_767_225_600_000;

/// What Clerk knows at some point of a history.
pub struct Clerk {
    session: u32,
    pub(super) now: i64,
    in_a_hurry: bool,
    pub(super) users: [Option<User>; USERS],
    pub(super) organizations: [Option<Organization>; ORGANIZATIONS],
    pub(super) memberships: BTreeMap<(usize, usize), Membership>,
    memberships_made: usize,
}

#[derive(Clone)]
pub struct User {
    pub name: usize,
    pub address: Option<usize>,
    pub verified: bool,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted: bool,
}

#[derive(Clone)]
pub struct Organization {
    pub name: usize,
    pub slug: Option<usize>,
    pub creator: usize,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted: bool,
}

#[derive(Clone)]
pub struct Membership {
    pub id: String,
    pub admin: bool,
    pub created_at: i64,
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
                let saved = User {
                    name,
                    address,
                    verified: verified && address.is_some(),
                    ..self.new_user(known)
                };
                vec![self.save_user(user, saved, told)]
            }
            Action::DeleteUser {
                user,
                tells_memberships,
            } => self.delete_user(user, tells_memberships, told),
            Action::SaveOrganization {
                organization,
                name,
                slug,
                creator,
            } => {
                let known = self.organizations[organization].as_ref();
                let saved = Organization {
                    name,
                    slug,
                    creator: known.map_or(creator, |known| known.creator),
                    ..self.new_organization(known)
                };
                vec![self.save_organization(organization, saved, told)]
            }
            Action::SwapSlugs { one, other } => self.swap_slugs(one, other, told),
            Action::DeleteOrganization {
                organization,
                tells_memberships,
            } => self.delete_organization(organization, tells_memberships, told),
            Action::Join {
                organization,
                user,
                admin,
            } => vec![self.join((organization, user), admin, told)],
            Action::ChangeRole { organization, user } => {
                let key = (organization, user);
                let role = self.memberships.get(&key).map(|known| known.admin);
                let changed = role.map(|admin| self.join(key, !admin, told));
                changed.into_iter().collect()
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
                let mut events = vec![self.accepted_invitation(key, admin, told)];
                self.now += step.gap;
                let membership = self.join(key, admin, self.now + step.lag);
                events.extend(tells_membership.then_some(membership));
                events
            }
        }
    }

    fn save_user(&mut self, user: usize, saved: User, told: i64) -> Value {
        let kind = match self.users[user] {
            Some(_) => "user.updated",
            None => "user.created",
        };
        let data = self.user(user, &saved);
        self.users[user] = Some(saved);
        event(kind, told, data)
    }

    fn delete_user(&mut self, user: usize, tells_memberships: bool, told: i64) -> Vec<Value> {
        let mut events = self.end(tells_memberships, told, |(_, member)| member == user);
        let unknown = self.new_user(None);
        self.users[user].get_or_insert(unknown).deleted = true;
        let data = json!({"deleted": true, "id": self.user_id(user), "object": "user"});
        events.push(event("user.deleted", told, data));
        events
    }

    fn save_organization(&mut self, organization: usize, saved: Organization, told: i64) -> Value {
        let kind = match self.organizations[organization] {
            Some(_) => "organization.updated",
            None => "organization.created",
        };
        let data = self.organization(organization, &saved);
        self.organizations[organization] = Some(saved);
        event(kind, told, data)
    }

    fn delete_organization(
        &mut self,
        organization: usize,
        tells_memberships: bool,
        told: i64,
    ) -> Vec<Value> {
        let mut events = self.end(tells_memberships, told, |(of, _)| of == organization);
        let unknown = self.new_organization(None);
        let known = self.organizations[organization].get_or_insert(unknown);
        known.deleted = true;
        let id = self.organization_id(organization);
        let data = json!({"deleted": true, "id": id, "object": "organization"});
        events.push(event("organization.deleted", told, data));
        events
    }

    /// A new membership, or another role in the one that is there.
    fn join(&mut self, key: (usize, usize), admin: bool, told: i64) -> Value {
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
        event(kind, told, data)
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
        [(one, first), (other, second)]
            .into_iter()
            .map(|(i, mut organization)| {
                organization.updated_at = self.now;
                self.save_organization(i, organization, told)
            })
            .collect()
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

    /// Somebody of whom only the times are known, those of `known` if there is any.
    fn new_user(&self, known: Option<&User>) -> User {
        User {
            name: 0,
            address: None,
            verified: false,
            created_at: known.map_or(self.now, |known| known.created_at),
            updated_at: self.now,
            deleted: known.is_some_and(|known| known.deleted),
        }
    }

    fn new_organization(&self, known: Option<&Organization>) -> Organization {
        Organization {
            name: 0,
            slug: None,
            creator: 0,
            created_at: known.map_or(self.now, |known| known.created_at),
            updated_at: self.now,
            deleted: known.is_some_and(|known| known.deleted),
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

    pub fn user_id(&self, user: usize) -> String {
        format!("user_{}_{user}", self.session)
    }

    pub fn organization_id(&self, organization: usize) -> String {
        format!("org_{}_{organization}", self.session)
    }

    pub fn address(&self, address: usize) -> String {
        format!("Address{address}.{}@example.com", self.session)
    }
}
