//! The local system: what `cargo dev` starts, and what the tests and benchmarks share with it.

pub mod lambda_host;
pub mod postgres;
pub mod tokens;
