//! What is at Clerk: objects in the shapes of the fixtures.

use std::path::Path;

use serde_json::{Value, json};

/// When the first of the objects was made, in milliseconds.
pub const BEGINNING: i64 = 1_767_225_600_000;

/// An instance of Clerk. Each list is in the order of creation.
#[derive(Clone, Default)]
pub struct Instance {
    pub users: Vec<Value>,
    pub organizations: Vec<Value>,
    pub memberships: Vec<Value>,
}

impl Instance {
    /// Users with names and verified addresses; everyone is in as many organizations as `of_each` says.
    pub fn of(users: usize, organizations: usize, of_each: usize) -> Self {
        let mut instance = Self {
            users: (0..users).map(user).collect(),
            organizations: (0..organizations).map(organization).collect(),
            memberships: Vec::with_capacity(users * of_each),
        };
        for number in 0..users {
            for nth in 0..of_each {
                let organization = (number + nth * 7) % organizations;
                instance.memberships.push(membership(organization, number));
            }
        }
        instance
    }

    /// Adds those of the fixtures: without address or name, with a telephone only, not verified, from Google.
    pub fn with_odd_users(mut self) -> Self {
        for (nth, name) in [
            "user.created.no_identifiers",
            "user.created.phone_only",
            "user.created.unverified_email",
            "user.created.oauth_google",
        ]
        .into_iter()
        .enumerate()
        {
            let mut user = fixture(name);
            user["id"] = json!(format!("user_odd{nth}"));
            user["created_at"] = json!(BEGINNING + 1_000_000 + millis(nth));
            self.users.push(user);
        }
        self
    }

    /// The events that Clerk sent when all this was made, each a little later.
    pub fn events(&self) -> Vec<Value> {
        let lists = [
            ("user.created", &self.users),
            ("organization.created", &self.organizations),
            ("organizationMembership.created", &self.memberships),
        ];
        lists
            .into_iter()
            .flat_map(|(kind, objects)| objects.iter().map(move |object| event(kind, object)))
            .collect()
    }

    /// Deletes a user, who then is in nothing any more.
    pub fn delete_user(&mut self, id: &str) {
        self.users.retain(|user| user["id"] != id);
        self.memberships
            .retain(|membership| membership["public_user_data"]["user_id"] != id);
    }

    pub fn delete_organization(&mut self, id: &str) {
        self.organizations
            .retain(|organization| organization["id"] != id);
        self.memberships
            .retain(|membership| membership["organization"]["id"] != id);
    }
}

/// The event that Clerk makes of an object as it is, 18 ms after it became so.
pub fn event(kind: &str, object: &Value) -> Value {
    let at = object["updated_at"].as_i64().expect("a time") + 18;
    json!({"object": "event", "type": kind, "timestamp": at, "data": object})
}

/// The same object as it is `later` milliseconds after its last change, with a field changed.
pub fn changed(object: &Value, later: i64, field: &str, value: &str) -> Value {
    let mut object = object.clone();
    object[field] = json!(value);
    object["updated_at"] = json!(object["updated_at"].as_i64().expect("a time") + later);
    object
}

pub fn user_id(number: usize) -> String {
    format!("user_{number:06}")
}

pub fn organization_id(number: usize) -> String {
    format!("org_{number:05}")
}

pub fn user(number: usize) -> Value {
    let mut user = fixture("user.created");
    user["id"] = json!(user_id(number));
    user["first_name"] = json!("Person");
    user["last_name"] = json!(format!("Nº {number}"));
    user["email_addresses"][0]["email_address"] = json!(format!("Person.{number}@example.com"));
    user["created_at"] = json!(BEGINNING + millis(number));
    user["updated_at"] = json!(BEGINNING + millis(number) + 60_000);
    user
}

pub fn organization(number: usize) -> Value {
    let mut organization = fixture("organization.created");
    organization["id"] = json!(organization_id(number));
    organization["name"] = json!(format!("Club {number}"));
    organization["slug"] = json!(format!("club-{number}"));
    organization["created_by"] = json!(user_id(number));
    organization["created_at"] = json!(BEGINNING + millis(number));
    organization["updated_at"] = json!(BEGINNING + millis(number) + 1_000);
    organization
}

/// The membership of a user in an organization. Every tenth is an ADMIN.
pub fn membership(of: usize, number: usize) -> Value {
    let mut membership = fixture("organizationMembership.created");
    membership["id"] = json!(format!("orgmem_{of:05}_{number:06}"));
    for field in ["id", "name", "slug", "created_at", "updated_at"] {
        membership["organization"][field] = organization(of)[field].clone();
    }
    membership["public_user_data"]["user_id"] = json!(user_id(number));
    membership["public_user_data"]["first_name"] = json!("Person");
    membership["role"] = json!(if number.is_multiple_of(10) {
        "org:admin"
    } else {
        "org:member"
    });
    membership["created_at"] = json!(BEGINNING + 2_000_000 + millis(number));
    membership["updated_at"] = json!(BEGINNING + 2_000_000 + millis(number));
    membership
}

/// The object in one of the events that the other tests use, too.
fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures/clerk")
        .join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut event: Value = serde_json::from_str(&text).expect("a fixture is JSON");
    event["data"].take()
}

fn millis(number: usize) -> i64 {
    i64::try_from(number).expect("it is small")
}
