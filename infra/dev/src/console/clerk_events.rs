//! A form that delivers events as Clerk does: signed, through the front door.

use std::path::Path;

use anyhow::Context as _;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::page::{Frame, Moment, Told, Took, show_with, told};
use super::{Console, Shared};
use crate::webhooks;

/// Which event the form is to begin with.
#[derive(Deserialize)]
pub struct Chosen {
    event: Option<String>,
}

/// What was typed.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    event: String,
    payload: String,
    #[serde(default)]
    newest: String,
}

/// What the webhook answered.
struct Answer {
    status: u16,
    body: String,
    kind: String,
    at: Moment,
    took: Took,
}

/// What came of an attempt.
enum Outcome {
    /// It was delivered.
    Answered(Answer),
    /// What was typed is no event, for this reason.
    Malformed(String),
    /// Nobody answered.
    Unanswered(String),
}

#[derive(Template)]
#[template(path = "console/clerk_events.html")]
struct Page {
    frame: Frame,
    /// The names of the events there are.
    events: Told<Vec<String>>,
    /// The one that the form began with.
    event: String,
    payload: String,
    newest: bool,
    webhook_url: String,
    outcome: Option<Outcome>,
}

/// The form, with one of the events in it.
pub async fn page(State(console): Shared, Query(Chosen { event }): Query<Chosen>) -> Response {
    let events = told(names(&console.clerk_events));
    let event = event.or_else(|| {
        events
            .as_ref()
            .ok()?
            .iter()
            .find(|it| *it == "user.created")
            .cloned()
    });
    let event = event.unwrap_or_default();
    // Only what is listed: the name is part of a path.
    let is_known = events.as_ref().is_ok_and(|known| known.contains(&event));
    let payload = if is_known {
        read(&console.clerk_events, &event).unwrap_or_default()
    } else {
        String::new()
    };
    let status = if is_known || event.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    };
    show_with(
        status,
        &Page {
            frame: Frame::of("/clerk-events"),
            events,
            event,
            payload,
            newest: true,
            webhook_url: console.webhook_url.clone(),
            outcome: None,
        },
    )
}

/// Delivers what was typed. Whatever comes of it, the form keeps the text.
pub async fn deliver(State(console): Shared, Form(typed): Form<Typed>) -> Response {
    let newest = !typed.newest.is_empty();
    // Forms send line breaks as CR LF.
    let payload = typed.payload.replace("\r\n", "\n");
    let (status, outcome) = match checked(&payload, newest, Timestamp::now()) {
        Err(reason) => (StatusCode::UNPROCESSABLE_ENTITY, Outcome::Malformed(reason)),
        Ok((kind, event)) => match delivered(&console, kind, event).await {
            Ok(answer) => (StatusCode::OK, Outcome::Answered(answer)),
            Err(error) => (
                StatusCode::BAD_GATEWAY,
                Outcome::Unanswered(format!("{error:#}")),
            ),
        },
    };
    show_with(
        status,
        &Page {
            frame: Frame::of("/clerk-events"),
            events: told(names(&console.clerk_events)),
            event: typed.event,
            payload,
            newest,
            webhook_url: console.webhook_url.clone(),
            outcome: Some(outcome),
        },
    )
}

async fn delivered(console: &Console, kind: String, event: Vec<u8>) -> anyhow::Result<Answer> {
    let began = std::time::Instant::now();
    let (status, body) =
        webhooks::deliver(&console.webhook_url, &console.webhook_secret, event).await?;
    Ok(Answer {
        status,
        body: body.trim().to_owned(),
        kind,
        at: Moment::now(),
        took: Took(began.elapsed()),
    })
}

/// The event's type and what is sent; or what is wrong with it, in a sentence.
fn checked(payload: &str, newest: bool, now: Timestamp) -> Result<(String, Vec<u8>), String> {
    let mut event: Value =
        serde_json::from_str(payload).map_err(|error| format!("This is not JSON: {error}."))?;
    let Some(kind) = event["type"].as_str().map(str::to_owned) else {
        return Err("An event of Clerk is an object with `type`, a text, and `data`.".to_owned());
    };
    if !newest {
        return Ok((kind, payload.as_bytes().to_vec()));
    }
    let now = Value::from(now.as_millisecond());
    event["timestamp"] = now.clone();
    if let Some(updated) = event["data"].get_mut("updated_at") {
        *updated = now;
    }
    Ok((kind, event.to_string().into_bytes()))
}

/// The names of the events in `folder`, without their ending.
fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("Cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // An event's name is its type, which has a dot, and what is special about it.
        if let Some(name) = name.strip_suffix(".json")
            && name.contains('.')
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn read(folder: &Path, event: &str) -> anyhow::Result<String> {
    Ok(std::fs::read_to_string(
        folder.join(format!("{event}.json")),
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str =
        r#"{"type": "user.updated", "timestamp": 1, "data": {"updated_at": 1, "id": "u"}}"#;

    #[test]
    fn what_is_typed_is_delivered_as_it_is_or_as_the_newest() {
        let now = Timestamp::from_millisecond(5).expect("a time");
        let (kind, sent) = checked(EVENT, false, now).expect("it is an event");
        assert_eq!(
            (kind.as_str(), sent.as_slice()),
            ("user.updated", EVENT.as_bytes())
        );
        let (_, sent) = checked(EVENT, true, now).expect("it is an event");
        let sent: Value = serde_json::from_slice(&sent).expect("it is JSON");
        assert_eq!(
            (&sent["timestamp"], &sent["data"]["updated_at"]),
            (&5.into(), &5.into())
        );
        assert_eq!(sent["data"]["id"], "u");
        let (_, sent) =
            checked(r#"{"type":"user.deleted","data":{}}"#, true, now).expect("an event");
        assert_eq!(
            String::from_utf8_lossy(&sent),
            r#"{"data":{},"timestamp":5,"type":"user.deleted"}"#
        );
    }

    #[test]
    fn what_is_no_event_is_told_with_its_place() {
        let wrong =
            |text: &str| checked(text, true, Timestamp::UNIX_EPOCH).expect_err("it is none");
        assert!(wrong("{\n  \"type\": }").contains("line 2 column 11"));
        for other in ["[]", "1", "{}", "\"type\"", r#"{"type": 1}"#] {
            assert!(wrong(other).contains("`type`"), "{other}");
        }
    }
}
