//! Events as Clerk sends them, of invented people and organizations: for the demo data and the tests.

use serde_json::{Value, json};

/// Somebody who signed up.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// Clerk's id of the user.
    pub id: &'a str,
    /// The first name.
    pub first_name: &'a str,
    /// The last name.
    pub last_name: &'a str,
    /// The primary address, which is verified.
    pub email: &'a str,
    /// The picture's URL; empty where there is none.
    pub image_url: &'a str,
}

/// A workspace-to-be.
#[derive(Debug, Clone, Copy)]
pub struct Organization<'a> {
    /// Clerk's id of the organization.
    pub id: &'a str,
    /// The name.
    pub name: &'a str,
    /// The short name in addresses.
    pub slug: &'a str,
    /// The user who made it.
    pub created_by: &'a str,
}

/// Something of Clerk's that happened at `at`, in milliseconds since the epoch.
fn event(kind: &str, at: i64, data: &Value) -> Value {
    json!({
        "data": data,
        "event_attributes": {"http_request": {"client_ip": "203.0.113.24", "user_agent": "cargo dev"}},
        "instance_id": "ins_local",
        "object": "event",
        "timestamp": at,
        "type": kind,
    })
}

/// `user.created`, or `user.updated` and so on by `kind`.
pub fn user(kind: &str, at: i64, person: &Person<'_>) -> Value {
    let address = format!("idn_{}", person.id);
    let data = json!({
        "created_at": at,
        "email_addresses": [{
            "created_at": at,
            "email_address": person.email,
            "id": address,
            "linked_to": [],
            "object": "email_address",
            "reserved": false,
            "updated_at": at,
            "verification": {"attempts": 1, "expire_at": at, "status": "verified", "strategy": "email_code"},
        }],
        "external_accounts": [],
        "external_id": null,
        "first_name": person.first_name,
        "has_image": !person.image_url.is_empty(),
        "id": person.id,
        "image_url": person.image_url,
        "last_name": person.last_name,
        "object": "user",
        "phone_numbers": [],
        "primary_email_address_id": address,
        "primary_phone_number_id": null,
        "public_metadata": {},
        "unsafe_metadata": {},
        "updated_at": at,
        "username": null,
    });
    event(kind, at, &data)
}

/// `organization.created`, or `organization.updated` by `kind`.
pub fn organization(kind: &str, at: i64, organization: &Organization<'_>) -> Value {
    event(kind, at, &organization_data(at, organization))
}

/// `organizationMembership.created`, `.updated` or `.deleted` by `kind`; the role is one of Clerk's, `org:admin` for
/// instance.
pub fn membership(
    kind: &str,
    at: i64,
    organization: &Organization<'_>,
    person: &Person<'_>,
    role: &str,
) -> Value {
    let data = json!({
        "created_at": at,
        "id": format!("orgmem_{}_{}", organization.id, person.id),
        "object": "organization_membership",
        "organization": organization_data(at, organization),
        "public_metadata": {},
        "public_user_data": {
            "first_name": person.first_name,
            "has_image": !person.image_url.is_empty(),
            "identifier": person.email,
            "image_url": person.image_url,
            "last_name": person.last_name,
            "user_id": person.id,
            "username": null,
        },
        "role": role,
        "updated_at": at,
    });
    event(kind, at, &data)
}

/// `user.deleted` or `organization.deleted` by `kind`.
pub fn deletion(kind: &str, at: i64, id: &str) -> Value {
    let object = kind.split('.').next().unwrap_or_default();
    event(
        kind,
        at,
        &json!({"deleted": true, "id": id, "object": object}),
    )
}

fn organization_data(at: i64, organization: &Organization<'_>) -> Value {
    json!({
        "admin_delete_enabled": true,
        "created_at": at,
        "created_by": organization.created_by,
        "has_image": false,
        "id": organization.id,
        "image_url": "",
        "logo_url": null,
        "max_allowed_memberships": 50,
        "name": organization.name,
        "object": "organization",
        "public_metadata": {},
        "slug": organization.slug,
        "updated_at": at,
    })
}
