//! The lines that functions log, which the local AWS also writes to one file.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// How much of a long log is looked at.
const LOOKED_AT: u64 = 4 * 1024 * 1024;

/// The log of all functions.
#[derive(Debug, Clone)]
pub struct FunctionLog {
    path: PathBuf,
}

/// A line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// When it was written.
    pub at: Option<Timestamp>,
    /// How serious it is; nothing where the line does not say.
    pub level: Option<Level>,
    /// The function's name, without the stage.
    pub function: String,
    /// What happened.
    pub message: String,
    /// The invocation it belongs to.
    pub request_id: Option<String>,
    /// Whether it is a measurement for CloudWatch.
    pub is_metric: bool,
    /// What else it says.
    pub fields: Vec<(String, String)>,
}

/// How serious a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `DEBUG`, and what is even less.
    Debug,
    /// `INFO`.
    Info,
    /// `WARN`.
    Warn,
    /// `ERROR`.
    Error,
}

/// Which lines are wanted; by default all but measurements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this function only.
    pub function: Option<String>,
    /// As serious as this at least. Lines that do not say count as most serious: it is trouble that speaks otherwise.
    pub level: Option<Level>,
    /// Of this invocation only.
    pub request_id: Option<String>,
    /// Measurements, too.
    pub metrics: bool,
}

/// What was found, in the order of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The lines.
    pub lines: Vec<Line>,
    /// Where in the file the next begins.
    pub end: u64,
}

impl FunctionLog {
    /// The log in the file at `path`.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The end of the log.
    pub fn newest(&self) -> anyhow::Result<Found> {
        let length = self.open()?.metadata()?.len();
        let start = length.saturating_sub(LOOKED_AT);
        let mut found = self.since(start)?;
        if start > 0 && !found.lines.is_empty() {
            // Most likely it was cut off.
            found.lines.remove(0);
        }
        Ok(found)
    }

    /// What was written since the file was `start` bytes long. A shorter file is a new one.
    pub fn since(&self, start: u64) -> anyhow::Result<Found> {
        let mut file = self.open()?;
        let length = file.metadata()?.len();
        let start = if length < start { 0 } else { start };
        file.seek(SeekFrom::Start(start))?;
        let mut written = Vec::new();
        file.take(LOOKED_AT).read_to_end(&mut written)?;
        // A line without its end is still being written.
        let whole = written
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |position| position + 1);
        let lines = String::from_utf8_lossy(&written[..whole])
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(Line::read)
            .collect();
        Ok(Found {
            lines,
            end: start + whole as u64,
        })
    }

    fn open(&self) -> anyhow::Result<File> {
        File::open(&self.path).with_context(|| format!("Cannot read {}", self.path.display()))
    }
}

impl Line {
    fn read(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Self::of(fields),
            _ => Self {
                message: text.to_owned(),
                ..Self::default()
            },
        }
    }

    fn of(mut fields: Map<String, Value>) -> Self {
        let mut take = |name: &str| fields.remove(name).as_ref().map(text);
        let at = take("timestamp").and_then(|time| time.parse().ok());
        let level = take("level").and_then(|level| Level::named(&level));
        let request_id = take("request_id");
        let function = take("function").or_else(|| take("FunctionName"));
        let message = take("message");
        take("FunctionVersion");
        let is_metric = fields.remove("_aws").is_some();
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect();
        Self {
            at,
            level,
            function: short_name(&function.unwrap_or_default()),
            message: message.unwrap_or_else(|| if is_metric { "metric" } else { "" }.to_owned()),
            request_id,
            is_metric,
            fields,
        }
    }

    /// The value of one of its further fields.
    pub fn field(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(known, _)| known == name);
        field.map(|(_, value)| value.as_str())
    }
}

impl Filter {
    /// Whether a line is wanted.
    pub fn lets_pass(&self, line: &Line) -> bool {
        let is = |wanted: &Option<String>, given: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == given
        };
        (self.metrics || !line.is_metric)
            && is(&self.function, Some(&line.function))
            && is(&self.request_id, line.request_id.as_deref())
            && (line.level.is_none() || line.level >= self.level)
    }
}

impl Level {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "TRACE" | "DEBUG" => Self::Debug,
            "INFO" => Self::Info,
            "WARN" => Self::Warn,
            "ERROR" | "FATAL" => Self::Error,
            _ => return None,
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// `worker` of `cairn-local-worker`.
fn short_name(function: &str) -> String {
    let short = function
        .strip_prefix("cairn-")
        .and_then(|rest| rest.split_once('-'));
    short.map_or(function, |(_, name)| name).to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const LINE: &str = r#"{"timestamp":"2026-01-01T00:00:00.5Z","level":"WARN","message":"slow","function":"cairn-local-worker","request_id":"r1","tries":2}"#;

    #[test]
    fn a_line_is_read_with_its_fields() {
        let line = Line::read(LINE);
        assert_eq!(line.level, Some(Level::Warn));
        assert_eq!(
            (line.function.as_str(), line.message.as_str()),
            ("worker", "slow")
        );
        assert_eq!(line.request_id.as_deref(), Some("r1"));
        assert_eq!(line.field("tries"), Some("2"));
        let other = Line::read("thread panicked");
        assert_eq!(
            (other.level, other.message.as_str()),
            (None, "thread panicked")
        );
    }

    #[test]
    fn a_filter_takes_what_is_wanted_and_trouble_that_does_not_say_how_serious_it_is() {
        let line = Line::read(LINE);
        let passes = |filter: Filter| filter.lets_pass(&line);
        let of = |function: &str| Some(function.to_owned());
        assert!(passes(Filter::default()));
        assert!(passes(Filter {
            level: Some(Level::Warn),
            function: of("worker"),
            ..Filter::default()
        }));
        assert!(!passes(Filter {
            level: Some(Level::Error),
            ..Filter::default()
        }));
        assert!(!passes(Filter {
            function: of("relay"),
            ..Filter::default()
        }));
        assert!(!passes(Filter {
            request_id: of("r2"),
            ..Filter::default()
        }));
        let raw = Line::read("Killed");
        assert!(
            Filter {
                level: Some(Level::Error),
                ..Filter::default()
            }
            .lets_pass(&raw)
        );
        let metric = Line::read(r#"{"_aws":{},"FunctionName":"cairn-local-relay","OutboxDead":0}"#);
        assert!(!Filter::default().lets_pass(&metric));
        assert!(
            Filter {
                metrics: true,
                ..Filter::default()
            }
            .lets_pass(&metric)
        );
    }

    #[test]
    fn only_whole_lines_are_read_and_each_once() {
        let path = std::env::temp_dir().join(format!("cairn-log-{}", uuid::Uuid::now_v7()));
        let log = FunctionLog::at(path.clone());
        let mut file = File::create(&path).expect("the file can be made");
        write!(file, "one\ntw").expect("it can be written");
        let found = log.newest().expect("it can be read");
        assert_eq!((found.lines.len(), found.end), (1, 4));
        writeln!(file, "o").expect("it can be written");
        let found = log.since(found.end).expect("it can be read");
        assert_eq!(found.lines[0].message, "two");
        assert_eq!(log.since(found.end).expect("it can be read").lines, []);
        std::fs::remove_file(path).expect("the file can be removed");
    }
}
