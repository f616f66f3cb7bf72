//! Several pieces of work at the same time, over one connection: what they ask of the database leaves in common flights.

use std::time::Duration;

use futures::future::{Fuse, FusedFuture as _, FutureExt as _};
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::Database;
use super::call::Call;
use super::failure::Failure;
use super::flight::{Connections, Outcome, Unit};

/// How long statements wait for the company of those that are not ready. A mail that was sent is not marked as sent
/// meanwhile, and would be sent again if the process died: so it is not long. It is longer than SES and Scheduler take for a
/// handful of calls, so that as a rule nobody is left behind.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// Those who work at the same time.
#[derive(Clone)]
pub(super) struct Company(mpsc::UnboundedSender<Wish>);

/// What somebody wants to know from the database.
struct Wish {
    calls: Vec<Call>,
    transaction: bool,
    answer: oneshot::Sender<Outcome>,
}

impl Company {
    /// Sends these statements with those of the others.
    pub(super) async fn ask(&self, calls: Vec<Call>, transaction: bool) -> Outcome {
        let (answer, answered) = oneshot::channel();
        let wish = Wish {
            calls,
            transaction,
            answer,
        };
        // Where nobody takes it any more, it is dropped, and with it what would answer.
        let _ = self.0.send(wish);
        let gone = || Failure::NotConnected("the common work has ended".to_owned());
        answered.await.unwrap_or_else(|_| Err(gone()))
    }
}

impl Database {
    /// Does several pieces of work at the same time, each with a database of its own to ask, and answers with what they came
    /// to, in the same order. What they ask leaves together: as soon as everybody who is still at work waits for an answer, or
    /// has waited for others half a second. Statements and transactions of different works are carried out one after the other
    /// and succeed or fail each by itself. One that takes too long is given up, and costs those behind it a repetition.
    pub async fn together<W, F>(&self, works: impl IntoIterator<Item = W>) -> Vec<F::Output>
    where
        W: FnOnce(Database) -> F,
        F: Future<Output: Send> + Send,
    {
        let (company, mut wishes) = mpsc::unbounded_channel();
        let mut at_work: FuturesUnordered<_> = works
            .into_iter()
            .enumerate()
            .map(|(position, work)| {
                let work = work(Self {
                    connections: self.connections.clone(),
                    company: Some(Company(company.clone())),
                });
                work.map(move |output| (position, output)).boxed()
            })
            .collect();
        let mut outputs: Vec<Option<F::Output>> = (0..at_work.len()).map(|_| None).collect();
        let mut waiting = Vec::new();
        let mut leaves_at = Instant::now();
        let flight = Fuse::terminated();
        tokio::pin!(flight);
        while !at_work.is_empty() {
            let complete = waiting.len() >= at_work.len();
            if flight.is_terminated()
                && !waiting.is_empty()
                && (complete || Instant::now() >= leaves_at)
            {
                flight.set(fly(&self.connections, std::mem::take(&mut waiting)).fuse());
            }
            tokio::select! {
                biased;
                Some((position, output)) = at_work.next() => outputs[position] = Some(output),
                Some(wish) = wishes.recv() => {
                    if waiting.is_empty() {
                        leaves_at = Instant::now() + LONGEST_WAIT;
                    }
                    waiting.push(wish);
                }
                () = &mut flight, if !flight.is_terminated() => {}
                () = sleep_until(leaves_at), if flight.is_terminated() && !waiting.is_empty() => {}
            }
        }
        outputs
            .into_iter()
            .map(|output| output.unwrap_or_else(|| unreachable!("all works have ended")))
            .collect()
    }
}

/// Sends what is wished for and answers everybody. Who gave up waiting has no wish any more.
async fn fly(connections: &Connections, mut wishes: Vec<Wish>) {
    wishes.retain(|wish| !wish.answer.is_closed());
    let units: Vec<_> = wishes
        .iter()
        .map(|wish| Unit {
            calls: &wish.calls,
            transaction: wish.transaction,
        })
        .collect();
    let outcomes = connections.all(&units).await;
    for (wish, outcome) in wishes.into_iter().zip(outcomes) {
        let _ = wish.answer.send(outcome);
    }
}
