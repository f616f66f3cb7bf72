//! What the functions are compared with by `cargo dev bench`: programs that do only what cannot be avoided.
//!
//! - `floor-function`: a Lambda function that answers every request with the same few words.
//! - `floor-calls`: the statements that a function sends, and the messages, without anything around them.

/// What `floor-calls` is to do, as JSON on its first line of input.
#[derive(Debug, serde::Deserialize)]
pub struct Order {
    /// The database.
    pub url: String,
    /// The file with the certificate of whoever vouches for the server. Without it there is no TLS.
    pub ca: Option<std::path::PathBuf>,
    /// The requests: each is what a function sends for it in one flight.
    pub requests: Vec<Vec<Sent>>,
    /// The queue to which a message goes after the statements of each request.
    pub queue: Option<String>,
}

/// Something that a function sends to the database.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// A statement without parameters that gives no rows, such as `BEGIN`.
    Simple(String),
    /// A statement with its parameters, as they are on the wire.
    Statement {
        /// The statement.
        sql: String,
        /// The types of the parameters that the function names, as PostgreSQL numbers them.
        types: Vec<u32>,
        /// The parameters, in PostgreSQL's binary format.
        params: Vec<Option<Vec<u8>>>,
    },
}
