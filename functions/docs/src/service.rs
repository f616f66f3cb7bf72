//! What the server is, whether it is well, and the document of its API.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use shared::db::{Call, Database};
use shared::http::{ErrorBody, True};
use utoipa::ToSchema;

/// Derived from the code of all groups and checked to be current by the tests.
const OPENAPI: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

shared::routes!(Database: root, health, openapi);

/// What `GET /` answers.
#[derive(Serialize, ToSchema)]
struct Running {
    #[schema(example = "Server is running successfully!")]
    message: &'static str,
}

/// What `GET /api/health` answers when all is well.
#[derive(Serialize, ToSchema)]
struct Health {
    /// Always `true`.
    #[schema(value_type = True)]
    success: bool,
    data: HealthData,
}

#[derive(Serialize, ToSchema)]
struct HealthData {
    /// `up`
    #[schema(example = "up")]
    database: &'static str,
}

/// Whether the server runs; it asks nobody
#[utoipa::path(
    get, path = "/", tag = "service", operation_id = "getRoot",
    responses((status = 200, description = "It does", body = Running)),
)]
async fn root() -> Json<Running> {
    Json(Running {
        message: "Server is running successfully!",
    })
}

/// Whether the database answers
#[utoipa::path(
    get, path = "/api/health", tag = "service", operation_id = "getHealth",
    responses(
        (status = 200, description = "It does", body = Health),
        (status = 503, description = "It does not", body = ErrorBody),
    ),
)]
async fn health(State(db): State<Database>) -> Response {
    match db.rows(Call::new("SELECT 1")).await {
        Ok(_) => Json(Health {
            success: true,
            data: HealthData { database: "up" },
        })
        .into_response(),
        Err(error) => error.into_response(),
    }
}

/// The `OpenAPI` document
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "service", operation_id = "getOpenApi",
    responses(
        (status = 200, description = "OpenAPI 3.1", body = Object, example = json!({"openapi": "3.1.0", "info": {"title": "Cairn"}, "paths": {}})),
    ),
)]
async fn openapi() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=300"),
        ),
    ];
    (StatusCode::OK, headers, OPENAPI)
}
