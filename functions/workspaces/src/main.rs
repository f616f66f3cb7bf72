//! The Lambda function of the workspaces group.

use std::process::ExitCode;

use shared::App;
use shared::config::ApiConfig;

#[global_allocator]
static ALLOCATOR: shared::function::Allocator = shared::function::Allocator;

fn main() -> ExitCode {
    shared::function::run(serve())
}

async fn serve() -> Result<(), lambda_http::Error> {
    let app = App::start(ApiConfig::from_env()?).await;
    shared::http::run(workspaces::router(), app).await
}
