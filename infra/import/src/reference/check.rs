//! Whether the two databases are what they are taken for.

use std::collections::BTreeSet;

use anyhow::bail;
use tokio_postgres::{Client, Transaction};

/// The newest migration that the statements here rely on.
const MIGRATION: i32 = 3;

/// What is read of the old database.
const COLUMNS: [(&str, &[&str]); 7] = [
    (
        "User",
        &["id", "name", "email", "image", "createdAt", "updatedAt"],
    ),
    (
        "Workspace",
        &[
            "id",
            "name",
            "slug",
            "description",
            "settings",
            "ownerId",
            "imageUrl",
            "createdAt",
            "updatedAt",
        ],
    ),
    (
        "WorkspaceMember",
        &["id", "workspaceId", "userId", "role", "message"],
    ),
    (
        "Project",
        &[
            "id",
            "workspaceId",
            "name",
            "description",
            "status",
            "priority",
            "progress",
            "start_date",
            "end_date",
            "team_lead",
            "createdAt",
            "updatedAt",
        ],
    ),
    ("ProjectMember", &["id", "projectId", "userId"]),
    (
        "Task",
        &[
            "id",
            "projectId",
            "title",
            "description",
            "status",
            "type",
            "priority",
            "assigneeId",
            "due_date",
            "createdAt",
            "updatedAt",
        ],
    ),
    (
        "Comment",
        &["id", "taskId", "userId", "content", "createdAt"],
    ),
];

/// The old enums, and Cairn's of the same meaning.
const ENUMS: [(&str, &str); 5] = [
    ("WorkspaceRole", "workspace_role"),
    ("ProjectStatus", "project_status"),
    ("Priority", "priority"),
    ("TaskStatus", "task_status"),
    ("TaskType", "task_type"),
];

/// Refuses a target without Cairn's tables.
pub async fn is_migrated(target: &Client) -> anyhow::Result<()> {
    let history = target
        .query_one(
            "SELECT to_regclass('refinery_schema_history') IS NOT NULL",
            &[],
        )
        .await?;
    let version: Option<i32> = if history.try_get(0)? {
        let newest = "SELECT max(version) FROM refinery_schema_history";
        target.query_one(newest, &[]).await?.try_get(0)?
    } else {
        None
    };
    if version < Some(MIGRATION) {
        bail!(
            "Cairn's tables are missing in the target database, or are of an older version: deploy this version of Cairn, or \
             run its migrate program with the same DIRECT_URL, first."
        );
    }
    Ok(())
}

/// Refuses a source that is another database than the old system's.
pub async fn is_of_that_system(source: &Transaction<'_>, target: &Client) -> anyhow::Result<()> {
    let (tables, columns): (Vec<&str>, Vec<&str>) = COLUMNS
        .iter()
        .flat_map(|(table, columns)| columns.iter().map(move |column| (*table, *column)))
        .unzip();
    let missing = source
        .query(include_str!("missing_columns.sql"), &[&tables, &columns])
        .await?;
    let mut named = BTreeSet::new();
    for row in missing {
        let table: &str = row.try_get("table_name")?;
        if row.try_get("table_is_there")? {
            let column: &str = row.try_get("column_name")?;
            named.insert(format!("the column \"{column}\" of \"{table}\""));
        } else {
            named.insert(format!("the table \"{table}\""));
        }
    }
    if !named.is_empty() {
        let named: Vec<_> = named.into_iter().collect();
        bail!(
            "The source is not a database of that system: it has not {}.",
            named.join(", ")
        );
    }
    let unknown = unknown_labels(source, target).await?;
    if !unknown.is_empty() {
        bail!(
            "The source has values that Cairn does not know: {}.",
            unknown.join(", ")
        );
    }
    Ok(())
}

/// Whether the target remembers what imports have brought over.
pub async fn has_ledger(target: &Client) -> Result<bool, tokio_postgres::Error> {
    let sql = "SELECT to_regclass('cairn_import.imported') IS NOT NULL";
    target.query_one(sql, &[]).await?.try_get(0)
}

/// Refuses a target into which an import has brought something without being remembered: what was deleted there since would be
/// brought back.
pub async fn is_new_to_imports(target: &Client) -> anyhow::Result<()> {
    let forgotten = target
        .query_one(include_str!("left_by_import.sql"), &[])
        .await?;
    if forgotten.try_get(0)? {
        bail!(
            "There was an import into this database before, and what it brought over is forgotten (the schema cairn_import is \
             missing). `--again` imports all the same: what was deleted in Cairn since then comes back."
        );
    }
    Ok(())
}

/// The labels of the old enums that Cairn's do not have.
async fn unknown_labels(source: &Transaction<'_>, target: &Client) -> anyhow::Result<Vec<String>> {
    let sql = include_str!("labels.sql");
    let (old, new): (Vec<&str>, Vec<&str>) = ENUMS.into_iter().unzip();
    let known = target.query(sql, &[&new]).await?;
    let known = known
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<BTreeSet<(&str, &str)>, tokio_postgres::Error>>()?;
    let mut unknown = Vec::new();
    for row in source.query(sql, &[&old]).await? {
        let (name, label): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
        let same = ENUMS.iter().find(|(old, _)| *old == name);
        if same.is_some_and(|(_, new)| !known.contains(&(*new, label))) {
            unknown.push(format!("{label} of \"{name}\""));
        }
    }
    Ok(unknown)
}
