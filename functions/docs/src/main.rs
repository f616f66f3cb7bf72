//! The Lambda function of the routes around the API: liveness, health, documentation, and whatever no other group has.

use shared::db::{Database, DatabaseConfig};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::logs::init();
    let db = Database::new(DatabaseConfig::from_env()?);
    db.warm_up().await;
    shared::http::run(docs::router(), db).await
}
