//! Whether a delivery comes from Clerk: Svix's signature over its id, its time and its bytes.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;
use shared::config::WebhookSecret;
use svix::webhooks::{Webhook, WebhookError};

/// How far the delivery's time may be from ours: Svix's own tolerance. It bounds how long a delivery that somebody overheard
/// can be repeated.
const TOLERANCE: Duration = Duration::from_mins(5);
/// Where the time of the attempt stands, under Svix's name and under that of the specification it follows. Of both the first
/// counts, as it does in the signature.
const TIMESTAMP_HEADERS: [&str; 2] = ["svix-timestamp", "webhook-timestamp"];

/// Verifies deliveries against the endpoint's secrets.
#[derive(Debug)]
pub struct Signatures {
    secrets: Vec<Webhook>,
}

/// Why a delivery is not trusted. Its text holds nothing of the delivery.
#[derive(Debug, thiserror::Error)]
pub enum Untrusted {
    /// A header is missing or malformed, or no secret gives this signature.
    #[error(transparent)]
    Signature(#[from] WebhookError),
    /// It was signed too long ago, or will be.
    #[error("the timestamp is more than five minutes off")]
    Time,
}

impl Signatures {
    /// Several secrets are in force while one is being replaced.
    pub fn new(secrets: Vec<WebhookSecret>) -> Self {
        let secrets = secrets
            .into_iter()
            .map(|secret| {
                Webhook::from_bytes(secret.into_key()).expect("the configuration has no empty key")
            })
            .collect();
        Self { secrets }
    }

    /// Whether Clerk sent `body` with these headers, about `now`.
    pub fn verify(
        &self,
        body: &[u8],
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<(), Untrusted> {
        let mut refused = WebhookError::InvalidSignature;
        for secret in &self.secrets {
            match secret.verify_ignoring_timestamp(body, headers) {
                Ok(()) => return in_time(headers, now),
                Err(error) => refused = error,
            }
        }
        Err(refused.into())
    }
}

/// Looked at once the signature is known to be good: then the time is the sender's. (The library would ask the system's
/// clock, which no test can set.)
fn in_time(headers: &HeaderMap, now: Timestamp) -> Result<(), Untrusted> {
    let sent = TIMESTAMP_HEADERS
        .iter()
        .find_map(|name| headers.get(*name))
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .ok_or(WebhookError::InvalidTimestamp)?;
    if now.duration_since(sent).unsigned_abs() <= TOLERANCE {
        Ok(())
    } else {
        Err(Untrusted::Time)
    }
}

#[cfg(test)]
mod tests;
