//! The Lambda function that takes Clerk's events.

use shared::config::WebhooksConfig;
use webhooks::Webhooks;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::logs::init();
    let webhooks = Webhooks::new(WebhooksConfig::from_env()?);
    shared::http::run(webhooks::router(), webhooks).await
}
