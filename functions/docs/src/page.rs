//! The page that renders the API's document: Swagger UI out of the binary, nothing from another host.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use shared::Error;
use shared::db::Database;
use utoipa_swagger_ui::Config;

/// Addresses are relative, so that the page also works behind a stage's path.
const PAGE: &str = include_str!("page.html");
/// Swagger UI sets styles from its script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    Arc::new(
        Config::from("openapi.json")
            .try_it_out_enabled(true)
            .persist_authorization(false),
    )
});

shared::routes!(Database: page);

/// The routes of the page's parts, which are no part of the API.
pub(super) fn parts() -> Router<Database> {
    Router::new().route("/api/docs/{file}", axum::routing::get(file))
}

/// The documentation as a page
#[utoipa::path(
    get, path = "/api/docs", tag = "service", operation_id = "getDocs",
    responses((status = 200, description = "A page that renders the document", body = String, content_type = "text/html")),
)]
async fn page() -> Response {
    secured(Html(PAGE).into_response())
}

/// The parts of the page.
async fn file(Path(file): Path<String>) -> Result<Response, Error> {
    match utoipa_swagger_ui::serve(&file, Arc::clone(&CONFIG)) {
        Ok(Some(file)) => {
            let mut response = file.bytes.into_owned().into_response();
            let headers = response.headers_mut();
            if let Ok(content_type) = HeaderValue::from_str(&file.content_type) {
                headers.insert(CONTENT_TYPE, content_type);
            }
            // The script is in the binary in its compressed form only; every browser takes it.
            if file.gzpipped {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            headers.insert(
                CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=86400"),
            );
            Ok(secured(response))
        }
        _ => Err(Error::not_found()),
    }
}

fn secured(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
