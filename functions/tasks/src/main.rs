//! The Lambda function of the tasks group.

use shared::App;
use shared::config::TasksConfig;
use shared::outbox::Outbox;
use tasks::Tasks;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::logs::init();
    let config = TasksConfig::from_env()?;
    let app = App::start(config.api).await;
    let outbox = Outbox::new(app.db.clone(), config.task_queue);
    shared::http::run(tasks::router(), Tasks { app, outbox }).await
}
