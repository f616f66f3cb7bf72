//! Brings the database's schema up to date: on Lambda for CloudFormation (before any other function changes) or for whoever
//! invokes it, anywhere else once and at once.

mod custom_resource;
mod failure;
mod invocation;
mod migrations;

use std::process::ExitCode;

use lambda_runtime::service_fn;
use serde_json::json;

#[global_allocator]
static ALLOCATOR: shared::function::Allocator = shared::function::Allocator;

fn main() -> ExitCode {
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        shared::function::run(lambda_runtime::run(service_fn(invocation::answer)))
    } else {
        migrate_once()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn migrate_once() -> ExitCode {
    let applied = async {
        let database = migrations::database_from_environment()?;
        migrations::apply(&database, None).await
    };
    match applied.await {
        Ok(applied) => {
            println!("{}", json!({ "applied": applied }));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
