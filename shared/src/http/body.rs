//! JSON bodies, read into types that hold only valid values.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::Error;
use crate::input::{TOO_MUCH, problem_of};

/// The largest body that is read, in bytes.
pub const LARGEST_BODY: usize = 256 * 1024;

/// A body of the contract.
pub trait RequestBody: Sized {
    /// The body from its JSON text, usually by [`read_json`]; 400 naming the field that is wrong.
    fn from_json(text: &str) -> Result<Self, Error>;
}

/// A JSON body, whatever its content type says.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T, S> FromRequest<S> for Json<T>
where
    T: RequestBody,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Error> {
        let body = to_bytes(request.into_body(), LARGEST_BODY)
            .await
            .map_err(|_| Error::body_too_large())?;
        // Checked as a whole: fields that are not read are skipped without a look at their encoding.
        let text = std::str::from_utf8(&body).map_err(|_| not_json())?;
        T::from_json(text).map(Self)
    }
}

/// Reads an object whose fields hold only valid values. `messages` are those that the contract has for a field that is
/// missing or wrong; what is too much of something keeps a message that says so.
pub fn read_json<T: DeserializeOwned>(
    text: &str,
    messages: &[(&str, &'static str)],
) -> Result<T, Error> {
    // Read as a whole first: what is skipped must be JSON too, and no deeper than the parser's own limit.
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|_| not_json())?;
    serde_path_to_error::deserialize(Value::Object(object)).map_err(|error| {
        let (field, problem) = problem_of(&error.path().to_string(), &error.inner().to_string());
        let message = messages
            .iter()
            .find(|(name, _)| *name == field && !problem.starts_with(TOO_MUCH));
        let error = Error::invalid(field, problem);
        match message {
            Some((_, message)) => error.with_message(message),
            None => error,
        }
    })
}

fn not_json() -> Error {
    Error::unreadable("The request body must be a JSON object")
}
