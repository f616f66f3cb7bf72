//! Answers of a statement that gives several kinds of things at once: each row's `kind` says what it is. People come once
//! each, however many tasks and comments name them.

use std::cell::OnceCell;
use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::Error;
use crate::db::Row;
use crate::model::{Nested, ShortUser, Time, User};

/// The rows of each of these kinds, in this order.
pub(super) fn of_kinds<const N: usize>(
    rows: Vec<Row>,
    kinds: [&str; N],
) -> Result<[Vec<Row>; N], Error> {
    let mut found = [const { Vec::new() }; N];
    for row in rows {
        let kind: &str = row.try_get("kind")?;
        let place = kinds.iter().position(|known| *known == kind);
        let place = place
            .ok_or_else(|| Error::internal(format!("a statement gave rows of the kind {kind}")))?;
        found[place].push(row);
    }
    Ok(found)
}

/// The rows by `created_at`, then `id`. So they come from the server, but UNION ALL does not promise it.
pub(super) fn oldest_first(rows: Vec<Row>) -> Result<Vec<Row>, Error> {
    let mut dated = rows
        .into_iter()
        .map(|row| Ok((position(&row)?, row)))
        .collect::<Result<Vec<_>, Error>>()?;
    dated.sort_by_key(|(position, _)| *position);
    Ok(dated.into_iter().map(|(_, row)| row).collect())
}

/// Where a row stands in a list by age.
pub(super) fn position(row: &Row) -> Result<(Timestamp, Uuid), tokio_postgres::Error> {
    let Time(created) = row.try_get("created_at")?;
    Ok((created, row.try_get("id")?))
}

/// The people of an answer.
pub(super) struct People(HashMap<String, Person>);

/// Somebody, as answers show them: written when first needed.
pub(super) struct Person {
    user: User,
    with_address: OnceCell<Nested<User>>,
    without: OnceCell<Nested<ShortUser>>,
}

impl Person {
    /// With the address.
    pub(super) fn user(&self) -> Nested<User> {
        let user = || Nested::shared(&self.user);
        self.with_address.get_or_init(user).clone()
    }

    /// Without.
    pub(super) fn short(&self) -> Nested<ShortUser> {
        let user = || Nested::shared(&ShortUser::from(&self.user));
        self.without.get_or_init(user).clone()
    }
}

impl People {
    /// From the rows of the kind `person`.
    pub(super) fn from_rows(rows: &[Row]) -> Result<Self, Error> {
        let people = rows.iter().map(|row| {
            let user = User::from_row(row)?;
            let id = user.id.as_str().to_owned();
            let person = Person {
                user,
                with_address: OnceCell::new(),
                without: OnceCell::new(),
            };
            Ok((id, person))
        });
        Ok(Self(people.collect::<Result<_, Error>>()?))
    }

    /// The person that a row's `user_id` names.
    pub(super) fn of(&self, row: &Row) -> Result<&Person, Error> {
        let id: &str = row.try_get("user_id")?;
        let person = self.0.get(id);
        person.ok_or_else(|| Error::internal("a statement named a person that it did not give"))
    }
}
