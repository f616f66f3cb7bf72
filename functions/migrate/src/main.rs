//! Brings the database's schema up to date: on Lambda for CloudFormation (before any other function changes) or for whoever
//! invokes it, anywhere else once and at once.

mod custom_resource;
mod failure;
mod invocation;
mod migrations;

use std::process::ExitCode;

use lambda_runtime::service_fn;
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        shared::logs::init();
        lambda_runtime::run(service_fn(invocation::answer)).await
    } else {
        migrate_once().await.map_err(Into::into)
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn migrate_once() -> Result<(), failure::Failure> {
    let applied = migrations::apply(&migrations::database_from_environment()?, None).await?;
    println!("{}", json!({ "applied": applied }));
    Ok(())
}
