//! Whether the key is that of the instance whose users are here.

use serde_json::Value;
use tokio_postgres::Client;

use super::Kind;
use super::api::{Api, Problem};
use super::missing::users_here;
use super::walk::id;

/// As many users as Clerk can be asked about in one request.
const AT_ONCE: usize = 100;

/// Why this looks like another instance: there are users here, and none of them is at Clerk. Ids are never the same in two
/// instances. It is asked before anything is written, and one of the users is enough: mostly it takes one request.
pub async fn doubt(api: &Api, database: &Client) -> anyhow::Result<Option<String>> {
    let users = users_here(database).await?;
    for some in users.chunks(AT_ONCE) {
        if is_any_known(api, some).await? {
            return Ok(None);
        }
    }
    Ok((!users.is_empty()).then(|| {
        format!(
            "None of the {} users here is at Clerk: CLERK_SECRET_KEY is probably that of another instance. Nothing was looked up, \
             brought here or removed.",
            users.len()
        )
    }))
}

async fn is_any_known(api: &Api, users: &[String]) -> Result<bool, Problem> {
    let limit = AT_ONCE.to_string();
    let mut query = vec![("limit", limit.as_str())];
    query.extend(users.iter().map(|user| ("user_id", user.as_str())));
    let found: Option<Vec<Value>> = api.get(&[Kind::User.list()], &query).await?;
    let found = found.unwrap_or_default();
    Ok(found
        .iter()
        .filter_map(id)
        .any(|found| users.iter().any(|user| user == found)))
}
