//! Clerk's Backend API, as far as it is read here.

use std::time::Duration;

use anyhow::{Context as _, bail};
use backon::{ExponentialBuilder, Retryable as _};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The shapes of answers that are expected: without it Clerk decides by the instance's age.
const VERSION: (HeaderName, &str) = (HeaderName::from_static("clerk-api-version"), "2025-11-10");
const USER_AGENT: &str = concat!("cairn-import/", env!("CARGO_PKG_VERSION"));

/// What Clerk says of an object that it does not have.
const ABSENT: &str = "resource_not_found";

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Clerk blocks for seconds. Whatever asks for more is not waited for longer than this at a time.
const LONGEST_BLOCK: Duration = Duration::from_mins(2);

/// One instance of Clerk, by the key that opens it.
pub struct Api {
    client: Client,
    url: Url,
    patience: Duration,
}

/// Why there is no answer. Nothing of an object stands in it, and no key.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The key does not open this instance.
    #[error(
        "Clerk refuses the key ({0}). CLERK_SECRET_KEY has to hold the secret key of the instance that users sign in to."
    )]
    Key(StatusCode),
    /// Too many requests; Clerk may say when the next one is welcome.
    #[error("Clerk takes no more requests for the moment")]
    Throttled(Option<Duration>),
    /// It may answer another time.
    #[error("Clerk does not answer: {0}")]
    Away(String),
    /// Clerk does not want to, and says why in codes of its own.
    #[error("Clerk refuses this: status {}, {}", .0.as_u16(), .1)]
    Refused(StatusCode, String),
    /// Trying again would not help.
    #[error("This is not an answer of Clerk's Backend API: {0}")]
    Strange(String),
}

/// What Clerk says when it refuses. The messages besides the codes may quote what was asked for.
#[derive(Deserialize)]
struct Refusal {
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    code: String,
}

impl Refusal {
    /// Whether it says of the object that was asked for that it is not there.
    fn is_absence(&self) -> bool {
        !self.errors.is_empty() && self.errors.iter().all(|reason| reason.code == ABSENT)
    }

    /// The codes, if all look like codes of Clerk's.
    fn codes(&self) -> Option<String> {
        let plain = |code: &str| {
            (1..=64).contains(&code.len())
                && code
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        let codes: Vec<_> = self.errors.iter().map(|reason| &*reason.code).collect();
        let all = !codes.is_empty() && codes.iter().all(|code| plain(code));
        all.then(|| codes.join(", "))
    }
}

impl Api {
    /// `patience` is for how long a request is repeated that Clerk does not answer.
    pub fn new(url: Url, key: &str, patience: Duration) -> anyhow::Result<Self> {
        let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
            bail!("--api-url has to be an https URL: the key goes there.");
        }
        if !key.starts_with("sk_") {
            bail!("CLERK_SECRET_KEY has to hold a secret key of Clerk. It begins with sk_.");
        }
        let mut bearer = HeaderValue::from_str(&format!("Bearer {key}"))
            .context("CLERK_SECRET_KEY holds characters that no key has")?;
        bearer.set_sensitive(true);
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, bearer),
            (VERSION.0, HeaderValue::from_static(VERSION.1)),
        ]);
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(headers)
            .connect_timeout(CONNECT_LIMIT)
            .timeout(ANSWER_LIMIT)
            // Clerk redirects nobody, and the key is for Clerk alone.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("The client for Clerk's Backend API cannot be made")?;
        Ok(Self {
            client,
            url,
            patience,
        })
    }

    /// What is at `/v1/<path>`; nothing if Clerk says that it has no such thing.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Option<T>, Problem> {
        let mut url = self.url.clone();
        url.path_segments_mut()
            .map_err(|()| Problem::Strange("the URL takes no path".to_owned()))?
            .pop_if_empty()
            .push("v1")
            .extend(path);
        let pauses = ExponentialBuilder::new()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .with_jitter()
            .without_max_times()
            .with_total_delay(Some(self.patience));
        (|| self.ask(url.clone(), query))
            .retry(pauses)
            .when(|problem| matches!(problem, Problem::Throttled(_) | Problem::Away(_)))
            .adjust(|problem, pause| match problem {
                Problem::Throttled(Some(block)) => pause.map(|_| *block),
                _ => pause,
            })
            .notify(|problem, pause| {
                eprintln!("{problem}; trying again in {:.1} s", pause.as_secs_f64());
            })
            .await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        url: Url,
        query: &[(&str, &str)],
    ) -> Result<Option<T>, Problem> {
        let answer = self.client.get(url).query(query).send().await;
        let answer = answer.map_err(away)?;
        let status = answer.status();
        match status {
            StatusCode::OK => {
                let body = answer.bytes().await.map_err(away)?;
                read(&body).map(Some)
            }
            StatusCode::UNAUTHORIZED => Err(Problem::Key(status)),
            StatusCode::TOO_MANY_REQUESTS => Err(Problem::Throttled(block(&answer))),
            _ if status.is_server_error() => Err(Problem::Away(format!("status {status}"))),
            _ => {
                let body = answer.bytes().await.map_err(away)?;
                let refusal = read::<Refusal>(&body).ok();
                // Another server than Clerk's, or another path, says 404 to everything: nothing may be taken for deleted then.
                if status == StatusCode::NOT_FOUND
                    && refusal.as_ref().is_some_and(Refusal::is_absence)
                {
                    return Ok(None);
                }
                match refusal.and_then(|refusal| refusal.codes()) {
                    Some(codes) => Err(Problem::Refused(status, codes)),
                    None => Err(Problem::Strange(format!("status {}", status.as_u16()))),
                }
            }
        }
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // serde's own words may quote a value.
    serde_json::from_slice(body).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => "JSON of another shape",
            _ => "no JSON",
        };
        Problem::Strange(what.to_owned())
    })
}

/// The address says which object was asked for, and the reason stands in the sources.
fn away(error: reqwest::Error) -> Problem {
    Problem::Away(format!("{:#}", anyhow::Error::new(error.without_url())))
}

fn block(answer: &Response) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let block = Duration::from_secs(seconds.trim().parse().ok()?);
    Some(block.min(LONGEST_BLOCK))
}
