//! The Lambda function that takes Clerk's events.

use std::process::ExitCode;

use shared::config::WebhooksConfig;
use webhooks::Webhooks;

#[global_allocator]
static ALLOCATOR: shared::function::Allocator = shared::function::Allocator;

fn main() -> ExitCode {
    shared::function::run(serve())
}

async fn serve() -> Result<(), lambda_http::Error> {
    let webhooks = Webhooks::new(WebhooksConfig::from_env()?);
    shared::http::run(webhooks::router(), webhooks).await
}
