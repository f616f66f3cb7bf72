//! How requests are read and answered: extractors, the answer envelope, and the layers around every router.

mod answer;
mod body;
mod fit;
mod gateway;
mod path;
mod query;
mod request_log;
mod routes;

use axum::Router;
use lambda_http::Error as LambdaError;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_http::compression::{CompressionLayer, CompressionLevel};

use crate::Error;
use crate::config::request_metrics;

pub use crate::http::answer::{Answer, Created, ErrorBody, Nothing, True};
pub use crate::http::body::{Json, LARGEST_BODY, RequestBody, read_json};
pub use crate::http::path::Path;
pub use crate::http::query::Query;
#[doc(hidden)]
pub use crate::http::routes::{paste, with_route};

/// Answers over this size, in bytes, are compressed where the client accepts it.
const COMPRESS_ABOVE: u64 = 1024;

/// Serves a group's routes until Lambda ends the environment.
pub async fn run<S>(group: Router<S>, state: S) -> Result<(), LambdaError>
where
    S: Clone + Send + Sync + 'static,
{
    let count_requests = request_metrics()?;
    gateway::serve(with_layers(group.with_state(state), count_requests)).await
}

/// What every answer has, whatever the route: JSON for unknown routes and methods, 500 for a panic, compression, a size
/// that Lambda lets through, `x-request-id`, one log line, and the metrics.
fn with_layers(router: Router, count_requests: bool) -> Router {
    let log_request =
        axum::middleware::from_fn_with_state(count_requests, request_log::log_request);
    router
        .fallback(|| async { Error::not_found() })
        .method_not_allowed_fallback(|| async { Error::method_not_allowed() })
        .layer(CatchPanicLayer::custom(request_log::after_panic))
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(SizeAbove::new(COMPRESS_ABOVE)),
        )
        .layer(axum::middleware::from_fn(fit::within_lambdas_limit))
        .layer(log_request)
}
