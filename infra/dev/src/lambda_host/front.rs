//! The HTTP front: what API Gateway does between a client and a function.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode, header};

use super::{Function, Outcome, RouteTable, event};

/// API Gateway's limit for a request's body, and Lambda's for an event.
const LARGEST_BODY: usize = 10 * 1024 * 1024;
const LARGEST_EVENT: usize = 6 * 1024 * 1024;

struct Front {
    routes: RouteTable,
    functions: Arc<BTreeMap<String, Function>>,
}

pub(super) fn router(routes: RouteTable, functions: Arc<BTreeMap<String, Function>>) -> Router {
    Router::new()
        .fallback(handle)
        .with_state(Arc::new(Front { routes, functions }))
}

async fn handle(State(front): State<Arc<Front>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let route = front.routes.find(parts.method.as_str(), parts.uri.path());
    let Some(matched) = route else {
        return refusal(StatusCode::NOT_FOUND, "Not Found");
    };
    let Some(function) = front.functions.get(matched.function) else {
        return refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let request_id = uuid::Uuid::now_v7().to_string();
    let event = match event::from_request(&parts, &body, &matched, &request_id) {
        Ok(event) if event.len() <= LARGEST_EVENT => event,
        Ok(_) => return refusal(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
        Err(_) => return refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
    };
    match function.invoke(event).await.outcome {
        Outcome::Answer(answer) => {
            event::into_response(&answer, &request_id).unwrap_or_else(|_| {
                refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            })
        }
        Outcome::Failed(_) | Outcome::Died => {
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
        Outcome::TimedOut => refusal(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
    }
}

/// An answer of the gateway itself.
fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!(r#"{{"message":"{message}"}}"#)));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}
