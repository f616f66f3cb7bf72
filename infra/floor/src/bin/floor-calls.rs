//! The statements that a function sends, and its messages, and nothing else.
//!
//! `floor-calls replay` prepares the statements, prints the id of its PostgreSQL process, and from then on works off all
//! requests once for each line of input; it answers with a line of JSON: the nanoseconds of each.
//!
//! `floor-calls connect` connects, sends the first request's statements as they come, prints the nanoseconds of both together,
//! and ends.

use std::io::{BufRead as _, Write as _};
use std::time::Instant;

use anyhow::{Context as _, bail};
use cairn_floor::{Replay, first_request};
use cairn_floor_order::Order;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mode = std::env::args().nth(1);
    let mut lines = std::io::stdin().lock().lines();
    let order = lines.next().context("an order is expected on a line")??;
    let order: Order = serde_json::from_str(&order)?;
    match mode.as_deref() {
        Some("connect") => {
            let began = Instant::now();
            runtime.block_on(first_request(&order))?;
            answer(&nanoseconds(began)?)
        }
        Some("replay") => {
            let replay = runtime.block_on(Replay::prepare(order))?;
            answer(&replay.server_process())?;
            for line in lines {
                line?;
                let nanoseconds = runtime.block_on(all(&replay))?;
                answer(&nanoseconds)?;
            }
            Ok(())
        }
        _ => bail!("`replay` or `connect` is expected"),
    }
}

fn answer(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    serde_json::to_writer(&mut output, value)?;
    writeln!(output)?;
    output.flush()?;
    Ok(())
}

/// Works off each request once.
async fn all(replay: &Replay) -> anyhow::Result<Vec<u64>> {
    let mut taken = Vec::with_capacity(replay.requests());
    for position in 0..replay.requests() {
        let began = Instant::now();
        replay.request(position).await?;
        taken.push(nanoseconds(began)?);
    }
    Ok(taken)
}

fn nanoseconds(since: Instant) -> anyhow::Result<u64> {
    Ok(u64::try_from(since.elapsed().as_nanos())?)
}
