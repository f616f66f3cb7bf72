//! Runs the functions' own binaries as Lambda does, for the tests and the benchmarks.
//!
//! Three parts: a Lambda Runtime API that the binaries poll ([`runtime_api`]), execution environments that each serve one
//! invocation at a time and are replaced when they die or run out of time ([`environment`]), and an HTTP front that turns
//! plain requests into API Gateway events and the answers back ([`front`], [`event`], [`routes`]).
//!
//! What it does not imitate: environments are started beforehand and their number is fixed (more requests wait instead of
//! being throttled), nothing is frozen between two invocations, and CORS is left to the real gateway.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::body::Bytes;
use axum::http::request::Parts;
use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

mod environment;
mod event;
mod front;
mod logs;
mod routes;
mod runtime_api;

use environment::{Environment, Invocation, Port, Processes};
use logs::Logs;
pub use routes::{RouteTable, api_routes};
pub use runtime_api::trace_id;

/// One function: what `template.yaml` says about it, as far as it matters for running it.
#[derive(Clone, Debug)]
pub struct FunctionSettings {
    /// The function's name, to which routes refer.
    pub name: String,
    /// The binary that AWS would call `bootstrap`.
    pub binary: PathBuf,
    /// The whole environment of the process, but for the variables that Lambda itself sets.
    pub environment: BTreeMap<String, String>,
    /// How many execution environments (processes) there are.
    pub environments: usize,
    /// The function's time-out: an invocation that takes longer is given up and its environment replaced.
    pub timeout: Duration,
}

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The function's answer.
    Answer(Bytes),
    /// The error that the runtime reported in place of an answer.
    Failed(Bytes),
    /// The process ended without an answer.
    Died,
    /// The function's time-out passed.
    TimedOut,
}

/// An invocation that is over.
#[derive(Clone, Debug)]
pub struct Invoked {
    /// The id of the invocation, as the function saw it.
    pub request_id: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// Running functions. Dropping it kills their processes.
pub struct LambdaHost {
    url: String,
    functions: Arc<BTreeMap<String, Function>>,
    _tasks: JoinSet<()>,
}

/// What is kept of a running function: the way to its environments, and what they wrote.
struct Function {
    invocations: mpsc::UnboundedSender<Invocation>,
    replacements: watch::Sender<()>,
    processes: Arc<Processes>,
    logs: Arc<Logs>,
}

impl LambdaHost {
    /// Starts the environments of `functions`, and an HTTP front on a free loopback port that serves `routes`.
    pub async fn start(functions: Vec<FunctionSettings>, routes: RouteTable) -> Result<Self> {
        let mut tasks = JoinSet::new();
        let runtime_api = listen().await?;
        let runtime_address = runtime_api.local_addr()?;
        let mut ports = Vec::new();
        let mut running = BTreeMap::new();
        for settings in functions {
            anyhow::ensure!(
                settings.binary.is_file(),
                "{} is missing: build the functions first",
                settings.binary.display()
            );
            let settings = Arc::new(settings);
            let logs = Arc::new(Logs::default());
            let processes = Arc::new(Processes::default());
            let (invocations, queue) = mpsc::unbounded_channel();
            let queue = Arc::new(tokio::sync::Mutex::new(queue));
            let (replacements, replaced) = watch::channel(());
            for _ in 0..settings.environments {
                let (port, requests) = Port::new();
                let environment = Environment {
                    settings: Arc::clone(&settings),
                    runtime_api: format!("http://{runtime_address}/{}", ports.len()),
                    queue: Arc::clone(&queue),
                    replaced: replaced.clone(),
                    processes: Arc::clone(&processes),
                    logs: Arc::clone(&logs),
                    requests,
                };
                ports.push(port);
                tasks.spawn(environment.run());
            }
            let name = settings.name.clone();
            running.insert(
                name,
                Function {
                    invocations,
                    replacements,
                    processes,
                    logs,
                },
            );
        }
        for function in routes.functions() {
            anyhow::ensure!(
                running.contains_key(function),
                "a route names the function {function}, which is not there"
            );
        }
        let functions = Arc::new(running);
        tasks.spawn(serve(runtime_api, runtime_api::router(ports)));

        let front = listen().await?;
        let url = format!("http://{}", front.local_addr()?);
        tasks.spawn(serve(front, front::router(routes, Arc::clone(&functions))));
        Ok(Self {
            url,
            functions,
            _tasks: tasks,
        })
    }

    /// The base URL of the HTTP front, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Invokes a function directly with `event`, as `aws lambda invoke` does, and waits for the outcome.
    pub async fn invoke(&self, function: &str, event: Bytes) -> Result<Invoked> {
        let function = self.function(function)?;
        Ok(function.invoke(event).await)
    }

    /// Replaces every environment of a function once its present invocation is done: the next invocations are cold starts.
    pub fn replace_environments(&self, function: &str) -> Result<()> {
        self.function(function)?.replacements.send_replace(());
        Ok(())
    }

    /// The ids of the function's present processes.
    pub fn process_ids(&self, function: &str) -> Result<Vec<u32>> {
        Ok(self.function(function)?.processes.ids())
    }

    /// Kills the function's present processes, whatever they are doing: what they were working on ends as
    /// [`Outcome::Died`].
    pub fn kill(&self, function: &str) -> Result<()> {
        let ids = self.process_ids(function)?;
        let ids = ids
            .into_iter()
            .filter_map(|id| i32::try_from(id).ok().and_then(Pid::from_raw));
        for id in ids {
            // It may have ended already.
            let _ = kill_process(id, Signal::KILL);
        }
        Ok(())
    }

    /// The newest lines that the function's environments wrote to standard output and standard error: those of all that they
    /// have answered are among them.
    pub fn logs(&self, function: &str) -> Result<Vec<String>> {
        Ok(self.function(function)?.logs.lines())
    }

    fn function(&self, name: &str) -> Result<&Function> {
        self.functions
            .get(name)
            .with_context(|| format!("there is no function {name}"))
    }
}

impl Function {
    async fn invoke(&self, event: Bytes) -> Invoked {
        let (reply, outcome) = oneshot::channel();
        let request_id = uuid::Uuid::now_v7().to_string();
        let invocation = Invocation {
            request_id: request_id.clone(),
            event,
            reply,
        };
        // Without its queue the function has no environment any more, and the reply is dropped unanswered.
        drop(self.invocations.send(invocation));
        Invoked {
            request_id,
            outcome: outcome.await.unwrap_or(Outcome::Died),
        }
    }
}

/// The function that serves a request, and the event in which API Gateway hands it over.
pub fn gateway_event(
    routes: &RouteTable,
    request: &Parts,
    body: &Bytes,
    request_id: &str,
) -> Result<(String, Bytes)> {
    let matched = routes
        .find(request.method.as_str(), request.uri.path())
        .context("no route leads to a function")?;
    let event = event::from_request(request, body, &matched, request_id)?;
    Ok((matched.function.to_owned(), event))
}

async fn listen() -> Result<TcpListener> {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    TcpListener::bind(address)
        .await
        .context("no free loopback port")
}

async fn serve(listener: TcpListener, router: axum::Router) {
    use axum::serve::ListenerExt as _;
    // Without this a small answer waits for the acknowledgement of the one before it.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    // Accepting on a loopback socket does not fail in a way that could be mended: axum retries by itself.
    drop(axum::serve(listener, router).await);
}
