//! Parameters from the query string.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_path_to_error::Deserializer as PathDeserializer;

use crate::Error;
use crate::input::problem_of;

/// Parameters from the query string; unknown ones are ignored, a wrong one answers 400 naming it.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> Query<T> {
    /// The parameters in the text of a query.
    pub(crate) fn read(query: &str) -> Result<Self, Error> {
        let deserializer =
            serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
        let mut track = serde_path_to_error::Track::new();
        match T::deserialize(PathDeserializer::new(deserializer, &mut track)) {
            Ok(parameters) => Ok(Self(parameters)),
            Err(error) => {
                let (field, problem) = problem_of(&track.path().to_string(), &error.to_string());
                Err(Error::invalid(field, problem))
            }
        }
    }
}

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        Self::read(parts.uri.query().unwrap_or_default())
    }
}
