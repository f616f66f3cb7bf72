//! What the functions log, and what they go on to log while somebody looks.

use std::convert::Infallible;
use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::stream;
use serde::Deserialize;

use super::Shared;
use super::page::{Frame, Moment, Told, show, told};
use crate::function_log::{Filter, Found, FunctionLog, Level, Line};

/// The most lines that a page begins with.
const SHOWN: usize = 300;
/// How often the file is looked at for somebody who follows.
const LOOK: Duration = Duration::from_millis(300);

/// What is asked for, as a form has it: an empty field asks for nothing.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    function: String,
    #[serde(default)]
    level: String,
    #[serde(default)]
    request: String,
    #[serde(default)]
    metrics: String,
    /// Where in the file to go on.
    from: Option<u64>,
}

impl Asked {
    fn filter(&self) -> Filter {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Filter {
            function: given(&self.function),
            level: Level::named(&self.level),
            request_id: given(&self.request),
            metrics: !self.metrics.is_empty(),
        }
    }
}

#[derive(Template)]
#[template(path = "console/log_lines.html")]
struct Lines<'a> {
    lines: &'a [Line],
}

#[derive(Template)]
#[template(path = "console/logs.html")]
struct Page<'a> {
    frame: Frame,
    asked: &'a Asked,
    functions: &'a [String],
    levels: [&'static str; 4],
    file: String,
    lines: Told<Lines<'a>>,
    end: u64,
}

/// The newest lines, the newest first.
pub async fn page(State(console): Shared, Query(asked): Query<Asked>) -> Response {
    let filter = asked.filter();
    let newest = told(console.log.newest()).map(|found| (wanted(found.lines, &filter), found.end));
    let (lines, end) = match &newest {
        Ok((lines, end)) => (
            Ok(Lines {
                lines: &lines[..lines.len().min(SHOWN)],
            }),
            *end,
        ),
        Err(sentence) => (Err(sentence.clone()), 0),
    };
    show(&Page {
        frame: Frame::of("/logs"),
        functions: &console.functions,
        levels: Level::ALL.map(Level::name),
        file: console.log.path().display().to_string(),
        lines,
        end,
        asked: &asked,
    })
}

/// The newest first.
fn wanted(lines: Vec<Line>, filter: &Filter) -> Vec<Line> {
    let wanted = lines.into_iter().filter(|line| filter.lets_pass(line));
    wanted.rev().collect()
}

/// Each event has the lines that came since the one before, as HTML, and as its id where in the file they end: a browser that
/// lost the connection goes on there.
pub async fn live(
    State(console): Shared,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let resumed = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok()?.parse().ok());
    let following = Following {
        log: console.log.clone(),
        filter: asked.filter(),
        end: resumed.or(asked.from).unwrap_or_default(),
    };
    let events = stream::unfold(following, |mut following| async move {
        let event = following.next().await;
        Some((Ok::<_, Infallible>(event), following))
    });
    Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response()
}

struct Following {
    log: FunctionLog,
    filter: Filter,
    end: u64,
}

impl Following {
    async fn next(&mut self) -> Event {
        loop {
            // A log that cannot be read may be there again soon.
            let Found { lines, end } = self.log.since(self.end).unwrap_or(Found {
                lines: Vec::new(),
                end: self.end,
            });
            self.end = end;
            let lines = wanted(lines, &self.filter);
            if !lines.is_empty()
                && let Ok(html) = (Lines { lines: &lines }).render()
            {
                return Event::default().id(end.to_string()).data(html.trim());
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Line {
    fn written(&self) -> Option<Moment> {
        self.at.map(Moment::from)
    }

    fn level_name(&self) -> &'static str {
        match self.level {
            _ if self.is_metric => "METRIC",
            Some(level) => level.name(),
            None => "TEXT",
        }
    }

    /// How bad it is: the name of a style.
    fn mood(&self) -> &'static str {
        match self.level {
            Some(Level::Error) | None => "bad",
            Some(Level::Warn) => "warn",
            Some(Level::Info | Level::Debug) => "plain",
        }
    }
}
