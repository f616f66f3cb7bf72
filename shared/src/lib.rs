//! What all functions share: configuration, Clerk token verification, access to the database, the queries of each
//! resource, the objects of the HTTP contract, and how requests are read, answered and logged.
//!
//! A request takes this way: [`http::run`] builds the service, [`auth::Caller`] verifies the token without network, a
//! handler reads its input ([`http::Json`], [`http::Path`], [`http::Query`]), makes one call into [`queries`], which costs
//! one round trip to the database, and answers with [`http::Answer`] or an [`Error`].

pub mod auth;
pub mod aws;
pub mod batch;
pub mod clerk;
pub mod config;
pub mod db;
pub mod deliveries;
mod error;
pub mod function;
pub mod http;
mod https;
pub mod idempotency;
pub mod input;
pub mod logs;
pub mod mail;
pub mod metrics;
pub mod model;
pub mod openapi;
pub mod outbox;
pub mod paging;
pub mod queries;
pub mod queue;
pub mod quotas;
mod refusal;
pub mod reminders;
pub mod schedules;
mod tls;

use std::sync::Arc;

use crate::auth::Verifier;
use crate::config::ApiConfig;
use crate::db::Database;

pub use crate::error::Error;
pub use crate::refusal::Refusal;

/// What the handlers of an endpoint group work with: the database and the verifier of session tokens.
#[derive(Clone, Debug)]
pub struct App {
    /// The execution environment's connection to PostgreSQL.
    pub db: Database,
    /// Verifies Clerk session tokens.
    pub verifier: Arc<Verifier>,
}

impl App {
    /// Builds both and opens the connection, so that the first request finds it open. A database that is away does not
    /// stop the start: requests are answered 503 until it is back.
    pub async fn start(config: ApiConfig) -> Self {
        let db = Database::new(config.database);
        db.warm_up().await;
        Self {
            db,
            verifier: Arc::new(Verifier::new(config.clerk)),
        }
    }
}

impl axum::extract::FromRef<App> for Database {
    fn from_ref(app: &App) -> Self {
        app.db.clone()
    }
}

impl axum::extract::FromRef<App> for Arc<Verifier> {
    fn from_ref(app: &App) -> Self {
        Arc::clone(&app.verifier)
    }
}
