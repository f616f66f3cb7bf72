//! Clerk's objects, as they stand in its events.

use serde_json::{Value, json};

use super::instance::{BEGINNING, Clerk, Membership, Organization, User};
use super::steps::{ORGANIZATION_NAMES, SLUGS};

pub const SLUG_TEXTS: [&str; SLUGS] = ["acme", "umbrella", "initech"];
pub const NAMES: [&str; ORGANIZATION_NAMES] = ["Acme Robotics", "Nováková & syn", "!!!"];

impl Clerk {
    pub fn user(&self, user: usize, saved: &User) -> Value {
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

    pub fn organization(&self, organization: usize, saved: &Organization) -> Value {
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

    pub fn membership(
        &self,
        key: (usize, usize),
        membership: &Membership,
        updated_at: i64,
    ) -> Value {
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

    pub fn accepted_invitation(&self, key: (usize, usize), admin: bool, told: i64) -> Value {
        let (organization, user) = key;
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
        event("organizationInvitation.accepted", told, data)
    }
}

/// First name, last name and username.
pub fn names(
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

pub fn event(kind: &str, at: i64, data: Value) -> Value {
    let mut event = json!({"object": "event", "type": kind, "timestamp": at});
    event["data"] = data;
    event
}
