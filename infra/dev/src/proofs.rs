//! The proofs that `cargo dev prove` offers. What they do is in `infra/prove`, a module for each.

use clap::ValueEnum;

/// A proof, by its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Proof {
    /// Clerk's events several times each, shuffled, with forgeries, while the worker is killed: the database is as if all were well
    Storm,
    /// Every id of every operation, replaced by another tenant's and by an unknown one: nobody can tell which it was
    Swap,
    /// Random histories of tasks on a virtual clock: who is reminded of what is what an oracle says
    Reminders,
    /// Requests made up from the served document: no answer is a failure, and each is one that the document names
    Fuzz,
    /// A marked word in every secret, usable or not: it is in no log and no answer
    Secrets,
    /// Functions are killed while tasks are created: what is there is there wholly, with its mail, and the rest not at all
    Outbox,
    /// Messages come again, out of order, and among them some that nobody can follow: one mail each, and only those die
    Redeliver,
    /// The database is killed, paused, cut off, filled up or slow: 503 meanwhile, all well afterwards, nothing half written
    Chaos,
    /// Mixed traffic for a while: memory, connections and the tables that should stay small do not grow
    Soak,
}
