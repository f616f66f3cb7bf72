//! Types that hold only valid input: what was read into one needs no further check. Their messages name no Rust type and
//! echo nothing that was sent.

mod date;
mod given;
mod progress;
mod settings;
mod slug;
mod text;

pub use date::{InputDate, date_unless_blank, optional_date, patched_date};
pub use given::{given, nullable, object};
pub use progress::Progress;
pub use settings::SettingsPatch;
pub use slug::Slug;
pub use text::Text;

/// A name or a title.
pub type Name = Text<1, 200>;
/// A description.
pub type Description = Text<0, 10_000>;
/// A comment.
pub type CommentText = Text<1, 10_000>;
/// An address to look up: what is no address is one that nobody has.
pub type EmailLookup = Text<0, 320>;
/// The address of a picture.
pub type ImageUrl = Text<0, 2_048>;

/// How a problem begins that is about too much of something, rather than about a value that is not there.
pub(crate) const TOO_MUCH: &str = "must have at most";

/// The problem of something that has more than `most` of its parts.
pub(crate) fn too_many(most: usize, parts: &str) -> String {
    format!("{TOO_MUCH} {most} {parts}")
}

/// The field a deserializer complains about and its complaint in the contract's words, from the path it had reached
/// (empty or `.` for the whole) and its message, which is without a line and a column: what was read had none left.
pub(crate) fn problem_of(path: &str, message: &str) -> (String, String) {
    let path = if path == "." { "" } else { path };
    let inside = |field: &str| {
        if path.is_empty() {
            field.to_owned()
        } else {
            format!("{path}.{field}")
        }
    };
    let quoted = |prefix: &str| message.strip_prefix(prefix)?.strip_suffix('`');
    if let Some(field) = quoted("missing field `") {
        return (inside(field), "is required".to_owned());
    }
    if let Some(field) = quoted("duplicate field `") {
        // In JSON the path has reached the second one already, in a query string it has not.
        let path = if path.ends_with(field) {
            path.to_owned()
        } else {
            inside(field)
        };
        return (path, "is given twice".to_owned());
    }
    // The last one: what stands before it may quote the value, which may hold these words, too.
    let problem = match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("must be {expected}"),
        None if message.starts_with("must ") => message.to_owned(),
        None => "is not valid".to_owned(),
    };
    (path.to_owned(), problem)
}

#[cfg(test)]
mod tests {
    use super::problem_of;

    #[test]
    fn a_deserializers_words_become_the_contracts() {
        let says = |path, message| {
            let (field, problem) = problem_of(path, message);
            format!("{field} {problem}")
        };
        assert_eq!(says(".", "missing field `title`"), "title is required");
        assert_eq!(
            says("settings", "missing field `x`"),
            "settings.x is required"
        );
        assert_eq!(says(".", "duplicate field `limit`"), "limit is given twice");
        assert_eq!(
            says("name", "duplicate field `name`"),
            "name is given twice"
        );
        assert_eq!(
            says("name", "invalid type: integer `5`, expected text"),
            "name must be text"
        );
        assert_eq!(says("name", "must not be blank"), "name must not be blank");
        assert_eq!(
            says("limit", "invalid digit found in string"),
            "limit is not valid"
        );
    }

    #[test]
    fn what_was_sent_is_not_repeated_even_if_it_reads_like_a_complaint() {
        let message = "unknown variant `a, expected b at line c`, expected one of `X`, `Y`";
        let (_, problem) = problem_of("status", message);
        assert_eq!(problem, "must be one of `X`, `Y`");
    }
}
