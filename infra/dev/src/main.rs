//! `cargo dev`: the local system, on one command line.

mod commands;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use cairn_dev::proofs::Proof;
use clap::{Parser, Subcommand};

/// The whole system on this machine: database, local AWS with the production template, all functions.
#[derive(Debug, Parser)]
#[command(name = "cargo dev", bin_name = "cargo dev", version, after_help = AFTER_HELP)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str = "\
Without a command: up.

Settings come from the environment: CAIRN_PORT (5000), DATABASE_URL (an embedded PostgreSQL), DIRECT_URL, CLERK_JWT_KEY or
CLERK_JWKS_URL (a development key), CLERK_ISSUER, CLERK_AUTHORIZED_PARTIES, CLERK_WEBHOOK_SECRET (a development secret),
ALLOWED_ORIGINS, FRONTEND_URL (http://localhost:5173). Everything that is written is under target/; everything listens on
127.0.0.1 only.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the whole system, and stop it again on Ctrl-C
    Up {
        /// Return when it is ready and leave it running
        #[arg(long)]
        detach: bool,
        /// What `--detach` gives to the process it starts: everything is installed and built
        #[arg(long, hide = true, conflicts_with = "detach")]
        prepared: bool,
    },
    /// Stop the running system; its data stays
    Down,
    /// Stop the running system and forget its data
    Reset,
    /// Show the addresses of the running system
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a session token
    Token {
        /// The id of the user, for example `user_ada` of the demo data
        #[arg(long)]
        user: String,
        /// How long it is valid, in seconds
        #[arg(long, default_value_t = 3600, value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
        ttl: u64,
    },
    /// Sign an event of Clerk and deliver it to the running system
    Webhook {
        /// A file with the event as Clerk sends it: JSON with `type` and `data`
        file: PathBuf,
        /// The secret to sign with, instead of the running system's
        #[arg(long)]
        secret: Option<String>,
        /// Where to deliver it, instead of to the running system
        #[arg(long)]
        url: Option<String>,
    },
    /// List the mails that were sent, or print the text of one
    Mail {
        /// The number of a mail in the list
        number: Option<usize>,
        /// As JSON, with text and HTML
        #[arg(long)]
        json: bool,
    },
    /// Run `cargo lambda watch` over the same database and queues: all functions under one base URL, rebuilt when the code changes
    Watch {
        /// Further arguments of `cargo lambda watch`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Print the variables of the running system, for a shell (`eval "$(cargo dev env)"`) or an env file
    Env,
    /// Write the `OpenAPI` document that the code describes to infra/openapi.json
    Openapi,
    /// Run all tests against a system of their own
    Test {
        /// Deploy no stack, only start a database and the local AWS: quicker, and skips the tests of the deployed stack
        #[arg(long)]
        no_stack: bool,
        /// Further arguments of `cargo test`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Run cargo-mutants over what only tests with functions reach: sync, outbox, reminders; takes hours
    Mutants {
        /// Further arguments of `cargo mutants`, for example `-F outbox` or `--shard 1/8`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// What cargo-mutants has tests run by: with functions that are built of the same code
    #[command(hide = true)]
    Mutated {
        test: PathBuf,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Measure: speed, memory, size, each beside the least that is possible
    Bench(commands::bench::Arguments),
    /// Prove what the documentation claims, against a system of its own: under load, faults and abuse
    #[command(args_conflicts_with_subcommands = true)]
    Prove {
        /// Which proofs; without any, all of these
        #[arg(value_enum)]
        proofs: Vec<Proof>,
        /// As large as the documentation says, by hand; otherwise small enough for every change
        #[arg(long)]
        full: bool,
        /// What is made up comes from this number, which a run tells: to repeat one that failed
        #[arg(long)]
        seed: Option<u64>,
        #[command(subcommand)]
        deployed: Option<DeployedProof>,
    },
}

/// Proofs about the deployed stack: slow, and by hand.
#[derive(Debug, Subcommand)]
enum DeployedProof {
    /// The real `sam` builds, deploys, updates, rolls back and deletes the stack, and no data is lost
    Deployment,
    /// Each grant of each role is taken away in turn, and is missed: nothing is granted for nothing
    Permissions {
        /// Only the roles whose name in the template contains this, for example `worker`
        #[arg(long)]
        role: Option<String>,
        /// Only the actions whose name contains this, for example `sqs:`
        #[arg(long)]
        action: Option<String>,
    },
}

fn main() -> ExitCode {
    let command_line = CommandLine::parse_from(keep_separator(std::env::args_os().collect()));
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
            Command::Token { user, ttl } => commands::token::run(&user, ttl),
            Command::Webhook { file, secret, url } => {
                commands::webhook::run(&file, secret, url).await
            }
            Command::Mail { number, json } => commands::mail::run(number, json).await,
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
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

/// `cargo test` gives `--` a meaning, but clap would take the first one for itself: so it gets one of ours.
fn keep_separator(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments
        .get(1)
        .is_some_and(|command| command == "test" || command == "watch")
    {
        let ours = |argument: &OsString| {
            ["--no-stack", "--help", "-h"]
                .iter()
                .any(|flag| argument == flag)
        };
        let first_foreign = (2..arguments.len())
            .find(|&i| !ours(&arguments[i]))
            .unwrap_or(arguments.len());
        arguments.insert(first_foreign, "--".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn proofs_are_named_and_those_of_the_stack_are_commands() {
        let parse = |arguments: &[&str]| {
            let given = ["cargo-dev", "prove"].iter().chain(arguments);
            match CommandLine::parse_from(given).command {
                Some(Command::Prove {
                    proofs,
                    full,
                    seed,
                    deployed,
                }) => (proofs, full, seed, deployed.is_some()),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(parse(&[]), (vec![], false, None, false));
        assert_eq!(
            parse(&["swap", "--full", "--seed", "7"]),
            (vec![Proof::Swap], true, Some(7), false)
        );
        assert_eq!(parse(&["deployment"]), (vec![], false, None, true));
    }

    #[test]
    fn arguments_of_cargo_test_are_passed_on_with_their_separator() {
        let given = [
            "cargo-dev",
            "test",
            "--no-stack",
            "-p",
            "x",
            "--",
            "--nocapture",
        ];
        let parsed =
            CommandLine::parse_from(keep_separator(given.iter().map(Into::into).collect()));
        let Some(Command::Test {
            no_stack,
            arguments,
        }) = parsed.command
        else {
            panic!("{parsed:?}")
        };
        assert!(no_stack);
        assert_eq!(arguments, ["-p", "x", "--", "--nocapture"]);
    }
}
