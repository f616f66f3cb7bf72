//! What the tests share: functions that really run ([`TestApp`]), people and things in a database of their own, requests
//! that read as sentences, and a proxy before the database that counts and breaks.

mod app;
mod database;
mod environment;
pub mod openapi;
mod people;
mod proxy;
mod request;
mod stack;
mod things;
mod world;

pub use app::{ISSUER, PARTY, TestApp, TestAppBuilder};
pub use database::TestDatabase;
pub use environment::{background, built_function, required_variable};
pub use people::User;
pub use proxy::{Behaviour, DatabaseProxy};
pub use request::{Answer, Client, Request};
pub use stack::Stack;
pub use world::World;
