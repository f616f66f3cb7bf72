//! What the webhooks function needs.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{InvalidConfig, Variables};
use crate::queue::Queue;

const SECRET: &str = "CLERK_WEBHOOK_SECRET";
/// What Svix's secrets begin with.
const PREFIX: &str = "whsec_";

/// What the webhooks function needs.
#[derive(Debug)]
pub struct WebhooksConfig {
    /// `CLERK_WEBHOOK_SECRET`: the endpoint's signing secret. While it is rotated both the new and the old one stand here, with
    /// a comma or a space between them.
    pub secrets: Vec<WebhookSecret>,
    /// `WEBHOOK_QUEUE_URL`: where the events go.
    pub queue: Queue,
}

/// The key that Clerk's deliveries are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Vec<u8>);

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}

impl WebhookSecret {
    /// The secret with this key, which must not be empty.
    pub fn from_key(key: Vec<u8>) -> Self {
        Self(key)
    }

    /// The key itself.
    pub fn into_key(self) -> Vec<u8> {
        self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let key = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (!key.is_empty()).then_some(Self(key))
    }
}

impl WebhooksConfig {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, InvalidConfig> {
        Variables::read(|variables| {
            let secrets = variables.webhook_secrets();
            let queue = variables.queue("WEBHOOK_QUEUE_URL");
            Some(Self {
                secrets: secrets?,
                queue: queue?,
            })
        })
    }
}

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    fn webhook_secrets(&mut self) -> Option<Vec<WebhookSecret>> {
        let text = self.required(SECRET)?;
        let secrets = text
            .split([',', ' ', '\t', '\n'])
            .filter(|secret| !secret.is_empty())
            .enumerate()
            .map(|(i, secret)| WebhookSecret::parse(secret).ok_or(i + 1))
            .collect::<Result<Vec<_>, _>>();
        match secrets {
            Ok(secrets) if !secrets.is_empty() => Some(secrets),
            Ok(_) => self.problem(SECRET, "must hold a signing secret"),
            Err(position) => self.problem(
                SECRET,
                format!("must hold signing secrets, `{PREFIX}` and base64 each: number {position} is not one"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(value: &str) -> Result<Vec<Vec<u8>>, String> {
        let mut variables = Variables::new(|_| Some(value.to_owned()));
        let secrets = variables.webhook_secrets();
        let secrets = variables.finish(secrets).map_err(|error| error.to_string());
        Ok(secrets?.into_iter().map(WebhookSecret::into_key).collect())
    }

    #[test]
    fn one_secret_or_the_pair_of_a_rotation() {
        let (old, new) = (b"old".to_vec(), b"new".to_vec());
        assert_eq!(secrets("whsec_b2xk"), Ok(vec![old.clone()]));
        for pair in [
            "whsec_bmV3,whsec_b2xk",
            "whsec_bmV3 whsec_b2xk",
            "whsec_bmV3 ,\n whsec_b2xk,",
        ] {
            assert_eq!(secrets(pair), Ok(vec![new.clone(), old.clone()]), "{pair}");
        }
    }

    #[test]
    fn what_is_no_secret_stops_the_start_and_is_not_echoed() {
        for wrong in [
            "",
            " ,",
            "whsec_",
            "bmV3",
            "whsec_???",
            "whsec_b2xk,whsec_b2x",
        ] {
            let error = secrets(wrong).expect_err(wrong);
            assert!(error.contains(SECRET), "{error}");
            assert!(!error.contains("b2x") && !error.contains("???"), "{error}");
        }
    }
}
