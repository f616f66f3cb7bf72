//! What all pages have in common: the frame around them, times, and how trouble is told.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use jiff::{SignedDuration, Timestamp};

/// The pages that the navigation leads to, and their names.
const SECTIONS: [(&str, &str); 10] = [
    ("/", "Overview"),
    ("/mails", "Mails"),
    ("/schedules", "Schedules"),
    ("/queues", "Queues"),
    ("/outbox", "Outbox"),
    ("/requests", "Requests"),
    ("/logs", "Logs"),
    ("/users", "Users"),
    ("/clerk-events", "Clerk events"),
    ("/docs", "API docs"),
];

/// What was asked for, or why it could not be had, in a sentence that stands in its place.
pub type Told<T> = Result<T, String>;

/// A failure as a sentence.
pub fn told<T>(result: anyhow::Result<T>) -> Told<T> {
    result.map_err(|error| {
        let sentence = format!("{error:#}");
        if sentence.ends_with('.') {
            sentence
        } else {
            format!("{sentence}.")
        }
    })
}

/// The frame of a page.
#[derive(Debug)]
pub struct Frame {
    /// The title, also the heading.
    pub title: String,
    /// The section it belongs to: its path.
    pub section: &'static str,
    /// When it was made.
    pub made: Moment,
    /// After how many seconds it looks again, if it is about something under way.
    pub again: Option<u8>,
}

impl Frame {
    /// The frame of the section at `path`.
    pub fn of(path: &'static str) -> Self {
        let name = SECTIONS.iter().find(|(known, _)| *known == path);
        Self::within(path, name.map_or("", |(_, name)| name))
    }

    /// The frame of a page within the section at `path`.
    pub fn within(path: &'static str, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            section: path,
            made: Moment::now(),
            again: None,
        }
    }

    /// Path and name of each section, and whether this page is in it.
    pub fn sections(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        SECTIONS
            .iter()
            .map(|(path, name)| (*path, *name, *path == self.section))
    }
}

/// A page, or in the end a sentence.
pub fn show(page: &impl Template) -> Response {
    show_with(StatusCode::OK, page)
}

/// The same with a status.
pub fn show_with(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            let sentence = format!("The page cannot be made: {error}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response()
        }
    }
}

#[derive(Template)]
#[template(path = "console/trouble.html")]
struct Trouble {
    frame: Frame,
    sentence: String,
}

/// A page that only says what is wrong, within the section at `path`.
pub fn trouble(status: StatusCode, path: &'static str, sentence: impl Into<String>) -> Response {
    let page = Trouble {
        frame: Frame::within(path, status.canonical_reason().unwrap_or("Trouble")),
        sentence: sentence.into(),
    };
    show_with(status, &page)
}

/// The answer where nothing is.
pub async fn no_such_page() -> Response {
    let sentence = "There is no such page. The navigation leads to those there are.";
    trouble(StatusCode::NOT_FOUND, "", sentence)
}

/// A time, shown in UTC and beside it as seen from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(Timestamp);

impl Moment {
    /// The present.
    pub fn now() -> Self {
        Self(Timestamp::now())
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<time datetime=\"{}\">{} <span class=\"relative\">{}</span></time>",
            self.0.strftime("%Y-%m-%dT%H:%M:%SZ"),
            self.0.strftime("%Y-%m-%d %H:%M:%S UTC"),
            relative(self.0.duration_since(Timestamp::now()))
        )
    }
}

// Digits and words of ours.
impl HtmlSafe for Moment {}

/// `in 3 h` or `5 min ago`: the largest unit, rounded down, because a person asks for no more.
fn relative(until: SignedDuration) -> String {
    let seconds = until.as_secs().unsigned_abs();
    let (number, unit) = match seconds {
        0..60 => (seconds, "s"),
        60..3_600 => (seconds / 60, "min"),
        3_600..86_400 => (seconds / 3_600, "h"),
        86_400..172_800 => (1, "day"),
        _ => (seconds / 86_400, "days"),
    };
    if until.is_negative() || seconds == 0 {
        format!("{number} {unit} ago")
    } else {
        format!("in {number} {unit}")
    }
}

/// A duration as `12 ms`, or `1.2 s` where it is long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Took(pub std::time::Duration);

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.as_secs() == 0 {
            write!(f, "{} ms", self.0.as_millis())
        } else {
            write!(f, "{:.1} s", self.0.as_secs_f64())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_seen_from_now() {
        for (seconds, said) in [
            (0, "0 s ago"),
            (-59, "59 s ago"),
            (61, "in 1 min"),
            (-7_199, "1 h ago"),
            (86_400, "in 1 day"),
            (-900_000, "10 days ago"),
        ] {
            assert_eq!(relative(SignedDuration::from_secs(seconds)), said);
        }
    }
}
