//! The shape of a log line: `timestamp`, `level`, `message`, `function`, then the fields of the spans it was written in (the
//! invocation's `request_id`) and its own, each name once. Lambda needs the first two to filter by level.

use std::fmt;

use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, Scope};

use super::output::write;

/// Writes each event as a line of JSON.
pub(super) struct JsonLines {
    function: String,
}

impl JsonLines {
    /// Lines of the function that the environment names.
    pub(super) fn from_env() -> Self {
        Self {
            function: std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default(),
        }
    }
}

impl<S> Layer<S> for JsonLines
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(Scope::from_root)
        {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.extend(of_span);
            }
        }
        event.record(&mut fields);
        write(&Line {
            at: Timestamp::now(),
            level: *event.metadata().level(),
            function: &self.function,
            fields: &fields,
        });
    }
}

/// Values by name. There are few, so that looking through them all is quickest.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, Value)>,
}

impl Fields {
    fn set(&mut self, name: &'static str, value: Value) {
        match self.others.iter_mut().find(|(other, _)| *other == name) {
            Some(field) => field.1 = value,
            None => self.others.push((name, value)),
        }
    }

    fn extend(&mut self, others: &Self) {
        for (name, value) in &others.others {
            self.set(name, value.clone());
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        match field.name() {
            "message" => self.message = text,
            name => self.set(name, text.into()),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => value.clone_into(&mut self.message),
            name => self.set(name, value.into()),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value.into());
    }
}

struct Line<'a> {
    at: Timestamp,
    level: Level,
    function: &'a str,
    fields: &'a Fields,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry("timestamp", &self.at)?;
        line.serialize_entry("level", self.level.as_str())?;
        line.serialize_entry("message", &self.fields.message)?;
        line.serialize_entry("function", self.function)?;
        for (name, value) in &self.fields.others {
            line.serialize_entry(name, value)?;
        }
        line.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::logs::output::lines_of;

    #[test]
    fn a_line_has_its_own_fields_and_those_of_its_spans_each_once() {
        let layer = JsonLines {
            function: "cairn-dev-worker".to_owned(),
        };
        let subscriber = tracing_subscriber::registry().with(layer);
        let write_lines = || {
            let outer = tracing::error_span!("invocation", request_id = "1", kind = "outer");
            let _outer = outer.enter();
            let inner = tracing::info_span!("inner", later = tracing::field::Empty);
            inner.record("later", true);
            let _inner = inner.enter();
            let cause: Option<&str> = None;
            tracing::warn!(
                kind = "own",
                receives = 3,
                cause,
                duration_ms = 0.5,
                "it {}",
                "failed"
            );
        };
        let written = lines_of(|| tracing::subscriber::with_default(subscriber, write_lines));
        let text = std::str::from_utf8(&written).expect("text");
        assert!(text.starts_with(r#"{"timestamp":""#) && text.ends_with("}\n"));
        assert_eq!(text.matches(r#""kind""#).count(), 1, "{text}");
        let mut line: Value = serde_json::from_str(text).expect("one line of JSON");
        let at = line["timestamp"].take();
        let at: Result<Timestamp, _> = at.as_str().expect("a time").parse();
        at.expect("a time as in RFC 3339");
        let expected = json!({
            "timestamp": null, "level": "WARN", "message": "it failed", "function": "cairn-dev-worker",
            "request_id": "1", "kind": "own", "later": true, "receives": 3, "duration_ms": 0.5,
        });
        assert_eq!(line, expected);
    }
}
