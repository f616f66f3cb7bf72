//! Webhook deliveries as Clerk makes them, through Svix: signed with the endpoint's secret.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::places::write_secret;

/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// How long an answer may take: Svix gives up after fifteen seconds.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The secret of a webhook endpoint.
pub struct WebhookSecret(hmac::Key);

/// The headers of a delivery: who sent it when, and the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// `svix-id`: the message's id, the same in every attempt.
    pub id: String,
    /// `svix-timestamp`: of this attempt, in seconds since the epoch.
    pub timestamp: String,
    /// `svix-signature`.
    pub signature: String,
}

impl WebhookSecret {
    /// Reads a secret as Clerk's dashboard shows it; of several, with commas or spaces between them, the first.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let first = text
            .split([',', ' '])
            .find(|part| !part.is_empty())
            .unwrap_or_default();
        let key = first
            .strip_prefix(PREFIX)
            .and_then(|encoded| STANDARD.decode(encoded).ok())
            .filter(|key| !key.is_empty())
            // The value is not repeated: it is a secret.
            .context(
                "A webhook secret is `whsec_` and then base64, as Clerk's dashboard shows it",
            )?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// A new secret, as text.
    pub fn generate() -> String {
        let mut key = [0; 24];
        aws_lc_rs::rand::fill(&mut key).expect("the system gives random bytes");
        format!("{PREFIX}{}", STANDARD.encode(key))
    }

    /// The text of the secret in `path`. Where there is no such file, a new one is written there, readable by its owner only.
    pub fn load_or_create(path: &Path) -> anyhow::Result<String> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                Self::parse(text.trim())
                    .with_context(|| format!("{} holds no secret: delete it", path.display()))?;
                Ok(text.trim().to_owned())
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secret = Self::generate();
                write_secret(path, &secret)
                    .with_context(|| format!("Cannot write {}", path.display()))?;
                Ok(secret)
            }
            Err(error) => Err(error).with_context(|| format!("Cannot read {}", path.display())),
        }
    }

    /// Signs a message as sent `at`.
    pub fn sign(&self, id: &str, at: SystemTime, body: &[u8]) -> Signed {
        let seconds = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let timestamp = seconds.to_string();
        let mut context = hmac::Context::with_key(&self.0);
        context.update(format!("{id}.{timestamp}.").as_bytes());
        context.update(body);
        let signature = format!("v1,{}", STANDARD.encode(context.sign()));
        Signed {
            id: id.to_owned(),
            timestamp,
            signature,
        }
    }

    /// Signs a new message, as sent now.
    pub fn sign_now(&self, body: &[u8]) -> Signed {
        let id = format!("msg_{}", uuid::Uuid::now_v7().simple());
        self.sign(&id, SystemTime::now(), body)
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret")
    }
}

/// Delivers an event to `url`, and answers with the status and the body that came back.
pub async fn deliver(
    url: &str,
    secret: &WebhookSecret,
    event: Vec<u8>,
) -> anyhow::Result<(u16, String)> {
    let Signed {
        id,
        timestamp,
        signature,
    } = secret.sign_now(&event);
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(TIMEOUT)
        .build()?;
    let answer = client
        .post(url)
        .header("content-type", "application/json")
        .header("svix-id", id)
        .header("svix-timestamp", timestamp)
        .header("svix-signature", signature)
        .body(event)
        .send()
        .await
        .with_context(|| format!("{url} does not answer"))?;
    let status = answer.status().as_u16();
    Ok((status, answer.text().await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_svix() {
        // The example of Svix's documentation on verifying by hand.
        let secret =
            WebhookSecret::parse("whsec_plJ3nmyCDGBKInavdOK15jsl").expect("this is a secret");
        let at = UNIX_EPOCH + Duration::from_secs(1_731_705_121);
        let body = br#"{"event_type":"ping","data":{"success":true}}"#;
        let signed = secret.sign("msg_loFOjxBNrRLzqYUf", at, body);
        assert_eq!(
            signed.signature,
            "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="
        );
    }

    #[test]
    fn a_generated_secret_is_one() {
        let made = WebhookSecret::generate();
        WebhookSecret::parse(&made).expect("it can be read");
        WebhookSecret::parse(&format!("{made} whsec_AAAA")).expect("the first of several");
        for wrong in ["", "whsec", "whsec_???", "abc"] {
            WebhookSecret::parse(wrong).expect_err("this is no secret");
        }
    }
}
