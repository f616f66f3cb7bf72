//! The page that renders the API's document: Swagger UI out of the binary, nothing from another host.

use axum::Router;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use shared::Error;
use shared::db::Database;

/// Addresses are relative, so that the page also works behind a stage's path.
const PAGE: &str = include_str!("page.html");
/// Swagger UI sets styles from its script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const CACHED: &str = "public, max-age=86400";
const CACHED_BRIEFLY: &str = "public, max-age=300";

/// A part of the page.
struct Part {
    name: &'static str,
    content_type: &'static str,
    /// Compressed by the build script, and in the binary in that form only: every browser takes it.
    gzip: &'static [u8],
}

const PARTS: [Part; 3] = [
    Part {
        name: "swagger-ui-bundle.js",
        content_type: "text/javascript",
        gzip: include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js.gz")),
    },
    Part {
        name: "swagger-ui.css",
        content_type: "text/css",
        gzip: include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css.gz")),
    },
    Part {
        name: "favicon-32x32.png",
        content_type: "image/png",
        gzip: include_bytes!(concat!(env!("OUT_DIR"), "/favicon-32x32.png.gz")),
    },
];
/// What starts Swagger UI. It is a file of its own because the policy lets no script run out of the page.
const INITIALIZER: &str = include_str!("initializer.js");
const STYLE: &str = include_str!("page.css");

shared::routes!(Database: page);

/// The routes of the page's parts, which are no part of the API.
pub(super) fn parts() -> Router<Database> {
    Router::new()
        .route(
            "/api/docs/initializer.js",
            get(|| async { text("text/javascript", INITIALIZER) }),
        )
        .route(
            "/api/docs/page.css",
            get(|| async { text("text/css", STYLE) }),
        )
        .route("/api/docs/{part}", get(part))
}

/// The documentation as a page
#[utoipa::path(
    get, path = "/api/docs", tag = "service", operation_id = "getDocs",
    responses(
        (status = 200, description = "A page that renders the document", body = String, content_type = "text/html", example = json!("<!doctype html>…")),
    ),
)]
async fn page() -> Response {
    secured(Html(PAGE).into_response())
}

async fn part(Path(name): Path<String>) -> Result<Response, Error> {
    let part = PARTS
        .iter()
        .find(|part| part.name == name)
        .ok_or_else(Error::not_found)?;
    let headers = [
        (CONTENT_TYPE, part.content_type),
        (CONTENT_ENCODING, "gzip"),
        (CACHE_CONTROL, CACHED),
    ];
    Ok(secured((headers, part.gzip).into_response()))
}

/// A part that is written here. It is looked at again after some minutes, since a new version keeps its name.
fn text(content_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, CACHED_BRIEFLY),
    ];
    secured((headers, text).into_response())
}

fn secured(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
