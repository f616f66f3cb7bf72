//! One log line for each request, and the request id on each answer.

use std::any::Any;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, HeaderValue};
use lambda_http::RequestExt as _;
use tracing::Instrument as _;

use crate::Error;
use crate::error::Cause;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Sets `x-request-id` and logs the request once it is answered: its route, not its path or query, which hold what users
/// wrote. The cause of an error stands in the same line.
pub(super) async fn log_request(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let request_id = request
        .lambda_context_ref()
        .map(|context| context.request_id.clone())
        .unwrap_or_default();
    // The runtime freezes the environment between requests: log lines of one request belong together by this id.
    let span = tracing::info_span!("request", request_id);
    let mut response = next.run(request).instrument(span).await;
    let status = response.status().as_u16();
    let duration_ms = (started.elapsed().as_secs_f64() * 1e6).round() / 1e3;
    let cause = response.extensions().get::<Cause>().map(|cause| &*cause.0);
    if status >= 500 {
        tracing::error!(request_id, %method, route, status, duration_ms, cause, "request failed");
    } else {
        tracing::info!(request_id, %method, route, status, duration_ms, cause, "request");
    }
    if let Ok(request_id) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, request_id);
    }
    response
}

/// A panic answers 500 and the environment lives on. Where it happened stands in a log line of its own.
pub(super) fn after_panic(_payload: Box<dyn Any + Send>) -> Response {
    Error::internal("panic; see the line before").into_response()
}
