//! The process of a function, from its start until Lambda ends the environment.

use std::fmt;
use std::process::ExitCode;

use tokio::runtime::LocalOptions;

/// The allocator of every function: one whose memory the C library has no part in.
///
/// Lambda's runtime sets a variable of the environment for each invocation, and the C library never frees the value before. In a
/// heap that both share, each of these values ends up between larger blocks and keeps them from becoming one again: 10,000
/// lists of 50 tasks took 110 MB. Apart, an invocation leaves some 140 bytes.
pub use dlmalloc::GlobalDlmalloc as Allocator;

/// Runs a function on one thread, with its log. Why it could not start, or ended, stands in the log in a line like all others.
///
/// It is a task like those of its connections: the future that the runtime itself waits for is woken by a look at all
/// sockets, which is a system call each time.
pub fn run<F, E>(function: F) -> ExitCode
where
    F: Future<Output = Result<(), E>> + 'static,
    E: fmt::Display + 'static,
{
    crate::logs::init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default());
    let ended = match runtime {
        Ok(runtime) => runtime
            .block_on(runtime.spawn_local(function))
            // The words of a panic may quote what a user wrote.
            .map_err(|_panic| "panic; see the line before".to_owned())
            .and_then(|ended| ended.map_err(|error| error.to_string())),
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
