//! The tables, in the order in which they refer to each other.

/// How one table is brought over.
pub struct Table {
    /// Its name in Cairn. That of the temporary tables: `old_…`, `new_…` and `gone_…`.
    pub name: &'static str,
    /// What its rows are called.
    pub called: &'static str,
    /// Reads the old table, in the order of the columns of `old_…`.
    pub read: &'static str,
    /// Makes `new_…`, which says of each row what becomes of it.
    pub plan: &'static str,
    /// Holds what the rows from `$1` to `$2` depend on until they are written.
    pub lock: Option<&'static str>,
    /// Writes the rows from `$1` to `$2`; the first column of the answer is how many.
    pub write: &'static str,
}

macro_rules! table {
    ($name:literal, $called:literal, $lock:expr) => {
        Table {
            name: $name,
            called: $called,
            read: include_str!(concat!($name, "/read.sql")),
            plan: include_str!(concat!($name, "/plan.sql")),
            lock: $lock,
            write: include_str!(concat!($name, "/write.sql")),
        }
    };
}

/// All tables. The old system's billing tables are not read.
pub const TABLES: [Table; 7] = [
    table!("users", "users", Some(include_str!("users/lock.sql"))),
    table!(
        "workspaces",
        "workspaces",
        Some(include_str!("workspaces/lock.sql"))
    ),
    table!(
        "workspace_members",
        "memberships in workspaces",
        Some(include_str!("workspace_members/lock.sql"))
    ),
    table!("projects", "projects", None),
    table!("project_members", "memberships in projects", None),
    table!("tasks", "tasks", None),
    table!("comments", "comments", None),
];

impl Table {
    /// A statement for this table, made from one for `{table}`.
    pub fn with_name(&self, sql: &str) -> String {
        sql.replace("{table}", self.name)
    }
}
