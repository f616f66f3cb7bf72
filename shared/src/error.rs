//! The one error type: a public part that the client reads and a private cause that only the log sees.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde::Serialize;

use crate::quotas;

/// An answer that is not a success.
#[derive(Clone, Debug)]
pub struct Error {
    status: StatusCode,
    message: Cow<'static, str>,
    errors: BTreeMap<String, String>,
    cause: Option<String>,
}

/// The private cause of an error, carried by the response to the request's log line.
#[derive(Clone, Debug)]
pub(crate) struct Cause(pub Arc<str>);

/// What the client sees of an error.
#[derive(Serialize)]
pub(crate) struct Body<'a> {
    success: bool,
    message: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    errors: &'a BTreeMap<String, String>,
}

impl Error {
    /// An answer with this status and message.
    pub fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            message: message.into(),
            errors: BTreeMap::new(),
            cause: None,
        }
    }

    /// 400: one field of the input is wrong. The message says so too, unless [`Self::with_message`] replaces it.
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        let (field, problem) = (field.into(), problem.into());
        let mut error = Self::new(StatusCode::BAD_REQUEST, format!("{field} {problem}"));
        error.errors.insert(field, problem);
        error
    }

    /// 400: the body as a whole can't be read.
    pub fn unreadable(message: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 401, whatever is wrong with the token; the reason goes to the log.
    pub fn unauthorized(reason: &str) -> Self {
        let mut error = Self::new(StatusCode::UNAUTHORIZED, "Unauthorized access");
        error.cause = Some(reason.to_owned());
        error
    }

    /// 404 for a route that does not exist.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found")
    }

    /// 405; the router adds `allow`.
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
    }

    /// 413: the request's body is larger than the functions take.
    pub fn body_too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Request body is too large")
    }

    /// 413: the answer is larger than Lambda lets through.
    pub fn too_many_results() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Too many results: page with ?limit=",
        )
    }

    /// 500; the cause goes to the log. It must hold no user content.
    pub fn internal(cause: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error");
        error.cause = Some(cause.into());
        error
    }

    /// 503: something the function depends on is away. The cause goes to the log; it must hold no user content.
    pub fn unavailable(cause: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable");
        error.cause = Some(cause.into());
        error
    }

    /// What went wrong, for the log: the private cause, or the message where there is none.
    pub fn cause(&self) -> &str {
        self.cause.as_deref().unwrap_or(&self.message)
    }

    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The first field that is wrong, if the error is about fields.
    pub(crate) fn field(&self) -> Option<&str> {
        self.errors.keys().next().map(String::as_str)
    }

    /// The body of the answer.
    pub(crate) fn body(&self) -> Body<'_> {
        Body {
            success: false,
            message: &self.message,
            errors: &self.errors,
        }
    }

    /// The same error with another public message.
    #[must_use]
    pub fn with_message(mut self, message: &'static str) -> Self {
        self.message = Cow::Borrowed(message);
        self
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(self.body())).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            let seconds = quotas::seconds_to_tomorrow(Timestamp::now());
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(Cause(cause.into()));
        }
        response
    }
}
