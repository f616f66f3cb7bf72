//! A Lambda function that sends a request's statements and gives the answer that was once given to it: what no function of
//! these libraries can do without. It reads no token, makes nothing of the rows, and logs nothing.
//!
//! `FLOOR_ORDER` names the file with what it is to do. Its invocations must come in the order of the requests, again and again.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use cairn_floor::Replay;
use cairn_floor_order::{Answer, RouteOrder};
use lambda_http::{Body, Error, Request, Response, service_fn};

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run())
}

async fn run() -> Result<(), Error> {
    let RouteOrder { order, answers } = order()?;
    let replay = Replay::prepare(order).await?;
    let (replay, answers, answered) = (&replay, &answers, &AtomicUsize::new(0));
    let answer = |_: Request| async move {
        let position = answered.fetch_add(1, Ordering::Relaxed) % answers.len();
        replay.request(position).await?;
        let Answer { status, body } = &answers[position];
        let answer = Response::builder().header("content-type", "application/json");
        Ok::<_, Error>(answer.status(*status).body(Body::from(body.as_str()))?)
    };
    lambda_http::run(service_fn(answer)).await
}

fn order() -> anyhow::Result<RouteOrder> {
    let file = std::env::var_os("FLOOR_ORDER").context("FLOOR_ORDER is not set")?;
    let file = PathBuf::from(file);
    let order = std::fs::read(&file).with_context(|| format!("Cannot read {}", file.display()))?;
    Ok(serde_json::from_slice(&order)?)
}
