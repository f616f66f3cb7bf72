//! The style sheet, the script and the icon.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::page;

/// A file of the console.
pub async fn file(Path(name): Path<String>) -> Response {
    let (kind, content) = match name.as_str() {
        "console.css" => ("text/css", include_str!("static/console.css")),
        "console.js" => ("text/javascript", include_str!("static/console.js")),
        "icon.svg" => ("image/svg+xml", include_str!("static/icon.svg")),
        _ => return page::no_such_page().await,
    };
    ([(header::CONTENT_TYPE, kind)], content).into_response()
}
