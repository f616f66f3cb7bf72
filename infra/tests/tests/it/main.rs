//! The tests of the whole backend, against functions that run. `cargo dev test` starts what they need.

mod comments;
mod conventions;
mod database;
mod idempotency;
mod lambda_host;
mod project_members;
mod projects;
mod shapes;
mod task_lists;
mod tasks;
mod workspace_members;
mod workspaces;
