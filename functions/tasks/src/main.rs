//! The Lambda function of the tasks group.

use std::process::ExitCode;

use shared::App;
use shared::config::TasksConfig;
use shared::outbox::Outbox;
use tasks::Tasks;

#[global_allocator]
static ALLOCATOR: shared::function::Allocator = shared::function::Allocator;

fn main() -> ExitCode {
    shared::function::run(serve())
}

async fn serve() -> Result<(), lambda_http::Error> {
    let config = TasksConfig::from_env()?;
    let app = App::start(config.api).await;
    let outbox = Outbox::new(app.db.clone(), config.task_queue);
    shared::http::run(tasks::router(), Tasks { app, outbox }).await
}
