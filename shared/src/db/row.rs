//! Rows of an answer.

use std::cell::Cell;

use tokio_postgres::types::FromSql;

/// A row, read by the names of its columns.
///
/// A name is looked for from behind the one that was found before: who reads in about the order of the statement compares one
/// name or two for each, where the driver begins with the first each time.
#[derive(Debug)]
pub struct Row {
    row: tokio_postgres::Row,
    next: Cell<usize>,
}

impl From<tokio_postgres::Row> for Row {
    fn from(row: tokio_postgres::Row) -> Self {
        Self {
            row,
            next: Cell::default(),
        }
    }
}

impl Row {
    /// The value of the column with this name. An error if there is none, or if it holds something else.
    pub fn try_get<'r, T: FromSql<'r>>(&'r self, name: &str) -> Result<T, tokio_postgres::Error> {
        let columns = self.row.columns();
        let (before, behind) = columns.split_at(self.next.get());
        debug_assert!(
            columns
                .iter()
                .filter(|column| column.name() == name)
                .count()
                < 2,
            "two columns are called {name}"
        );
        let mut from_here = behind.iter().chain(before);
        let Some(passed) = from_here.position(|column| column.name() == name) else {
            // It says so.
            return self.row.try_get(name);
        };
        let found = (self.next.get() + passed) % columns.len();
        self.next.set(found + 1);
        self.row.try_get(found)
    }
}
