//! The tests of the whole backend, against functions that run. `cargo dev test` starts what they need.

mod lambda_host;
