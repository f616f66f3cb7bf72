//! Requests that read as sentences, and answers that explain themselves when a test fails.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// A client of one base URL, for one test. (Connections belong to a test's runtime and cannot be shared between tests.)
#[derive(Clone)]
pub struct Client {
    base: String,
    http: reqwest::Client,
}

impl Client {
    /// A client of `base`, without a slash at its end. It takes compressed answers only where a test says so.
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .no_gzip()
            .build()
            .expect("an HTTP client");
        Self {
            base: base.to_owned(),
            http,
        }
    }

    /// A request without a token.
    pub fn request(&self, method: &str, path: &str) -> Request {
        let verb: Method = method.parse().expect("a method");
        let builder = self.http.request(verb, format!("{}{path}", self.base));
        Request {
            builder,
            what: format!("{method} {path}"),
        }
    }
}

/// A request that is sent when it is awaited.
#[must_use = "a request is sent when it is awaited"]
pub struct Request {
    builder: reqwest::RequestBuilder,
    what: String,
}

impl Request {
    /// With a session token.
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With this header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// With this body, and the content type of JSON.
    pub fn json(mut self, body: &Value) -> Self {
        self.builder = self.builder.json(body);
        self
    }

    /// With these bytes as the body, and no content type.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.builder = self.builder.body(body.into());
        self
    }

    async fn send(self) -> Answer {
        let Self { builder, what } = self;
        let response = builder
            .send()
            .await
            .unwrap_or_else(|error| panic!("{what}: no answer: {error:?}"));
        let status = response.status();
        let headers = response.headers().clone();
        let body = response
            .bytes()
            .await
            .unwrap_or_else(|error| panic!("{what}: no body: {error:?}"));
        Answer {
            what,
            status,
            headers,
            body: body.to_vec(),
        }
    }
}

impl IntoFuture for Request {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    what: String,
    /// The status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header; empty where it is missing.
    pub fn header(&self, name: &'static str) -> &str {
        let value = self
            .headers
            .get(HeaderName::from_static(name))
            .map(HeaderValue::to_str);
        value.and_then(Result::ok).unwrap_or_default()
    }

    /// The body, which has to be JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// `data` of an answer that has to be a success with this status.
    #[track_caller]
    pub fn data(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self}");
        let mut body = self.json();
        assert_eq!(body["success"], true, "{self}");
        body["data"].take()
    }

    /// Asserts a success with this status and message, and gives its `data`.
    #[track_caller]
    pub fn says(&self, status: u16, message: &str) -> Value {
        let data = self.data(status);
        assert_eq!(self.json()["message"], message, "{self}");
        data
    }

    /// Asserts a refusal with this status and message, in the documented envelope.
    #[track_caller]
    pub fn is_refused(&self, status: u16, message: &str) {
        assert_eq!(self.status.as_u16(), status, "{self}");
        let body = self.json();
        assert_eq!(body["success"], false, "{self}");
        assert_eq!(body["message"], message, "{self}");
        assert!(body.get("data").is_none(), "{self}");
    }

    /// Asserts a 400 that names this field among its `errors`.
    #[track_caller]
    pub fn blames(&self, field: &str) {
        assert_eq!(
            self.status,
            StatusCode::BAD_REQUEST,
            "expected that {field} is refused: {self}"
        );
        let body = self.json();
        assert_eq!(body["success"], false, "{self}");
        assert!(
            body["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty()),
            "{self}"
        );
        let problem = &body["errors"][field];
        assert!(
            problem.as_str().is_some_and(|text| !text.is_empty()),
            "`errors` does not name {field}: {self}"
        );
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        let start: String = body.chars().take(2_000).collect();
        write!(f, "{} answered {}: {start}", self.what, self.status)
    }
}
