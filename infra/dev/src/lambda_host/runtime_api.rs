//! The Lambda Runtime API: where the binaries fetch their invocations and leave the answers.
//!
//! Each process has a base path of its own, `/<environment>/<generation>`, in `AWS_LAMBDA_RUNTIME_API`.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use tokio::sync::oneshot;

use super::Outcome;
use super::environment::{Port, RequestKind};

/// Lambda's limit for an answer.
const LARGEST_ANSWER: usize = 6 * 1024 * 1024;

type Ports = Arc<Vec<Port>>;

pub(super) fn router(ports: Vec<Port>) -> Router {
    let invocation = "/{environment}/{generation}/2018-06-01/runtime/invocation";
    Router::new()
        .route(&format!("{invocation}/next"), get(next))
        .route(
            &format!("{invocation}/{{request_id}}/response"),
            post(response),
        )
        .route(&format!("{invocation}/{{request_id}}/error"), post(error))
        .route(
            "/{environment}/{generation}/2018-06-01/runtime/init/error",
            post(init_error),
        )
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(ports))
}

async fn next(
    State(ports): State<Ports>,
    Path((environment, generation)): Path<(usize, u64)>,
) -> Result<Response<Body>, StatusCode> {
    let (asker, work) = oneshot::channel();
    port(&ports, environment)?.send(generation, RequestKind::Next(asker));
    let work = work.await.map_err(|_| StatusCode::GONE)?;
    Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", work.request_id)
        .header("lambda-runtime-deadline-ms", work.deadline_ms.to_string())
        .header("lambda-runtime-invoked-function-arn", work.function_arn)
        .header("lambda-runtime-trace-id", trace_id())
        .body(Body::from(work.event))
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// A trace id, which Lambda gives to each invocation, whether it is traced or not.
pub fn trace_id() -> String {
    let seconds = jiff::Timestamp::now().as_second();
    let trace = uuid::Uuid::now_v7().simple().to_string();
    format!(
        "Root=1-{seconds:08x}-{};Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:a87bd80c:0",
        &trace[8..]
    )
}

async fn response(
    State(ports): State<Ports>,
    Path((environment, generation, request_id)): Path<(usize, u64, String)>,
    body: Bytes,
) -> Result<StatusCode, StatusCode> {
    let too_large = body.len() > LARGEST_ANSWER;
    let outcome = if too_large {
        Outcome::Failed(Bytes::from_static(
            br#"{"errorType":"Function.ResponseSizeTooLarge"}"#,
        ))
    } else {
        Outcome::Answer(body)
    };
    port(&ports, environment)?.send(
        generation,
        RequestKind::Done {
            request_id,
            outcome,
        },
    );
    Ok(if too_large {
        StatusCode::PAYLOAD_TOO_LARGE
    } else {
        StatusCode::ACCEPTED
    })
}

async fn error(
    State(ports): State<Ports>,
    Path((environment, generation, request_id)): Path<(usize, u64, String)>,
    body: Bytes,
) -> Result<StatusCode, StatusCode> {
    let outcome = Outcome::Failed(body);
    port(&ports, environment)?.send(
        generation,
        RequestKind::Done {
            request_id,
            outcome,
        },
    );
    Ok(StatusCode::ACCEPTED)
}

/// The process ends itself after this report, which is what its environment reacts to; the cause is in its log.
async fn init_error() -> StatusCode {
    StatusCode::ACCEPTED
}

fn port(ports: &[Port], environment: usize) -> Result<&Port, StatusCode> {
    ports.get(environment).ok_or(StatusCode::NOT_FOUND)
}
