//! What was measured, as tables for people and as JSON for programs.

use std::fmt;
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

/// Figures of one kind. A table is Markdown, with its columns aligned for the terminal.
pub struct Table {
    title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Table {
    /// An empty table. The first column is text, all others are numbers.
    pub fn new(title: impl Into<String>, head: Vec<String>) -> Self {
        Self {
            title: title.into(),
            head,
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a row with as many cells as the head has.
    pub fn push(&mut self, row: Vec<String>) {
        debug_assert_eq!(row.len(), self.head.len());
        self.rows.push(row);
    }

    /// Adds a sentence below the table.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: Vec<usize> = (0..self.head.len())
            .map(|column| {
                let cells = std::iter::once(&self.head).chain(&self.rows);
                let widest = cells
                    .map(|row| row.get(column).map_or(0, |cell| cell.chars().count()))
                    .max();
                widest.unwrap_or_default().max(3)
            })
            .collect();
        let line = |f: &mut fmt::Formatter<'_>, row: &[String]| {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                if column == 0 {
                    write!(f, "| {cell:<width$} ")?;
                } else {
                    write!(f, "| {cell:>width$} ")?;
                }
            }
            writeln!(f, "|")
        };
        writeln!(f, "{}\n", self.title)?;
        line(f, &self.head)?;
        for (column, width) in widths.iter().enumerate() {
            if column == 0 {
                write!(f, "|{}", "-".repeat(width + 2))?;
            } else {
                write!(f, "|{}:", "-".repeat(width + 1))?;
            }
        }
        writeln!(f, "|")?;
        for row in &self.rows {
            line(f, row)?;
        }
        for note in &self.notes {
            writeln!(f, "\n{note}")?;
        }
        Ok(())
    }
}

/// Megabytes, as in Lambda's console.
#[expect(clippy::cast_precision_loss, reason = "nothing here has 2^52 bytes")]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// What one sub-command measured.
pub struct Section {
    name: &'static str,
    tables: Vec<Table>,
    figures: Value,
}

impl Section {
    /// `figures` are what the tables show, unrounded.
    pub fn new(name: &'static str, tables: Vec<Table>, figures: Value) -> Self {
        Self {
            name,
            tables,
            figures,
        }
    }
}

/// All that a run measured.
pub struct Report {
    machine: Value,
    sections: Map<String, Value>,
}

impl Report {
    /// An empty report of this machine.
    pub fn new(machine: Value) -> Self {
        Self {
            machine,
            sections: Map::new(),
        }
    }

    /// Says what PostgreSQL was measured.
    pub fn set_postgres(&mut self, version: &str) {
        self.machine["postgres"] = version.into();
        println!("PostgreSQL {version}, with one client at a time");
    }

    /// Prints a section, and keeps its figures.
    pub fn add(&mut self, section: Section) {
        for table in section.tables.iter().filter(|table| !table.rows.is_empty()) {
            println!("\n{table}");
        }
        self.sections
            .insert(section.name.to_owned(), section.figures);
    }

    /// Writes everything as JSON.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let report = json!({"machine": self.machine, "sections": self.sections});
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("Cannot create {}", folder.display()))?;
        }
        std::fs::write(path, format!("{report:#}\n"))
            .with_context(|| format!("Cannot write {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown_and_aligned() {
        let mut table = Table::new("Sizes", vec!["function".to_owned(), "ms".to_owned()]);
        table.push(vec!["a".to_owned(), "1.25".to_owned()]);
        table.push(vec!["größer".to_owned(), "10".to_owned()]);
        let lines = [
            "Sizes",
            "",
            "| function |   ms |",
            "|----------|-----:|",
            "| a        | 1.25 |",
            "| größer   |   10 |",
            "",
        ];
        assert_eq!(table.to_string(), lines.join("\n"));
    }
}
