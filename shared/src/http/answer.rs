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
    #[schema(value_type = True)]
    success: bool,
    /// What was done, for people; absent in answers that only read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
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

/// Truth values that say which kind an answer is: so that a typed client tells one from the other by them.
macro_rules! always {
    ($($(#[$doc:meta])* $name:ident = $value:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(SchemaType::new(Type::Boolean))
                    .enum_values(Some([$value]))
                    .into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

always! {
    /// Always `true`.
    True = true,
    /// Always `false`.
    False = false,
}

/// What every failure looks like.
// It only documents `crate::Error`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// Always `false`.
    #[schema(value_type = False)]
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
