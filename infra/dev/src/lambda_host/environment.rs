//! An execution environment: one process of a function, which serves one invocation at a time.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use super::logs::Logs;
use super::{FunctionSettings, Outcome};

/// An event on its way to whichever environment is free next.
pub(super) struct Invocation {
    pub request_id: String,
    pub event: Bytes,
    pub reply: oneshot::Sender<Outcome>,
}

/// The invocations that wait for an environment of a function.
pub(super) type Queue = Arc<Mutex<mpsc::UnboundedReceiver<Invocation>>>;

/// What a process is handed when it asks for work.
pub(super) struct Work {
    pub request_id: String,
    pub event: Bytes,
    pub deadline_ms: u128,
    pub function_arn: String,
}

/// What a process says to the Runtime API. `generation` tells the processes apart that follow each other in one
/// environment: what a dead one left in a socket must not be taken for its successor's.
pub(super) struct Request {
    pub generation: u64,
    pub kind: RequestKind,
}

pub(super) enum RequestKind {
    Next(oneshot::Sender<Work>),
    Done {
        request_id: String,
        outcome: Outcome,
    },
}

/// The Runtime API's end of an environment.
#[derive(Clone)]
pub(super) struct Port(mpsc::UnboundedSender<Request>);

impl Port {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Request>) {
        let (requests, receiver) = mpsc::unbounded_channel();
        (Self(requests), receiver)
    }

    pub(super) fn send(&self, generation: u64, kind: RequestKind) {
        // An environment ends only with the host, and then nobody waits for an answer.
        drop(self.0.send(Request { generation, kind }));
    }
}

/// The ids of a function's processes.
#[derive(Default)]
pub(super) struct Processes(std::sync::Mutex<BTreeSet<u32>>);

impl Processes {
    pub(super) fn ids(&self) -> Vec<u32> {
        self.set().iter().copied().collect()
    }

    fn set(&self) -> std::sync::MutexGuard<'_, BTreeSet<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Environment {
    pub settings: Arc<FunctionSettings>,
    /// The URL under which the Runtime API knows this environment. (On AWS it is host and port only; the runtime takes a URL
    /// too, and needs one where there is a path.)
    pub runtime_api: String,
    pub queue: Queue,
    /// Changes when the process is to be replaced between two invocations.
    pub replaced: watch::Receiver<()>,
    pub processes: Arc<Processes>,
    pub logs: Arc<Logs>,
    pub requests: mpsc::UnboundedReceiver<Request>,
}

/// Why an environment's process is at its end.
enum End {
    /// It is gone, or has to go: the next invocation starts another.
    Replace,
    /// It ended before it asked for work the first time. Lambda fails the invocation for which it was started.
    FailedToStart,
}

impl Environment {
    /// Keeps one process running for as long as the host lives.
    pub(super) async fn run(mut self) {
        for generation in 0.. {
            self.replaced.mark_unchanged();
            let end = match self.spawn(generation) {
                Ok(mut process) => {
                    let id = process.id();
                    self.processes.set().extend(id);
                    let end = self.serve(&mut process, generation).await;
                    self.processes.set().retain(|other| Some(*other) != id);
                    // It may be dead already, which is what is wanted.
                    drop(process.kill().await);
                    end
                }
                Err(_) => End::FailedToStart,
            };
            if matches!(end, End::FailedToStart) {
                let Some(invocation) = next(&self.queue).await else {
                    return;
                };
                drop(invocation.reply.send(Outcome::Died));
            }
        }
    }

    fn spawn(&self, generation: u64) -> std::io::Result<Child> {
        let FunctionSettings {
            name,
            binary,
            environment,
            ..
        } = &*self.settings;
        let mut process = Command::new(binary)
            .env_clear()
            .envs(environment)
            .env(
                "AWS_LAMBDA_RUNTIME_API",
                format!("{}/{generation}", self.runtime_api),
            )
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}"))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "local")
            .env("AWS_REGION", "eu-central-1")
            .env("TZ", ":UTC")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(output) = process.stdout.take() {
            self.logs.follow(output.into_owned_fd()?)?;
        }
        if let Some(output) = process.stderr.take() {
            self.logs.follow(output.into_owned_fd()?)?;
        }
        Ok(process)
    }

    async fn serve(&mut self, process: &mut Child, generation: u64) -> End {
        let mut end = End::FailedToStart;
        loop {
            let Some(asker) = self.asked_for_work(process, generation).await else {
                return end;
            };
            end = End::Replace;
            let invocation = tokio::select! {
                // A dead process must not be given work that a living one could do.
                biased;
                _ = process.wait() => return end,
                Ok(()) = self.replaced.changed() => return end,
                invocation = next(&self.queue) => match invocation {
                    Some(invocation) => invocation,
                    None => return end,
                },
            };
            let Invocation {
                request_id,
                event,
                reply,
            } = invocation;
            let timeout = self.settings.timeout;
            let work = Work {
                request_id: request_id.clone(),
                event,
                deadline_ms: (now() + timeout).as_millis(),
                function_arn: format!(
                    "arn:aws:lambda:eu-central-1:000000000000:function:{}",
                    self.settings.name
                ),
            };
            if asker.send(work).is_err() {
                drop(reply.send(Outcome::Died));
                return end;
            }
            let outcome =
                tokio::time::timeout(timeout, self.outcome(process, generation, &request_id)).await;
            let outcome = outcome.unwrap_or(Outcome::TimedOut);
            let alive = matches!(outcome, Outcome::Answer(_) | Outcome::Failed(_));
            // The caller may have gone away; the invocation was carried out all the same.
            drop(reply.send(outcome));
            if !alive {
                return end;
            }
        }
    }

    /// Waits until the process asks for its next invocation; nothing if it ends instead.
    async fn asked_for_work(
        &mut self,
        process: &mut Child,
        generation: u64,
    ) -> Option<oneshot::Sender<Work>> {
        loop {
            let request = tokio::select! {
                request = self.requests.recv() => request?,
                _ = process.wait() => return None,
            };
            match request.kind {
                RequestKind::Next(asker) if request.generation == generation => return Some(asker),
                _ => {}
            }
        }
    }

    async fn outcome(&mut self, process: &mut Child, generation: u64, expected: &str) -> Outcome {
        loop {
            let request = tokio::select! {
                // An answer that was given before the process ended counts.
                biased;
                request = self.requests.recv() => request,
                _ = process.wait() => None,
            };
            match request {
                None => return Outcome::Died,
                Some(Request {
                    generation: from,
                    kind:
                        RequestKind::Done {
                            request_id,
                            outcome,
                        },
                }) if from == generation && request_id == expected => {
                    return outcome;
                }
                Some(_) => {}
            }
        }
    }
}

async fn next(queue: &Queue) -> Option<Invocation> {
    queue.lock().await.recv().await
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
