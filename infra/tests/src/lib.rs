//! What the tests share: functions that really run ([`TestApp`]), people and things in a database of their own, requests
//! that read as sentences, an account of the local AWS, and proxies before the database and AWS that count and break.

mod app;
mod aws;
mod aws_proxy;
mod database;
pub mod demo;
mod environment;
mod events;
pub mod kills;
mod lock;
pub mod mail_samples;
pub mod openapi;
pub mod operations;
mod people;
mod proxy;
pub mod reminder_model;
mod request;
mod stack;
mod things;
mod world;

pub use cairn_dev::database_proxy::{Behaviour, DatabaseProxy};

pub use app::{ISSUER, PARTY, TestApp, TestAppBuilder, WEBHOOK_SECRET};
pub use aws::{Aws, FRONTEND, Mail, Queue, Received, SENDER, Schedule};
pub use aws_proxy::{AwsProxy, Call, Fault, Faults, Hold, Moment, Operation};
pub use database::TestDatabase;
pub use environment::{background, built_function, required_variable};
pub use events::Delivered;
pub use lock::Lock;
pub use people::User;
pub use proxy::proxy_to_database;
pub use request::{Answer, Client, Request};
pub use stack::{SecondStage, Stack};
pub use world::World;
