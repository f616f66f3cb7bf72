//! Lists, whole or in pages. A page goes on after the last item of the page before (its *position* in the list's order),
//! so that nothing that is there is skipped or repeated, whatever is added meanwhile.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::Error;
use crate::db::Row;

/// The page size where the request names none.
const DEFAULT_LIMIT: u8 = 50;
/// How many bytes of a cursor tell whether it is one of ours, and of this list.
const CHECK: usize = 8;
/// The namespace of those checks.
const NAMESPACE: Uuid = Uuid::from_u128(0x0193_6f31_27d4_7d0e_8c52_6f2a_b1c9_d3e4);

/// How a list is asked for: whole, or in pages.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// The size of a page.
    #[serde(default, deserialize_with = "limit")]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, nullable = false, example = 20)]
    limit: Option<u8>,
    /// The `nextCursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", nullable = false, example = example)]
    cursor: Option<String>,
}

/// A list: an array, or with `limit` or `cursor` a page of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Listing<T> {
    /// Everything.
    All(Vec<T>),
    /// A part.
    Page(Page<T>),
}

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    items: Vec<T>,
    /// The `cursor` of the next page; `null` on the last.
    #[schema(required, example = example)]
    next_cursor: Option<String>,
}

/// Where something stands in the order of a list.
pub trait Position: Serialize + DeserializeOwned {
    /// Whether PostgreSQL can hold it. Cursors of ours say nothing else, but anybody can write one that looks like ours.
    fn is_possible(&self) -> bool;
}

impl Position for (Timestamp, Uuid) {
    fn is_possible(&self) -> bool {
        has_a_year(self.0)
    }
}

impl Position for (Timestamp, String) {
    fn is_possible(&self) -> bool {
        has_a_year(self.0) && is_text(&self.1)
    }
}

impl Position for (String, String) {
    fn is_possible(&self) -> bool {
        is_text(&self.0) && is_text(&self.1)
    }
}

fn has_a_year(at: Timestamp) -> bool {
    TimeZone::UTC.to_datetime(at).year() >= 1
}

fn is_text(text: &str) -> bool {
    !text.contains('\0')
}

/// What part of which list to read. `P` is a position in its order.
#[derive(Debug)]
pub struct Part<P> {
    list: String,
    limit: Option<u8>,
    /// Where the page before ended.
    pub after: Option<P>,
}

impl Paging {
    /// The part of the list named `list` (its kind and whose it is) that is asked for; 400 if the cursor is not one of that
    /// list's.
    pub fn part<P: Position>(self, list: &str) -> Result<Part<P>, Error> {
        let after =
            match &self.cursor {
                Some(cursor) => Some(position(list, cursor).ok_or_else(|| {
                    Error::invalid("cursor", "is not the nextCursor of this list")
                })?),
                None => None,
            };
        let limit = self.limit.or(after.is_some().then_some(DEFAULT_LIMIT));
        Ok(Part {
            list: list.to_owned(),
            limit,
            after,
        })
    }

    /// The same for a list that only comes in pages.
    pub fn page<P: Position>(self, list: &str, default_limit: u8) -> Result<Part<P>, Error> {
        let part = self.part(list)?;
        Ok(Part {
            limit: part.limit.or(Some(default_limit)),
            ..part
        })
    }
}

impl<P: Position> Part<P> {
    /// How many rows to read: one more than the page holds tells whether another page follows. `None` reads all.
    pub fn rows_to_read(&self) -> Option<i64> {
        self.limit.map(|limit| i64::from(limit) + 1)
    }

    /// The answer from the rows that were read.
    pub(crate) fn listing<T, E>(
        self,
        rows: Vec<Row>,
        item: impl FnMut(&Row) -> Result<T, E>,
        position: impl Fn(&Row) -> Result<P, tokio_postgres::Error>,
    ) -> Result<Listing<T>, Error>
    where
        Error: From<E>,
    {
        if self.limit.is_some() {
            self.page_of(rows, item, position).map(Listing::Page)
        } else {
            Ok(Listing::All(
                rows.iter().map(item).collect::<Result<_, E>>()?,
            ))
        }
    }

