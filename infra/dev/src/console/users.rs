//! The people of the database, and tokens to act as one of them.

use std::time::Duration;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::page::{Frame, Told, show, told, trouble};
use super::{Console, Shared, database};

/// The most that are shown.
const SHOWN: usize = 100;
/// How long a token is valid: a day's work.
const TTL: Duration = Duration::from_hours(12);

struct User {
    id: String,
    name: String,
    address: Option<String>,
    verified: bool,
    deleted: bool,
    /// Each with the role there.
    workspaces: Vec<(String, String)>,
}

/// Who is looked for.
#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "console/users.html")]
struct Page {
    frame: Frame,
    search: String,
    users: Told<Vec<User>>,
    more: bool,
    /// Why no token can be signed, if none can.
    unsigned: Option<String>,
}

impl Console {
    fn token(&self, user: &str) -> anyhow::Result<String> {
        self.clerk.session_token(&self.key, user, TTL)
    }
}

/// Everybody, or those who are looked for.
pub async fn page(State(console): Shared, Query(Search { q }): Query<Search>) -> Response {
    let sql = include_str!("users.sql");
    let rows = database::rows(&console.database_url, sql, &[(&q.trim(), Type::TEXT)]).await;
    let mut users =
        told(rows.and_then(|rows| rows.iter().map(user).collect::<Result<Vec<_>, _>>()));
    let mut more = false;
    if let Ok(users) = &mut users {
        more = users.len() > SHOWN;
        users.truncate(SHOWN);
    }
    show(&Page {
        frame: Frame::of("/users"),
        search: q,
        users,
        more,
        unsigned: told(console.token("nobody")).err(),
    })
}

fn user(row: &Row) -> anyhow::Result<User> {
    let workspaces: Vec<String> = row.try_get("workspaces")?;
    let roles: Vec<String> = row.try_get("roles")?;
    Ok(User {
        id: row.try_get("id")?,
        name: row.try_get("display_name")?,
        address: row.try_get("email")?,
        verified: row.try_get("email_verified")?,
        deleted: row.try_get("deleted")?,
        workspaces: workspaces.into_iter().zip(roles).collect(),
    })
}

/// As whom to act.
#[derive(Deserialize)]
pub struct Chosen {
    user: String,
}

#[derive(Template)]
#[template(path = "console/token.html")]
struct TokenPage {
    frame: Frame,
    user: String,
    token: String,
    api_url: String,
}

/// A token: alone for the script that copies it, on a page for whoever has none.
pub async fn token(
    State(console): Shared,
    headers: HeaderMap,
    Form(Chosen { user }): Form<Chosen>,
) -> Response {
    let is_script = headers
        .get(header::ACCEPT)
        .is_some_and(|kinds| kinds == "text/plain");
    match told(console.token(&user)) {
        Ok(token) if is_script => token.into_response(),
        Ok(token) => show(&TokenPage {
            frame: Frame::within("/users", format!("A token for {user}")),
            user,
            token,
            api_url: console.api_url.clone(),
        }),
        Err(sentence) => trouble(StatusCode::CONFLICT, "/users", sentence),
    }
}

/// As whom to read the docs; without anybody as the first who is there.
#[derive(Deserialize)]
pub struct Reader {
    user: Option<String>,
}

/// Goes on to the API's docs, with a token filled in where one can be signed: what follows `#` reaches no server.
pub async fn docs(State(console): Shared, Query(Reader { user }): Query<Reader>) -> Response {
    let docs = format!("{}/api/docs", console.api_url);
    let user = match user {
        Some(user) => Some(user),
        None => somebody(&console).await,
    };
    let token = user.and_then(|user| console.token(&user).ok());
    Redirect::to(&match token {
        Some(token) => format!("{docs}#token={token}"),
        None => docs,
    })
    .into_response()
}

async fn somebody(console: &Console) -> Option<String> {
    let sql = include_str!("somebody.sql");
    let rows = database::rows(&console.database_url, sql, &[]).await.ok()?;
    rows.first()?.try_get("id").ok()
}
