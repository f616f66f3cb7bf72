//! The local console: pages that show the running system to a person with a browser, and let them act on it.
//!
//! It has a port of its own on loopback: the front door's may be open to the internet, through the tunnel that Clerk's webhooks
//! need. The pages are made here, work without the script, and load nothing from elsewhere. What does not answer is said in its
//! place; the rest of a page is there all the same.

mod clerk_events;
mod database;
mod files;
mod guard;
mod logs;
mod mails;
mod outbox;
mod overview;
mod page;
mod queues;
mod requests;
mod schedules;
mod users;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::aws_client::AwsClient;
use crate::function_log::FunctionLog;
use crate::requests::Requests;
use crate::settings::Clerk;
use crate::tokens::SigningKey;
use crate::webhooks::WebhookSecret;

/// What the console shows and acts on.
#[derive(Debug)]
pub struct Console {
    /// The front door.
    pub api_url: String,
    /// Where Clerk's events are delivered.
    pub webhook_url: String,
    /// The local AWS.
    pub aws: AwsClient,
    /// The database.
    pub database_url: String,
    /// What the functions log.
    pub log: FunctionLog,
    /// The names of the functions.
    pub functions: Vec<String>,
    /// The newest requests through the front door.
    pub requests: Requests,
    /// Whose tokens are accepted.
    pub clerk: Clerk,
    /// What tokens are signed with, where they can be.
    pub key: SigningKey,
    /// What Clerk's events are signed with.
    pub webhook_secret: WebhookSecret,
    /// The folder of events of Clerk to try, one a file.
    pub clerk_events: PathBuf,
}

type Shared = axum::extract::State<Arc<Console>>;

/// The page of mails of the console at `console_url`.
pub fn mailbox_url(console_url: &str) -> String {
    format!("{console_url}mails")
}

impl Console {
    /// Serves the console until the returned task is aborted; also its URL. The port is the one in the file `remembered`, if
    /// it is still free, so that a page in somebody's browser stays right.
    pub async fn serve(
        self,
        remembered: &Path,
    ) -> anyhow::Result<(String, JoinHandle<std::io::Result<()>>)> {
        let listener = listen(remembered).await?;
        let address = listener.local_addr()?;
        let router = self.router(address.port());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok((format!("http://{address}/"), serving))
    }

    fn router(self, port: u16) -> Router {
        Router::new()
            .route("/", get(overview::page))
            .route("/mails", get(mails::list))
            .route("/mails/{number}", get(mails::one))
            .route("/mails/{number}/html", get(mails::html_part))
            .route("/schedules", get(schedules::page))
            .route("/schedules/fire", post(schedules::fire))
            .route("/schedules/fired", get(schedules::fired))
            .route("/queues", get(queues::page))
            .route("/queues/redrive", post(queues::redrive))
            .route("/outbox", get(outbox::page))
            .route("/requests", get(requests::page))
            .route("/logs", get(logs::page))
            .route("/logs/live", get(logs::live))
            .route("/users", get(users::page))
            .route("/users/token", post(users::token))
            .route("/docs", get(users::docs))
            .route(
                "/clerk-events",
                get(clerk_events::page).post(clerk_events::deliver),
            )
            .route("/files/{name}", get(files::file))
            .fallback(page::no_such_page)
            .layer(from_fn_with_state(port, guard::guard))
            .with_state(Arc::new(self))
    }
}

async fn listen(remembered: &Path) -> anyhow::Result<TcpListener> {
    let port = std::fs::read_to_string(remembered)
        .ok()
        .and_then(|text| text.trim().parse::<u16>().ok());
    for port in port.into_iter().chain([0]) {
        if let Ok(listener) = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
        {
            let port = listener.local_addr()?.port();
            std::fs::write(remembered, port.to_string())
                .with_context(|| format!("Cannot write {}", remembered.display()))?;
            return Ok(listener);
        }
    }
    anyhow::bail!("No free port on 127.0.0.1")
}

#[cfg(test)]
mod tests;
