//! Clerk's objects as they stand in events: the fields that are used, and as little as possible required of them. Almost
//! everything may be null or missing; only ids may not.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::version::Millis;

/// PostgreSQL takes an index entry of about 2,700 bytes. Clerk's ids have 32.
const LONGEST_ID: usize = 255;
/// What RFC 5321 lets an address have, and some. A longer one is treated as none.
const LONGEST_ADDRESS: usize = 320;

/// An id: some text that can be a key.
#[derive(Clone, Debug)]
pub(super) struct Id(pub String);

#[derive(Deserialize)]
pub(super) struct User {
    pub id: Id,
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
    pub image_url: Option<String>,
    email_addresses: Option<Vec<EmailAddress>>,
    primary_email_address_id: Option<String>,
    pub created_at: Option<Millis>,
    pub updated_at: Option<Millis>,
}

#[derive(Deserialize)]
struct EmailAddress {
    id: Option<String>,
    #[serde(rename = "email_address")]
    address: Option<String>,
    verification: Option<Verification>,
}

#[derive(Deserialize)]
struct Verification {
    status: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Organization {
    pub id: Id,
    pub name: Option<String>,
    pub slug: Option<String>,
    pub image_url: Option<String>,
    created_by: Option<String>,
    pub created_at: Option<Millis>,
    pub updated_at: Option<Millis>,
}

#[derive(Deserialize)]
pub(super) struct Membership {
    pub id: Id,
    pub organization: Organization,
    pub public_user_data: PublicUserData,
    pub role: Option<String>,
    pub created_at: Option<Millis>,
    pub updated_at: Option<Millis>,
}

#[derive(Deserialize)]
pub(super) struct PublicUserData {
    pub user_id: Id,
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
    pub image_url: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Invitation {
    pub organization_id: Id,
    /// Missing where Clerk does not know yet who accepted: the membership's own event will say it.
    pub user_id: Option<Id>,
    pub role: Option<String>,
    pub updated_at: Option<Millis>,
}

/// What is left of an object that was deleted.
#[derive(Deserialize)]
pub(super) struct Deleted {
    pub id: Id,
}

impl User {
    pub fn name(&self) -> Option<String> {
        name(
            self.first_name.as_deref(),
            self.last_name.as_deref(),
            self.username.as_deref(),
        )
    }

    /// The address that `primary_email_address_id` names, and whether it is verified.
    pub fn email(&self) -> (Option<String>, bool) {
        let primary = self.primary_email_address_id.as_ref();
        let address = self
            .email_addresses
            .iter()
            .flatten()
            .find(|address| address.id.is_some() && address.id.as_ref() == primary);
        let Some((address, email)) = address.and_then(|address| {
            let email = text(address.address.as_deref())?;
            (email.len() <= LONGEST_ADDRESS).then_some((address, email))
        }) else {
            return (None, false);
        };
        let status = address
            .verification
            .as_ref()
            .and_then(|verification| verification.status.as_deref());
        (Some(email), status == Some("verified"))
    }
}

impl Organization {
    /// The id of the user who made it, where Clerk names one.
    pub fn creator(&self) -> Option<String> {
        text(self.created_by.as_deref()).filter(|id| id.len() <= LONGEST_ID)
    }
}

impl PublicUserData {
    pub fn name(&self) -> Option<String> {
        name(
            self.first_name.as_deref(),
            self.last_name.as_deref(),
            self.username.as_deref(),
        )
    }
}

/// First and last name, else the username.
fn name(first: Option<&str>, last: Option<&str>, username: Option<&str>) -> Option<String> {
    let names: Vec<String> = [first, last].into_iter().filter_map(text).collect();
    if names.is_empty() {
        text(username)
    } else {
        Some(names.join(" "))
    }
}

/// Text as PostgreSQL takes it (U+0000 it does not), without blanks around it; nothing if nothing is left.
pub(super) fn text(text: Option<&str>) -> Option<String> {
    let text = text?.replace('\0', "");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        if id.is_empty() || id.len() > LONGEST_ID || id.contains('\0') {
            return Err(D::Error::custom("not an id"));
        }
        Ok(Self(id))
    }
}

#[cfg(test)]
mod tests;
