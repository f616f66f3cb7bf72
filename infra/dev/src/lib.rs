//! The local system: what `cargo dev` starts, and what the tests and benchmarks share with it.

pub mod lambda_host;
pub mod launched;
pub mod places;
pub mod postgres;
pub mod python;
pub mod tokens;
