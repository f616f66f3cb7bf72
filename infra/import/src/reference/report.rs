//! What became of the rows: in a few lines for people, and of every row of which there is something to say as JSON. Ids only,
//! no names and no addresses.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::pin::pin;

use anyhow::Context as _;
use futures::TryStreamExt as _;
use serde::Serialize;
use tokio_postgres::{Client, Row};

use super::tables::{TABLES, Table};
use super::write::Written;

/// The fates, in the order in which they are told.
const FATES: [&str; 5] = ["inserted", "updated", "unchanged", "kept", "skipped"];

/// What became of all tables.
pub struct Report {
    tables: Vec<TableReport>,
    reminders: Option<i64>,
}

#[derive(Serialize)]
struct TableReport {
    #[serde(skip)]
    table: &'static Table,
    read: i64,
    #[serde(flatten)]
    fates: BTreeMap<String, i64>,
    /// Planned to be written, but changed in Cairn before that.
    changed_meanwhile: i64,
    said: Vec<Said>,
}

/// Something that is to be said of several rows.
#[derive(Serialize)]
struct Said {
    what: String,
    text: String,
    rows: i64,
    examples: Vec<String>,
}

#[derive(Serialize)]
struct RowReport<'a> {
    table: &'a str,
    old_id: &'a str,
    id: &'a str,
    fate: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<&'a str>,
}

impl Report {
    /// Reads what is planned.
    pub async fn read(target: &Client) -> anyhow::Result<Self> {
        let mut tables = Vec::new();
        for table in &TABLES {
            let counts = table.with_name(include_str!("counts.sql"));
            let rows = target.query(&counts, &[]).await?;
            tables.push(TableReport::new(table, &rows)?);
        }
        Ok(Self {
            tables,
            reminders: None,
        })
    }

    /// Adds what was done of it.
    pub fn written(&mut self, written: &Written) {
        self.reminders = Some(written.reminders);
        for (report, written) in self.tables.iter_mut().zip(&written.rows) {
            let planned = report.count("inserted") + report.count("updated");
            report.changed_meanwhile = planned - written;
        }
    }

    /// The report in a few lines.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for table in &self.tables {
            table.write_to(&mut text);
        }
        match self.reminders {
            Some(reminders) => {
                let _ = writeln!(
                    text,
                    "{reminders} tasks will get a schedule for their reminder."
                );
            }
            None => text.push_str("This was a dry run: nothing was written.\n"),
        }
        text
    }

    /// Writes the report with all rows of which there is something to say.
    pub async fn save(&self, target: &Client, path: &Path) -> anyhow::Result<()> {
        self.save_to(target, path)
            .await
            .with_context(|| format!("{} cannot be written", path.display()))
    }

    async fn save_to(&self, target: &Client, path: &Path) -> anyhow::Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        let tables: BTreeMap<_, _> = self
            .tables
            .iter()
            .map(|one| (one.table.name, one))
            .collect();
        let dry_run = self.reminders.is_none();
        write!(file, "{{\"dry_run\":{dry_run},\"reminders\":")?;
        serde_json::to_writer(&mut file, &self.reminders)?;
        write!(file, ",\"tables\":")?;
        serde_json::to_writer(&mut file, &tables)?;
        write!(file, ",\"rows\":[")?;
        let mut separator = "\n";
        for table in &TABLES {
            let sql = table.with_name(include_str!("rows.sql"));
            let mut rows = pin!(target.query_raw(&sql, None::<i64>).await?);
            while let Some(row) = rows.try_next().await? {
                write!(file, "{separator}")?;
                serde_json::to_writer(&mut file, &RowReport::new(table, &row)?)?;
                separator = ",\n";
            }
        }
        writeln!(file, "\n]}}")?;
        Ok(file.flush()?)
    }
}

impl TableReport {
    fn new(table: &'static Table, rows: &[Row]) -> Result<Self, tokio_postgres::Error> {
        let mut report = Self {
            table,
            read: 0,
            fates: BTreeMap::new(),
            changed_meanwhile: 0,
            said: Vec::new(),
        };
        for row in rows {
            let (what, said): (String, String) = (row.try_get("what")?, row.try_get("said")?);
            let rows = row.try_get("rows")?;
            if what == "fate" {
                report.read += rows;
                report.fates.insert(said, rows);
            } else {
                report.said.push(Said {
                    what,
                    text: said,
                    rows,
                    examples: row.try_get("examples")?,
                });
            }
        }
        Ok(report)
    }

    fn count(&self, fate: &str) -> i64 {
        self.fates.get(fate).copied().unwrap_or(0)
    }

    fn write_to(&self, text: &mut String) {
        let fates: Vec<String> = FATES
            .into_iter()
            .filter(|fate| self.count(fate) > 0)
            .map(|fate| format!("{} {fate}", self.count(fate)))
            .collect();
        let fates = match fates.as_slice() {
            [] => "none".to_owned(),
            fates => fates.join(", "),
        };
        let _ = writeln!(text, "{:<26}{:>9}: {fates}", self.table.called, self.read);
        if self.changed_meanwhile > 0 {
            let rows = self.changed_meanwhile;
            let _ = writeln!(
                text,
                "    {rows} changed in Cairn in the meantime and were left: run the import again"
            );
        }
        for said in &self.said {
            let Said {
                what,
                text: said,
                rows,
                examples,
            } = said;
            let more = usize::try_from(*rows).is_ok_and(|rows| rows > examples.len());
            let more = if more { ", …" } else { "" };
            let examples = examples.join(", ");
            let _ = writeln!(text, "    {what}: {rows} × {said} ({examples}{more})");
        }
    }
}

impl<'a> RowReport<'a> {
    fn new(table: &'a Table, row: &'a Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            table: table.name,
            old_id: row.try_get("old_id")?,
            id: row.try_get("id")?,
            fate: row.try_get("fate")?,
            reason: row.try_get("reason")?,
            notes: row.try_get("notes")?,
        })
    }
}
