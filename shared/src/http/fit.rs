//! Lambda refuses an answer whose JSON form is over 6 MB, and the client would get a bare 502. Such an answer becomes a 413
//! that says what to do.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_ENCODING;

use crate::Error;

/// Lambda's limit for a response, less room for headers and the envelope around the body.
const LARGEST_ANSWER: usize = 6 * 1024 * 1024 - 32 * 1024;

pub(super) async fn within_lambdas_limit(request: Request, next: Next) -> Response {
    let (parts, body) = next.run(request).await.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Error::internal("the answer could not be written").into_response();
    };
    let size = if parts.headers.contains_key(CONTENT_ENCODING) {
        bytes.len().div_ceil(3) * 4
    } else if bytes.len() <= LARGEST_ANSWER / 2 {
        // Fits, even if every character grows.
        bytes.len()
    } else {
        size_in_json(&bytes)
    };
    if size > LARGEST_ANSWER {
        return Error::too_many_results().into_response();
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// The size of a text once it is a JSON string, as which Lambda takes it. An answer that is itself JSON has no control
/// characters left: quotes and backslashes are all that grows.
fn size_in_json(text: &[u8]) -> usize {
    text.len()
        + text
            .iter()
            .filter(|byte| matches!(byte, b'"' | b'\\'))
            .count()
}
