//! What `cargo dev bench` asks of `floor-calls` and `floor-route`: a package of its own, since neither is to be built with what the other needs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What `floor-calls` is to do, as JSON on its first line of input.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// The database.
    pub url: String,
    /// The file with the certificate of whoever vouches for the server. Without it there is no TLS.
    pub authority: Option<PathBuf>,
    /// The requests: each is what a function sends for it in one flight.
    pub requests: Vec<Vec<Sent>>,
    /// The queue to which a message goes after the statements of each request.
    pub queue: Option<String>,
}

/// What `floor-route` is to do, as JSON in a file.
#[derive(Debug, Serialize, Deserialize)]
pub struct RouteOrder {
    /// The requests.
    pub order: Order,
    /// What is answered to each.
    pub answers: Vec<Answer>,
}

/// An answer to API Gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, as text.
    pub body: String,
}

/// Something that a function sends to the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// A statement without parameters that gives no rows, such as `BEGIN`.
    Simple(String),
    /// A statement with its parameters.
    Statement {
        /// The statement.
        sql: String,
        /// The types of the parameters that the function names, as PostgreSQL numbers them.
        types: Vec<u32>,
        /// The parameters as they are on the wire, in PostgreSQL's binary format.
        params: Vec<Option<Vec<u8>>>,
    },
}
