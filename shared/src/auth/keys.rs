//! The public keys of a Clerk instance: given in the configuration, or fetched from its JWKS URL.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Limited};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::JwkSet;
use url::Url;

use crate::Error;
use crate::config::ClerkKeys;
use crate::https;

/// A key that nobody knows is asked for at most this often: strangers choose the `kid` of their tokens.
const REFETCH: Duration = Duration::from_mins(1);
/// Keys are used for this long without asking again, so that one taken back at Clerk ends here too.
const MAX_AGE: Duration = Duration::from_hours(1);
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);
const LARGEST_KEY_SET: usize = 256 * 1024;

/// The keys that may have signed a token.
#[derive(Debug)]
pub(super) enum Keys {
    /// Given in the configuration; they have no ids, so each is tried.
    Pem(Arc<[DecodingKey]>),
    Jwks(Jwks),
}

#[derive(Debug)]
pub(super) struct Jwks {
    url: Url,
    fetched: Mutex<Fetched>,
}

#[derive(Debug, Default)]
struct Fetched {
    keys: HashMap<String, Arc<[DecodingKey]>>,
    /// When the keys in hand came.
    succeeded: Option<Instant>,
    /// When they were last asked for.
    attempted: Option<Instant>,
}

impl Keys {
    pub(super) fn new(keys: ClerkKeys) -> Self {
        match keys {
            ClerkKeys::Pem(keys) => Self::Pem(keys.into()),
            ClerkKeys::Jwks(url) => Self::Jwks(Jwks {
                url,
                fetched: Mutex::default(),
            }),
        }
    }

    /// The keys to try for a token with this `kid`; none when it is unknown. 503 when they can't be fetched.
    pub(super) async fn candidates(&self, kid: Option<&str>) -> Result<Arc<[DecodingKey]>, Error> {
        match self {
            Self::Pem(keys) => Ok(Arc::clone(keys)),
            Self::Jwks(jwks) => match kid {
                Some(kid) => jwks.key(kid).await,
                None => Ok(Arc::default()),
            },
        }
    }
}

impl Jwks {
    async fn key(&self, kid: &str) -> Result<Arc<[DecodingKey]>, Error> {
        let must_fetch = {
            let fetched = self.fetched();
            let fresh = fetched.succeeded.is_some_and(|at| at.elapsed() < MAX_AGE);
            let asked = fetched.attempted.is_some_and(|at| at.elapsed() < REFETCH);
            match fetched.keys.get(kid) {
                Some(key) if fresh || asked => return Ok(Arc::clone(key)),
                // Without any keys nobody can be answered: ask every time.
                _ => fetched.keys.is_empty() || !asked,
            }
        };
        if must_fetch {
            self.fetched().attempted = Some(Instant::now());
            match self.fetch().await {
                Ok(keys) => {
                    let mut fetched = self.fetched();
                    fetched.keys = keys;
                    fetched.succeeded = Some(Instant::now());
                }
                Err(cause) if self.fetched().keys.is_empty() => {
                    return Err(Error::unavailable(format!("fetching the JWKS: {cause}")));
                }
                // The keys in hand stay in use while Clerk can't be reached.
                Err(cause) => tracing::warn!(cause, "fetching the JWKS failed"),
            }
        }
        Ok(self
            .fetched()
            .keys
            .get(kid)
            .map(Arc::clone)
            .unwrap_or_default())
    }

    async fn fetch(&self) -> Result<HashMap<String, Arc<[DecodingKey]>>, String> {
        let get = async {
            let uri = self
                .url
                .as_str()
                .parse()
                .map_err(|_| "not a URI".to_owned())?;
            // Keys are fetched about once an hour: no connection is kept.
            let client = https::client(FETCH_TIMEOUT, Duration::ZERO);
            let response = client.get(uri).await.map_err(|error| error.to_string())?;
            if !response.status().is_success() {
                return Err(format!("status {}", response.status()));
            }
            let body = Limited::new(response.into_body(), LARGEST_KEY_SET)
                .collect()
                .await;
            let body = body.map_err(|error| error.to_string())?.to_bytes();
            serde_json::from_slice::<JwkSet>(&body).map_err(|error| error.to_string())
        };
        let set = tokio::time::timeout(FETCH_TIMEOUT, get)
            .await
            .map_err(|_| "timed out".to_owned())??;
        Ok(set
            .keys
            .iter()
            .filter_map(|jwk| {
                let kid = jwk.common.key_id.clone()?;
                Some((kid, Arc::from([DecodingKey::from_jwk(jwk).ok()?])))
            })
            .collect())
    }

    fn fetched(&self) -> std::sync::MutexGuard<'_, Fetched> {
        self.fetched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
