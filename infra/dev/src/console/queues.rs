//! The queues, what waits in them, and sending dead letters back.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::Shared;
use super::page::{Frame, Moment, Told, show, told, trouble};
use crate::queues::{self, Message, Queue};

/// The most messages of a queue that are shown; the newest come first.
const SHOWN: usize = 50;

/// How many dead letters were sent back from where.
#[derive(Deserialize)]
pub struct SentBack {
    moved: Option<u64>,
    from: Option<String>,
}

#[derive(Template)]
#[template(path = "console/queues.html")]
struct Page {
    frame: Frame,
    queues: Told<Vec<Queue>>,
    sent_back: SentBack,
}

/// All queues with what is in them.
pub async fn page(State(console): Shared, Query(sent_back): Query<SentBack>) -> Response {
    show(&Page {
        frame: Frame::of("/queues"),
        queues: told(queues::list(&console.aws).await),
        sent_back,
    })
}

/// Whose dead letters are to be sent back.
#[derive(Deserialize)]
pub struct Chosen {
    queue: String,
}

/// Sends dead letters back to their queue.
pub async fn redrive(State(console): Shared, Form(Chosen { queue }): Form<Chosen>) -> Response {
    let moved = match queues::redrive(&console.aws, &queue).await {
        Ok(moved) => moved,
        Err(error) => {
            return trouble(StatusCode::BAD_GATEWAY, "/queues", format!("{error:#}"));
        }
    };
    match moved.failure_reason {
        None => {
            let moved = moved.moved;
            Redirect::to(&format!("/queues?moved={moved}&from={queue}")).into_response()
        }
        Some(reason) => trouble(
            StatusCode::BAD_GATEWAY,
            "/queues",
            format!("{} were sent back, then: {reason}", moved.moved),
        ),
    }
}

impl Message {
    fn sent(&self) -> Moment {
        self.sent_at.into()
    }

    fn seen_again(&self) -> Moment {
        self.visible_at.into()
    }
}
