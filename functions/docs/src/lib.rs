//! The routes around the API: liveness, health, and its documentation. The API's `$default` route leads here too, so that
//! unknown paths are answered in JSON.

use axum::Router;
use shared::db::Database;
use utoipa::openapi::OpenApi;

mod page;
mod service;

/// The routes of the group.
pub fn router() -> Router<Database> {
    service::router().merge(page::router()).merge(page::parts())
}

/// What the `OpenAPI` document says of the group.
pub fn document() -> OpenApi {
    let mut document = service::document();
    document.merge(page::document());
    document
}
