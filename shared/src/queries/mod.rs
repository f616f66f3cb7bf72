//! What is asked of the database, by resource. Each function takes the caller: the statement itself checks what they may
//! do, and its `verdict` names the rule that refused, or a read gives a stranger no row. All of a function's statements
//! leave in one round trip. Only what answers no request has no caller: the follow-up of changes (`outbox`, `task_now`,
//! `deliveries`, `reminders`), what is forgotten at night, and Clerk's events.

pub(crate) mod clerk;
pub mod comments;
pub mod daily_use;
pub mod deliveries;
mod kinds;
pub mod outbox;
pub mod projects;
pub mod reminders;
pub mod task_now;
pub mod tasks;
pub mod workspaces;

use uuid::Uuid;

use crate::db::Row;
use crate::{Error, Refusal};

/// What the first row's `verdict` says: NULL is permission, anything else the name of a refusal. A statement whose rules
/// are about things with names gives these as `names`.
fn permitted(rows: &[Row]) -> Result<&Row, Error> {
    let row = rows
        .first()
        .ok_or_else(|| Error::internal("a statement gave no verdict"))?;
    let Some(verdict) = row.try_get::<Option<&str>>("verdict")? else {
        return Ok(row);
    };
    let refusal = Refusal::named(verdict)
        .ok_or_else(|| Error::internal(format!("no refusal is called {verdict}")))?;
    match row.try_get::<Vec<String>>("names") {
        Ok(names) => Err(refusal.about(&names)),
        Err(_) => Err(refusal.into()),
    }
}

/// The one row that is there after permission was given; the refusal named `otherwise` if it vanished meanwhile.
fn one<T>(
    rows: &[Row],
    from_row: impl Fn(&Row) -> Result<T, tokio_postgres::Error>,
    otherwise: &'static str,
) -> Result<T, Error> {
    match rows.first() {
        Some(row) => Ok(from_row(row)?),
        None => Err(refused(otherwise)),
    }
}

/// The rows of a list whose statement gives whoever may see it a row at least, without an id if nothing is on it; the
/// refusal named `otherwise` if there is none.
fn listed(mut rows: Vec<Row>, otherwise: &'static str) -> Result<Vec<Row>, Error> {
    let first = rows.first().ok_or_else(|| refused(otherwise))?;
    if first.try_get::<Option<Uuid>>("id")?.is_none() {
        rows.clear();
    }
    Ok(rows)
}

fn refused(name: &'static str) -> Error {
    Refusal::named(name).map_or_else(
        || Error::internal(format!("no refusal is called {name}")),
        Error::from,
    )
}

#[cfg(test)]
mod tests {
    use crate::Refusal;

    /// Every verdict a statement can give is in the table of refusals.
    #[test]
    fn every_verdict_has_an_answer() {
        let mut verdicts = 0;
        let queries = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/queries");
        for folder in std::fs::read_dir(queries).expect("the queries") {
            let folder = folder.expect("a folder").path();
            for file in folder
                .is_dir()
                .then(|| std::fs::read_dir(&folder).expect("a folder"))
                .into_iter()
                .flatten()
            {
                let path = file.expect("a file").path();
                let sql = std::fs::read_to_string(&path).expect("text");
                for verdict in sql
                    .split("THEN '")
                    .skip(1)
                    .filter_map(|rest| rest.split('\'').next())
                {
                    assert!(
                        Refusal::named(verdict).is_some(),
                        "{verdict} of {} is not in refusal.rs",
                        path.display()
                    );
                    verdicts += 1;
                }
            }
        }
        assert!(
            verdicts > 20,
            "only {verdicts} verdicts were found: look at how they are written"
        );
    }
}
