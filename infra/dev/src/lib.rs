//! The local system: what `cargo dev` starts, and what the tests and benchmarks share with it.

pub mod aws;
pub mod cargo_lambda;
pub mod clerk_events;
pub mod database;
pub mod database_proxy;
pub mod demo;
pub mod front_door;
pub mod functions;
pub mod instance;
pub mod lambda_host;
pub mod launched;
pub mod mailbox;
pub mod mails;
pub mod places;
pub mod postgres;
pub mod process_group;
pub mod progress;
pub mod proofs;
pub mod python;
pub mod sam;
pub mod service;
pub mod settings;
pub mod system;
pub mod tokens;
pub mod webhooks;
