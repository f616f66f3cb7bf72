//! The tests of the whole backend, against functions that run. `cargo dev test` starts what they need.

mod comments;
mod conventions;
mod database;
mod faults;
mod idempotency;
mod input;
mod jwks;
mod lambda_host;
mod list_parameters;
mod logs;
mod openapi;
mod operations;
mod paging;
mod project_members;
mod projects;
mod races;
mod rights;
mod round_trips;
mod shapes;
mod stack;
mod task_lists;
mod tasks;
mod template;
mod tokens;
mod workspace_members;
mod workspaces;
