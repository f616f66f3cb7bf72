//! Whether a delivery comes from Clerk: Svix's signature over its id, its time and its bytes, an HMAC-SHA256 as
//! <https://www.standardwebhooks.com> describes it.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use jiff::Timestamp;
use shared::config::WebhookSecret;

/// How far the delivery's time may be from ours: Svix's own tolerance. It bounds how long a delivery that somebody overheard
/// can be repeated.
const TOLERANCE: Duration = Duration::from_mins(5);

/// Headers, each under Svix's name and under that of the specification it follows. Of both the first counts.
const ID: [&str; 2] = ["svix-id", "webhook-id"];
const TIMESTAMP: [&str; 2] = ["svix-timestamp", "webhook-timestamp"];
const SIGNATURES: [&str; 2] = ["svix-signature", "webhook-signature"];

/// What a signature of this kind begins with. While a secret is being replaced, and beside other kinds, there are several.
const VERSION: &str = "v1,";

/// Verifies deliveries against the endpoint's secrets.
#[derive(Debug)]
pub struct Signatures {
    keys: Vec<hmac::Key>,
}

/// Why a delivery is not trusted. Its text holds nothing of the delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// A header is missing or malformed.
    #[error("the header {0} is missing or malformed")]
    Header(&'static str),
    /// No secret gives this signature.
    #[error("the signature is wrong")]
    Signature,
    /// It was signed too long ago, or will be.
    #[error("the timestamp is more than five minutes off")]
    Time,
}

impl Signatures {
    /// Several secrets are in force while one is being replaced.
    pub fn new(secrets: Vec<WebhookSecret>) -> Self {
        let keys = secrets
            .into_iter()
            .map(|secret| hmac::Key::new(hmac::HMAC_SHA256, &secret.into_key()))
            .collect();
        Self { keys }
    }

    /// Whether Clerk sent `body` with these headers, about `now`.
    pub fn verify(
        &self,
        body: &[u8],
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<(), Untrusted> {
        let (id, timestamp) = (header(headers, ID)?, header(headers, TIMESTAMP)?);
        let sent = timestamp
            .parse()
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .ok_or(Untrusted::Header(TIMESTAMP[0]))?;
        let signatures: Vec<Vec<u8>> = header(headers, SIGNATURES)?
            .split(' ')
            .filter_map(|signature| STANDARD.decode(signature.strip_prefix(VERSION)?).ok())
            .collect();
        let signed = [id, ".", timestamp, "."].concat();
        let good = self.keys.iter().any(|key| {
            let mut expected = hmac::Context::with_key(key);
            expected.update(signed.as_bytes());
            expected.update(body);
            let expected = expected.sign();
            let is_it =
                |signature: &Vec<u8>| verify_slices_are_equal(expected.as_ref(), signature).is_ok();
            signatures.iter().any(is_it)
        });
        if !good {
            return Err(Untrusted::Signature);
        }
        // Only now: the time is the sender's once the signature is known to be good.
        if now.duration_since(sent).unsigned_abs() > TOLERANCE {
            return Err(Untrusted::Time);
        }
        Ok(())
    }
}

fn header<'h>(headers: &'h HeaderMap, names: [&'static str; 2]) -> Result<&'h str, Untrusted> {
    names
        .iter()
        .find_map(|name| headers.get(*name))
        .and_then(|value| value.to_str().ok())
        .ok_or(Untrusted::Header(names[0]))
}

#[cfg(test)]
mod tests;
