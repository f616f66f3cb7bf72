//! The newest requests through the front door.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Shared;
use super::page::{Frame, Moment, Took, show};
use crate::requests::Answered;

#[derive(Template)]
#[template(path = "console/requests.html")]
struct Page {
    frame: Frame,
    requests: Vec<Answered>,
}

/// All that are kept.
pub async fn page(State(console): Shared) -> Response {
    show(&Page {
        frame: Frame::of("/requests"),
        requests: console.requests.newest(),
    })
}

impl Answered {
    fn came(&self) -> Moment {
        self.at.into()
    }

    fn duration(&self) -> Took {
        Took(self.took)
    }

    /// How bad the answer is: the name of a style.
    fn mood(&self) -> &'static str {
        match self.status {
            500.. => "bad",
            400.. => "warn",
            _ => "good",
        }
    }
}
