//! The commands and their options, with what `--help` says about them.

use std::ffi::OsString;
use std::path::PathBuf;

use cairn_dev::proofs::Proof;
use clap::{Parser, Subcommand};

use crate::commands::bench;

/// The whole system on this machine: database, local AWS with the production template, all functions.
#[derive(Debug, Parser)]
#[command(name = "cargo dev", bin_name = "cargo dev", version, after_help = AFTER_HELP)]
pub struct CommandLine {
    /// What to do; `up` without any
    #[command(subcommand)]
    pub command: Option<Command>,
}

const AFTER_HELP: &str = "\
Without a command: up. `cargo dev help <command>` says more about each. `cargo dev doctor` says what is missing where something
does not work.

Settings come from the environment: CAIRN_PORT (5000), DATABASE_URL (an embedded PostgreSQL), DIRECT_URL, CLERK_JWT_KEY or
CLERK_JWKS_URL (a development key), CLERK_ISSUER, CLERK_AUTHORIZED_PARTIES, CLERK_WEBHOOK_SECRET (a development secret),
ALLOWED_ORIGINS, FRONTEND_URL (http://localhost:5173). Everything that is written is under target/; everything listens on
127.0.0.1 only.";

const UP: &str = "\
It ends with the addresses, a session token, a curl line to paste and `ready <address>`. Ctrl-C stops everything; the data stays.

Examples:
  cargo dev
  CAIRN_PORT=5001 cargo dev up --detach
  DATABASE_URL=postgres://me@localhost/cairn cargo dev up";

const TOKEN: &str = "\
Example:
  curl -s http://127.0.0.1:5000/api/workspace -H \"authorization: Bearer $(cargo dev token --user user_ada)\"";

const WEBHOOK: &str = "\
Examples (events to try are in infra/tests/fixtures/clerk):
  cargo dev webhook infra/tests/fixtures/clerk/user.created.json
  cargo dev webhook event.json --url https://…lambda-url.eu-central-1.on.aws/ --secret whsec_…";

const MAIL: &str = "\
Mails are kept until the system stops.

Examples:
  cargo dev mail
  cargo dev mail 3
  cargo dev mail --open
  cargo dev mail preview --to /tmp/mails";

const WATCH: &str = "\
Starts the system if `cargo dev up` does not run. What is in the queues is worked off by the functions of that system.

Example:
  cargo dev watch --invoke-port 9001";

const ENV: &str = "\
Examples:
  eval \"$(cargo dev env)\"
  cargo dev env > target/env && cargo lambda watch --env-file target/env";

const TEST: &str = "\
Examples:
  cargo dev test
  cargo dev test --no-stack -p cairn-tests rights
  cargo dev test --no-stack -p shared -- --nocapture";

const BENCH: &str = "\
Needs PostgreSQL's server programs; `scale` needs PgBouncer too.

Examples:
  cargo dev bench
  cargo dev bench routes --only 'GET /api/tasks' --against HEAD~1
  cargo dev bench sizes --built .aws-sam/build";

const PROVE: &str = "\
Examples:
  cargo dev prove
  cargo dev prove storm swap --full
  cargo dev prove permissions --role worker --action sqs:";

const DOCTOR: &str = "\
The exit status is 1 if something is missing that `cargo dev` cannot do without, or if a part of what runs does not answer.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the whole system, and stop it again on Ctrl-C
    #[command(after_help = UP)]
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
    /// Show what runs, since when, with which settings, and its addresses
    Status {
        /// The addresses as JSON, with the same keys always
        #[arg(long)]
        json: bool,
    },
    /// Check what the local system needs: what is here, what is missing and how to get it, and whether what runs answers
    #[command(after_help = DOCTOR)]
    Doctor {
        /// As JSON: a list of findings
        #[arg(long)]
        json: bool,
    },
    /// Print a session token
    #[command(after_help = TOKEN)]
    Token {
        /// The id of the user, for example `user_ada` of the demo data
        #[arg(long)]
        user: String,
        /// How long it is valid, in seconds
        #[arg(long, default_value_t = 3600, value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
        ttl: u64,
    },
    /// Sign an event of Clerk and deliver it to the running system
    #[command(after_help = WEBHOOK)]
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
    /// List the mails that were sent, print the text of one, or open the mailbox
    #[command(after_help = MAIL, args_conflicts_with_subcommands = true)]
    Mail {
        /// The number of a mail in the list
        number: Option<usize>,
        /// As JSON, with text and HTML
        #[arg(long)]
        json: bool,
        /// Open the mailbox in the browser
        #[arg(long, conflicts_with_all = ["number", "json"])]
        open: bool,
        #[command(subcommand)]
        more: Option<Mails>,
    },
    /// Run `cargo lambda watch` over the same database and queues: all functions under one base URL, rebuilt when the code changes
    #[command(after_help = WATCH)]
    Watch {
        /// Further arguments of `cargo lambda watch`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Print the variables of the running system, for a shell (`eval "$(cargo dev env)"`) or an env file
    #[command(after_help = ENV)]
    Env,
    /// Write the `OpenAPI` document that the code describes to infra/openapi.json
    Openapi,
    /// Run all tests against a system of their own
    #[command(after_help = TEST)]
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
    #[command(after_help = BENCH)]
    Bench(bench::Arguments),
    /// Prove what the documentation claims, against a system of its own: under load, faults and abuse
    #[command(after_help = PROVE, args_conflicts_with_subcommands = true)]
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

/// Mails that nobody sent.
#[derive(Debug, Subcommand)]
pub enum Mails {
    /// Write every mail of the product, with sample data, to files, and print the path of a page that shows them all
    Preview {
        /// The folder for the files [default: target/mails]
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
    },
}

/// Proofs about the deployed stack: slow, and by hand.
#[derive(Debug, Subcommand)]
pub enum DeployedProof {
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

impl CommandLine {
    /// What this process was started with. Asking for help, or what nobody understands, ends it.
    pub fn read() -> Self {
        Self::parse_from(keep_separator(std::env::args_os().collect()))
    }
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
