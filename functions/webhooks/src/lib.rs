//! Clerk's webhook, on a function URL of its own: whatever the path, a signed event is put on the queue and then
//! acknowledged. The worker does what it says. There is no database here, so that an outage of it loses no event.
//!
//! An answer other than 2xx makes Svix deliver again, for 28 hours; so an event that could never be read is refused here,
//! where somebody sees it, and not in the queue.

mod signature;

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::routing::post;
use axum::{Json, Router};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared::Error;
use shared::clerk::Event;
use shared::config::WebhooksConfig;
use shared::http::LARGEST_BODY;
use shared::queue::{Message, Queue};

pub use signature::{Signatures, Untrusted};

/// The longest name of a type that is worth a place in the log.
const LONGEST_TYPE: usize = 64;

/// What the webhook works with.
#[derive(Clone, Debug)]
pub struct Webhooks {
    signatures: Arc<Signatures>,
    queue: Arc<Queue>,
}

impl Webhooks {
    /// Builds it; nothing is called yet.
    pub fn new(config: WebhooksConfig) -> Self {
        Self {
            signatures: Arc::new(Signatures::new(config.secrets)),
            queue: Arc::new(config.queue),
        }
    }
}

/// POST, on any path.
pub fn router() -> Router<Webhooks> {
    Router::new()
        .route("/", post(receive))
        .route("/{*path}", post(receive))
}

/// The acknowledgement.
#[derive(Serialize)]
struct Received {
    received: bool,
}

#[derive(Deserialize)]
struct Typed {
    r#type: String,
}

async fn receive(
    State(webhooks): State<Webhooks>,
    request: Request,
) -> Result<Json<Received>, Error> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await.map_err(|_| {
        tracing::warn!("an event is too large");
        Error::body_too_large()
    })?;
    webhooks
        .signatures
        .verify(&body, &parts.headers, Timestamp::now())
        .map_err(|cause| {
            tracing::warn!(%cause, "an event is not signed by Clerk");
            Error::unreadable("The webhook's signature is missing or wrong")
        })?;
    let unreadable = |cause: &dyn std::fmt::Display| {
        tracing::warn!(%cause, "an event can't be read");
        Error::unreadable("The body is not an event of Clerk's")
    };
    let text = std::str::from_utf8(&body).map_err(|_| unreadable(&"not UTF-8"))?;
    let followed = Event::is_followed(text).map_err(|cause| unreadable(&cause))?;
    if !followed {
        tracing::info!(kind = plausible_type(text), "nobody follows such an event");
        return Ok(Json(Received { received: true }));
    }
    // As it came: only the bytes are what was signed and read.
    let event = RawValue::from_string(text.to_owned()).map_err(|_| unreadable(&"not JSON"))?;
    webhooks
        .queue
        .send(&Message::ClerkEvent(event))
        .await
        .map_err(|error| Error::unavailable(format!("the webhook queue: {error}")))?;
    Ok(Json(Received { received: true }))
}

/// The event's type, if it looks like the name of one: a log must not hold what just any sender wrote.
fn plausible_type(event: &str) -> Option<String> {
    let Typed { r#type } = serde_json::from_str(event).ok()?;
    let plausible = r#type.len() <= LONGEST_TYPE
        && r#type
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
    plausible.then_some(r#type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_types_get_into_the_log() {
        let logged = |event: &str| plausible_type(event);
        assert_eq!(
            logged(r#"{"type": "session.created"}"#).as_deref(),
            Some("session.created")
        );
        assert_eq!(logged(r#"{"type": "ada@example.com"}"#), None);
        assert_eq!(
            logged(&format!(r#"{{"type": "{}"}}"#, "x".repeat(65))),
            None
        );
    }
}
