//! One log line for each request with its metrics, and the request id on each answer.

use std::any::Any;
use std::borrow::Cow;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, HeaderValue, Method};
use lambda_http::RequestExt as _;
use tracing::Instrument as _;

use crate::Error;
use crate::error::Cause;
use crate::logs;
use crate::metrics::{self, FUNCTION_VERSION, Metric};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Sets `x-request-id` and logs the request once it is answered: its route, not its path or query, which hold what users
/// wrote. The cause of an error stands in the same line. With `count_requests`, its metrics follow.
pub(super) async fn log_request(
    State(count_requests): State<bool>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str);
    let request_id = request
        .lambda_context_ref()
        .map(|context| context.request_id.clone())
        .unwrap_or_default();
    let span = logs::invocation(&request_id);
    let mut response = next.run(request).instrument(span).await;
    let status = response.status().as_u16();
    let duration_ms = (started.elapsed().as_secs_f64() * 1e6).round() / 1e3;
    let together = logs::together();
    let cause = response.extensions().get::<Cause>().map(|cause| &*cause.0);
    if status >= 500 {
        tracing::error!(request_id, %method, route, status, duration_ms, cause, "request failed");
    } else {
        tracing::info!(request_id, %method, route, status, duration_ms, cause, "request");
    }
    if count_requests {
        let route = route_of_metrics(&method, matched.as_ref());
        count_request(&route, response.status().as_str(), duration_ms);
    }
    if status >= 500 {
        // To Lambda it is an invocation like any other: the alarms that take a new version back need to be told.
        let errors = Metric::count("ServerErrors", 1).by(&[&[], &[FUNCTION_VERSION]]);
        metrics::report(&[errors], &[]);
    }
    drop(together);
    if let Ok(request_id) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, request_id);
    }
    response
}

fn count_request(route: &str, status: &str, duration_ms: f64) {
    let requests = Metric::count("Requests", 1).by(&[&["Route", "Status"]]);
    let duration = Metric::milliseconds("RequestDuration", duration_ms).by(&[&["Route"]]);
    metrics::report(
        &[requests, duration],
        &[("Route", route), ("Status", status)],
    );
}

/// Of a set that no client can add to, whatever methods and paths it makes up.
fn route_of_metrics(method: &Method, matched: Option<&MatchedPath>) -> Cow<'static, str> {
    const METHODS: [Method; 7] = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
    ];
    match matched {
        Some(path) if METHODS.contains(method) => format!("{method} {}", path.as_str()).into(),
        Some(path) => format!("OTHER {}", path.as_str()).into(),
        None => "unmatched".into(),
    }
}

/// A panic answers 500 and the environment lives on. Where it happened stands in a log line of its own.
pub(super) fn after_panic(_payload: Box<dyn Any + Send>) -> Response {
    Error::internal("panic; see the line before").into_response()
}
