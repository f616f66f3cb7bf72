//! The process of a function, from its start until Lambda ends the environment.

use std::fmt;
use std::process::ExitCode;

/// Runs a function on one thread, with its log. Why it could not start, or ended, stands in the log in a line like all others.
pub fn run<E: fmt::Display>(function: impl Future<Output = Result<(), E>>) -> ExitCode {
    crate::logs::init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime
            .block_on(function)
            .map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            tracing::error!(cause, "the function ended");
            ExitCode::FAILURE
        }
    }
}
