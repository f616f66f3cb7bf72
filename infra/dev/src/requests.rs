//! The newest requests through the front door, for whoever wants to see what was asked and what was answered.
//!
//! Neither headers nor bodies are kept, nor what a query's parameters are set to: any of them may be a secret.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;

/// How many are kept.
const KEPT: usize = 500;
/// How much is kept of a path or of the names of a query.
const LONGEST: usize = 300;
/// How the console calls itself when it looks whether the API is there: nobody wants to see that.
pub const CONSOLE: &str = "cairn-console";
/// Where functions say which of their invocations answered.
const REQUEST_ID: &str = "x-request-id";

/// A request that was answered.
#[derive(Debug, Clone)]
pub struct Answered {
    /// When it came.
    pub at: Timestamp,
    /// Its method.
    pub method: String,
    /// Its path, as it was asked for.
    pub path: String,
    /// Its query, without what the parameters are set to.
    pub query: String,
    /// The status of the answer.
    pub status: u16,
    /// How long it took until the answer began.
    pub took: Duration,
    /// The id of the function's invocation, if one answered.
    pub request_id: Option<String>,
    /// The page or program it came from, where a browser says so.
    pub origin: Option<String>,
}

/// The newest requests; a clone is the same.
#[derive(Debug, Clone, Default)]
pub struct Requests(Arc<Mutex<VecDeque<Answered>>>);

impl Requests {
    /// All that are kept, the newest first.
    pub fn newest(&self) -> Vec<Answered> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().cloned().collect()
    }

    fn add(&self, request: Answered) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(request);
    }
}

/// A layer that keeps each request that passes.
pub async fn keep(State(requests): State<Requests>, request: Request, next: Next) -> Response {
    let agent = request.headers().get(header::USER_AGENT);
    if agent.is_some_and(|agent| agent == CONSOLE) {
        return next.run(request).await;
    }
    let at = Timestamp::now();
    let began = Instant::now();
    let method = shortened(request.method().as_str());
    let path = shortened(request.uri().path());
    let query = shortened(&names_of_query(request.uri()));
    let origin = request
        .headers()
        .get(header::ORIGIN)
        .and_then(|value| value.to_str().ok())
        .map(shortened);
    let answer = next.run(request).await;
    requests.add(Answered {
        at,
        method,
        path,
        query,
        status: answer.status().as_u16(),
        took: began.elapsed(),
        request_id: answer
            .headers()
            .get(REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .map(shortened),
        origin,
    });
    answer
}

/// `limit=…&cursor=…`. What has no name may be a value, and is left out too.
fn names_of_query(uri: &Uri) -> String {
    let Some(query) = uri.query() else {
        return String::new();
    };
    let names = query.split('&').map(|part| match part.split_once('=') {
        Some((name, _)) => format!("{name}=…"),
        None => "…".to_owned(),
    });
    names.collect::<Vec<_>>().join("&")
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        text.to_owned()
    } else {
        text.chars().take(LONGEST).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str) -> Answered {
        Answered {
            at: Timestamp::now(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: String::new(),
            status: 200,
            took: Duration::ZERO,
            request_id: None,
            origin: None,
        }
    }

    #[test]
    fn the_newest_come_first_and_the_oldest_go() {
        let requests = Requests::default();
        for number in 0..=KEPT {
            requests.add(request(&format!("/{number}")));
        }
        let newest = requests.newest();
        assert_eq!(newest.len(), KEPT);
        assert_eq!(newest[0].path, format!("/{KEPT}"));
        assert_eq!(newest[KEPT - 1].path, "/1");
    }

    #[test]
    fn of_a_query_only_the_names_are_kept() {
        let uri = |text: &'static str| Uri::from_static(text);
        assert_eq!(names_of_query(&uri("/a")), "");
        assert_eq!(
            names_of_query(&uri("/a?limit=5&__session=secret&secret&x=1=2")),
            "limit=…&__session=…&…&x=…"
        );
    }
}
