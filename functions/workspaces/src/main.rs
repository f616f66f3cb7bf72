//! The Lambda function of the workspaces group.

use shared::App;
use shared::config::ApiConfig;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::logs::init();
    let app = App::start(ApiConfig::from_env()?).await;
    shared::http::run(workspaces::router(), app).await
}
