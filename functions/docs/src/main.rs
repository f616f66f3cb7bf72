//! The Lambda function of the routes around the API: liveness, health, documentation, and whatever no other group has.

use std::process::ExitCode;

use shared::db::{Database, DatabaseConfig};

#[global_allocator]
static ALLOCATOR: shared::function::Allocator = shared::function::Allocator;

fn main() -> ExitCode {
    shared::function::run(serve())
}

async fn serve() -> Result<(), lambda_http::Error> {
    let db = Database::new(DatabaseConfig::from_env()?);
    db.warm_up().await;
    shared::http::run(docs::router(), db).await
}
