//! `cargo import`: brings what is elsewhere into Cairn's database.

mod clerk;
mod reference;
mod target;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Brings what is elsewhere into Cairn's database
#[derive(Debug, Parser)]
#[command(name = "cargo import", bin_name = "cargo import", version, after_help = AFTER_HELP)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
The database written to is the one that DIRECT_URL names, which leads past any pooler; `clerk` takes DATABASE_URL where that is
not set. Everything can be run again: what is there already stays.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring all of Clerk here: at first, and after events were lost
    Clerk(clerk::Arguments),
    /// Move in from the database of the system that Cairn replaces
    Reference(reference::Arguments),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match CommandLine::parse().command {
        Command::Clerk(arguments) => clerk::run(arguments).await,
        Command::Reference(arguments) => reference::run(arguments).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
