//! The envelope of every answer.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// 200, with what was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Answer<T> {
    /// Always `true`.
    #[schema(example = true)]
    success: bool,
    /// What was done, for people; absent in answers that only read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Done")]
    message: Option<String>,
    /// What was asked for.
    data: T,
}

/// 201, with what was created.
#[derive(Debug)]
pub struct Created<T>(Answer<T>);

/// The data of an answer that has none: `null`.
#[derive(Debug, Serialize)]
pub struct Nothing;

impl PartialSchema for Nothing {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Null))
            .into()
    }
}

impl ToSchema for Nothing {}

/// What every failure looks like. Documents [`crate::Error`].
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"success": false, "message": "Title is required", "errors": {"title": "is required"}}))]
pub struct ErrorBody {
    /// Always `false`.
    success: bool,
    /// What is wrong, for people.
    message: String,
    /// For invalid input: what is wrong with each field, by its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    errors: Option<BTreeMap<String, String>>,
}

impl<T> Answer<T> {
    /// An answer that only reads.
    pub fn of(data: T) -> Self {
        Self {
            success: true,
            message: None,
            data,
        }
    }

    /// An answer that says what was done.
    pub fn done(message: impl Into<String>, data: T) -> Self {
        Self {
            success: true,
            message: Some(message.into()),
            data,
        }
    }
}

impl<T> Created<T> {
    /// An answer that says what was created.
    pub fn new(message: &'static str, data: T) -> Self {
        Self(Answer::done(message, data))
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        axum::Json(self).into_response()
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, self.0).into_response()
    }
}
