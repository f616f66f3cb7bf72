//! `cargo dev`: the local system, on one command line.

/// In place of the standard one, in all modules below: a reader that has gone (`cargo dev up | head -1`) is no reason to panic,
/// and what was started goes on.
macro_rules! println {
    ($($arguments:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($arguments)*);
    }};
}

/// The same for [`std::print`].
macro_rules! print {
    ($($arguments:tt)*) => {{
        use std::io::Write as _;
        let mut output = std::io::stdout();
        let _ = write!(output, $($arguments)*).and_then(|()| output.flush());
    }};
}

mod command_line;
mod commands;

use std::process::ExitCode;

use console::style;

use command_line::{Command, CommandLine, DeployedProof, Mails};

fn main() -> ExitCode {
    let command_line = CommandLine::read();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let result = runtime.block_on(async {
        match command_line.command.unwrap_or(Command::Up {
            detach: false,
            prepared: false,
        }) {
            Command::Up { detach: true, .. } => commands::detach::run().await,
            Command::Up { prepared, .. } => commands::up::run(prepared).await,
            Command::Down => commands::down::run().await,
            Command::Reset => commands::down::reset().await,
            Command::Status { json } => commands::status::run(json),
            Command::Doctor { json } => Box::pin(commands::doctor::run(json)).await,
            Command::Token { user, ttl } => commands::token::run(&user, ttl),
            Command::Webhook { file, secret, url } => {
                commands::webhook::run(&file, secret, url).await
            }
            Command::Mail {
                more: Some(Mails::Preview { to }),
                ..
            } => commands::mail::preview::run(to).await,
            Command::Mail { open: true, .. } => commands::mail::open(),
            Command::Mail { number, json, .. } => commands::mail::run(number, json).await,
            Command::Watch { arguments } => commands::watch::run(&arguments).await,
            Command::Env => commands::env::run(),
            Command::Openapi => commands::openapi::run().await,
            Command::Test {
                no_stack,
                arguments,
            } => commands::test::run(no_stack, &arguments).await,
            Command::Mutants { arguments } => commands::mutants::run(&arguments).await,
            Command::Mutated { test, arguments } => {
                commands::mutants::run_test(&test, &arguments).await
            }
            Command::Bench(arguments) => Box::pin(commands::bench::run(arguments)).await,
            Command::Prove {
                proofs,
                full,
                seed,
                deployed,
            } => match deployed {
                None => commands::prove::run(&proofs, full, seed).await,
                Some(DeployedProof::Deployment) => commands::prove::deployment::run().await,
                Some(DeployedProof::Permissions { role, action }) => {
                    let proof = commands::prove::permissions::run(role, action);
                    Box::pin(proof).await
                }
            },
        }
    });
    // Readers of our own standard input or of a child's output may still be blocked: they need not end.
    runtime.shutdown_background();
    result.unwrap_or_else(|error| failed(&error))
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("{} {error:#}", style("error:").red().bold().for_stderr());
    ExitCode::FAILURE
}
