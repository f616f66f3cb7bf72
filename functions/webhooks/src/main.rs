//! The Lambda function that takes Clerk's events.

use std::process::ExitCode;

use shared::config::WebhooksConfig;
use webhooks::Webhooks;

fn main() -> ExitCode {
    shared::function::run(serve())
}

async fn serve() -> Result<(), lambda_http::Error> {
    let webhooks = Webhooks::new(WebhooksConfig::from_env()?);
    shared::http::run(webhooks::router(), webhooks).await
}
