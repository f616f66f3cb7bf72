//! What happens at Clerk, and what is so there: people sign up, organize, change their minds and leave.

use std::collections::BTreeMap;

use cairn_dev::clerk_events::{Organization, Person, deletion, membership, organization, user};
use fastrand::Rng;
use serde_json::Value;

/// When it begins, in milliseconds since the epoch: 2026-01-01.
const BEGINNING: i64 = 1_767_225_600_000;
/// Between two events.
const STEP: i64 = 1_000;

/// Clerk, with what is so there.
#[derive(Debug, Default)]
pub struct Clerk {
    events: i64,
    /// Name and address of everybody who has an account, by id.
    pub users: BTreeMap<String, (String, String)>,
    /// The names of the organizations, by id.
    pub organizations: BTreeMap<String, String>,
    /// Role and the membership's own id, by organization and user.
    pub members: BTreeMap<(String, String), (&'static str, String)>,
}

impl Clerk {
    /// Something happens, and this tells of it.
    pub fn next_event(&mut self, random: &mut Rng) -> Value {
        self.events += 1;
        let (number, at) = (self.events, BEGINNING + STEP * self.events);
        let somebody = random.choice(self.users.keys()).cloned();
        let somewhere = random.choice(self.organizations.keys()).cloned();
        match (random.u8(..20), somebody, somewhere) {
            (0..3, _, _) | (_, None, _) => {
                self.set_user("user.created", &format!("user_{number}"), at)
            }
            (3..6, Some(id), _) => self.set_user("user.updated", &id, at),
            (6, Some(id), _) => {
                self.users.remove(&id);
                self.members.retain(|(_, user), _| *user != id);
                deletion("user.deleted", at, &id)
            }
            (7..9, _, _) | (_, _, None) => {
                self.set_organization("organization.created", &format!("org_{number}"), at)
            }
            (9..11, _, Some(id)) => self.set_organization("organization.updated", &id, at),
            (11, _, Some(id)) => {
                self.organizations.remove(&id);
                self.members.retain(|(place, _), _| *place != id);
                deletion("organization.deleted", at, &id)
            }
            (_, Some(who), Some(place)) => self.set_member(&place, &who, at, random),
        }
    }

    fn set_user(&mut self, kind: &str, id: &str, at: i64) -> Value {
        let person = (format!("Nora {at}"), format!("{id}.{at}@example.com"));
        let event = user(kind, at, &person_of(id, &person));
        self.users.insert(id.to_owned(), person);
        event
    }

    fn set_organization(&mut self, kind: &str, id: &str, at: i64) -> Value {
        let name = format!("Company {at}");
        let event = organization(kind, at, &organization_of(id, &name));
        self.organizations.insert(id.to_owned(), name);
        event
    }

    /// Somebody joins, changes role or leaves.
    fn set_member(&mut self, place: &str, who: &str, at: i64, random: &mut Rng) -> Value {
        let key = (place.to_owned(), who.to_owned());
        let organization = organization_of(place, &self.organizations[place]);
        let person = person_of(who, &self.users[who]);
        let (kind, role, id) = match self.members.get(&key) {
            None => ("created", new_role(random), format!("orgmem_{at}")),
            Some((role, id)) if random.bool() => ("deleted", *role, id.clone()),
            Some((_, id)) => ("updated", new_role(random), id.clone()),
        };
        let kind_of_event = format!("organizationMembership.{kind}");
        let mut event = membership(&kind_of_event, at, &organization, &person, role);
        event["data"]["id"] = id.clone().into();
        if kind == "deleted" {
            self.members.remove(&key);
        } else {
            self.members.insert(key, (role, id));
        }
        event
    }
}

fn new_role(random: &mut Rng) -> &'static str {
    if random.bool() {
        "org:admin"
    } else {
        "org:member"
    }
}

fn person_of<'p>(id: &'p str, (name, email): &'p (String, String)) -> Person<'p> {
    let (first_name, last_name) = name.split_once(' ').unwrap_or((name, ""));
    Person {
        id,
        first_name,
        last_name,
        email,
        image_url: "",
    }
}

fn organization_of<'o>(id: &'o str, name: &'o str) -> Organization<'o> {
    Organization {
        id,
        name,
        slug: "",
        created_by: "user_1",
    }
}

/// The same event with other contents, which would win over all that happened if it were believed.
pub fn lie(event: &Value) -> Value {
    let mut lie = event.clone();
    lie["timestamp"] = (BEGINNING * 2).into();
    let data = &mut lie["data"];
    data["updated_at"] = (BEGINNING * 2).into();
    for (field, value) in [
        ("first_name", "Mallory"),
        ("name", "Mallory & Sons"),
        ("role", "org:admin"),
    ] {
        if data.get(field).is_some() {
            data[field] = value.into();
        }
    }
    lie
}
