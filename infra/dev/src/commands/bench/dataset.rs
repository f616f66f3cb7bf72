//! The data that is measured with (data.sql), and the names of what is in it.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use super::server::Server;

const DATA: &str = include_str!("data.sql");
const KEEP: &str = include_str!("keep.sql");
/// Takes back what measured requests wrote.
pub const RESET: &str = include_str!("reset.sql");

/// The number of workspaces with 20 projects each. In the last of them things are made and deleted, in the others only read
/// and changed.
pub const WORKSPACES: usize = 20;
/// Where things are made and deleted.
pub const SCRATCH: usize = WORKSPACES - 1;
/// The project of 100,000 tasks, and the one of 1,000.
pub const LARGE: usize = 400;
/// See [`LARGE`].
pub const SMALL: usize = 401;

/// Makes a database with the migrations of the functions in `functions`, and fills it.
pub async fn create(server: &Server, name: &str, functions: &Path) -> anyhow::Result<()> {
    let client = server.connect("postgres").await?;
    client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await?;
    let migrate = Command::new(functions.join("migrate"))
        .env_clear()
        .env("DIRECT_URL", server.url(name))
        .stdin(Stdio::null())
        .output()
        .await
        .context("Cannot run the migrate function")?;
    ensure!(
        migrate.status.success(),
        "The database could not be migrated: {}",
        String::from_utf8_lossy(&migrate.stderr).trim()
    );
    let client = server.connect(name).await?;
    // VACUUM stands alone: several statements at once are a transaction.
    for statements in DATA.split_inclusive("COMMIT;") {
        client
            .batch_execute(statements)
            .await
            .context("The data could not be written")?;
    }
    client.batch_execute(KEEP).await?;
    client.batch_execute(RESET).await?;
    client.batch_execute("VACUUM ANALYZE").await?;
    // So that no write of this kind falls into a measurement.
    client.batch_execute("CHECKPOINT").await?;
    Ok(())
}

fn id(kind: &str, n: usize) -> String {
    format!("{kind}-0000-7000-8000-{n:012x}")
}

/// A workspace.
pub fn workspace(w: usize) -> String {
    format!("org_bench_{w}")
}

/// A person of a workspace, the first being its owner, an ADMIN, and the lead of its projects.
pub fn person(workspace: usize, place: usize) -> String {
    format!("user_{}", workspace * 15 + place)
}

/// The address of a person.
pub fn address(n: usize) -> String {
    format!("person.number.{n}@example.com")
}

/// A project by its number: there are 20 of each workspace.
pub fn project(n: usize) -> String {
    id("0b000000", n)
}

/// Who leads a project.
pub fn lead(project: usize) -> String {
    person((project / 20).min(WORKSPACES), 0)
}

/// A task by its place in a project.
pub fn task(project: usize, place: usize) -> String {
    id("0d000000", project * 50 + place)
}

/// A comment of a project's lead: the first of a task. Who comments goes round the 30 people of a workspace, task by task.
pub fn comment_of_lead(project: usize) -> String {
    let task = (project * 50).next_multiple_of(30);
    id("0e000000", task * 3)
}

/// The place of a member of a project who is not its lead, among the people of the workspace.
pub fn member(project: usize) -> usize {
    4 + project % 2
}

/// Something that is there to be deleted.
pub fn gone(kind: &str, n: usize) -> String {
    match kind {
        "project" => id("0bffffff", n),
        "task" => id("0dffffff", n),
        _ => id("0effffff", n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_data() {
        assert_eq!(project(17), "0b000000-0000-7000-8000-000000000011");
        assert_eq!(lead(LARGE), "user_300");
        assert_eq!(lead(SMALL), "user_300");
        assert_eq!(task(1, 2), "0d000000-0000-7000-8000-000000000034");
        assert_eq!(comment_of_lead(1), "0e000000-0000-7000-8000-0000000000b4");
    }

    #[test]
    fn the_data_is_one_transaction_and_what_follows_it() {
        assert_eq!(DATA.matches("COMMIT;").count(), 1);
    }
}
