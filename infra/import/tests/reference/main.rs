//! Moving in from the database of the system that Cairn replaces: the real program, between two real databases.

mod again;
mod clerk;
mod instance;
mod meanwhile;
mod odd_rows;
mod refusals;
mod service;
mod whole;