    /// The answer of a list that only comes in pages.
    pub(crate) fn page_of<T, E>(
        self,
        mut rows: Vec<Row>,
        item: impl FnMut(&Row) -> Result<T, E>,
        position: impl Fn(&Row) -> Result<P, tokio_postgres::Error>,
    ) -> Result<Page<T>, Error>
    where
        Error: From<E>,
    {
        let limit = usize::from(self.limit.unwrap_or(DEFAULT_LIMIT));
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = match rows.last() {
            Some(last) if more => Some(cursor(&self.list, &position(last)?)),
            _ => None,
        };
        let items = rows.iter().map(item).collect::<Result<_, E>>()?;
        Ok(Page { items, next_cursor })
    }
}

/// The cursor of the page after `position`, in the list with this name.
pub fn cursor<P: Serialize + ?Sized>(list: &str, position: &P) -> String {
    let position = serde_json::to_vec(position).expect("a position is plain data");
    URL_SAFE_NO_PAD.encode([&check(list, &position)[..], &position].concat())
}

/// What the document shows as a cursor: the one after the task of its examples, among the tasks of their project.
fn example() -> String {
    let created: Timestamp = "2026-11-02T08:15:30.120Z".parse().expect("an instant");
    let task = Uuid::from_u128(0x0d00_0000_0000_7000_8000_0000_0000_0008);
    let project = Uuid::from_u128(0x0b00_0000_0000_7000_8000_0000_0000_0001);
    cursor(&format!("tasks of project {project}"), &(created, task))
}

fn position<P: Position>(list: &str, cursor: &str) -> Option<P> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (claimed, position) = bytes.split_at_checked(CHECK)?;
    let ours = claimed == check(list, position);
    let position: P = ours.then(|| serde_json::from_slice(position).ok())??;
    position.is_possible().then_some(position)
}

/// Not a secret: a position gives nobody rights. It tells mistakes (another list's cursor) from cursors.
fn check(list: &str, position: &[u8]) -> [u8; CHECK] {
    let hash = Uuid::new_v5(&NAMESPACE, &[list.as_bytes(), b"\0", position].concat());
    let mut check = [0; CHECK];
    check.copy_from_slice(&hash.as_bytes()[..CHECK]);
    check
}

fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let limit = text.parse().ok().filter(|limit| (1..=100).contains(limit));
    limit
        .map(Some)
        .ok_or_else(|| D::Error::custom("must be a number from 1 to 100"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::{cursor, position};

    type Named = (String, String);
    type Dated = (Timestamp, Uuid);

    #[test]
    fn a_cursor_fits_its_own_list_only() {
        let at = ("2027-03-01".to_owned(), "7".to_owned());
        let made = cursor("tasks of a", &at);
        assert_eq!(position("tasks of a", &made), Some(at));
        assert_eq!(position::<Named>("tasks of b", &made), None);
        assert_eq!(position::<Dated>("tasks of a", &made), None);
        assert_eq!(
            position::<Named>("tasks of a", "bm90IG9uZSBvZiBvdXJz"),
            None
        );
        assert_eq!(position::<Named>("tasks of a", "%"), None);
    }

    #[test]
    fn a_cursor_that_was_made_to_look_like_ours_says_nothing_impossible() {
        let forged = cursor("all", &("a\0b".to_owned(), String::new()));
        assert_eq!(position::<Named>("all", &forged), None);
        let forged = cursor("all", &(Timestamp::MIN, Uuid::nil()));
        assert_eq!(position::<Dated>("all", &forged), None);
        let forged = cursor("all", &(Timestamp::MIN, String::new()));
        assert_eq!(position::<(Timestamp, String)>("all", &forged), None);
    }
}
