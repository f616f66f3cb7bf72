//! A proxy between functions and the local AWS: it records calls, and breaks or holds those that it is told to.

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::aws;
use crate::environment::background;

/// A call of a function to AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// SES.
    SendEmail,
    /// EventBridge Scheduler.
    CreateSchedule,
    /// EventBridge Scheduler.
    DeleteSchedule,
    /// EventBridge Scheduler.
    ListSchedules,
    /// SQS.
    SendMessage,
    /// SQS.
    SendMessageBatch,
    /// SQS.
    ChangeMessageVisibility,
    /// Anything else.
    Other,
}

/// What happens to a call in place of what should.
#[derive(Clone, Debug)]
pub enum Fault {
    /// AWS refuses it: status, error code, message. It is not carried out.
    Refuse(u16, &'static str, &'static str),
    /// The connection is closed before the call arrives.
    Reset,
    /// The call is never answered and never carried out.
    Swallow,
    /// It is carried out, and the connection is closed in place of the answer.
    LoseAnswer,
    /// It is carried out and never answered.
    SwallowAnswer,
    /// It takes this much longer.
    Delay(Duration),
}

/// When a call is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before it is carried out.
    Before,
    /// After it was carried out, before its answer.
    After,
}

/// A call that came by.
#[derive(Clone, Debug)]
pub struct Call {
    /// What was called.
    pub operation: Operation,
    /// The path of the request.
    pub path: String,
    /// What was sent; null where that was nothing.
    pub body: Value,
    /// Whether AWS was asked to carry it out.
    pub carried_out: bool,
}

/// Passes calls on to the local AWS.
pub struct AwsProxy {
    url: String,
    state: Arc<State>,
    serving: JoinHandle<()>,
}

/// Which calls a fault is for, until it is given one of the ends [`Faults::meet`] and [`Faults::hold`].
#[must_use = "nothing happens until it is said what calls meet"]
pub struct Faults<'p> {
    proxy: &'p AwsProxy,
    operation: Operation,
    containing: String,
    times: usize,
}

/// A call that is to be held, or is.
pub struct Hold {
    stage: watch::Sender<Stage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It has not come yet.
    Expected,
    Held,
    Released,
    /// It is never carried out, or never answered.
    Discarded,
}

#[derive(Clone)]
enum Action {
    Fault(Fault),
    Hold(Moment, watch::Sender<Stage>),
}

struct Rule {
    operation: Operation,
    containing: String,
    remaining: usize,
    action: Action,
}

struct State {
    upstream: String,
    client: Client<HttpConnector, Full<Bytes>>,
    rules: Mutex<Vec<Rule>>,
    calls: Mutex<Vec<Call>>,
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
struct Closed;

impl AwsProxy {
    /// A proxy on a free port, which passes everything on.
    pub fn start() -> Arc<Self> {
        let listener = std::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .expect("a free loopback port");
        let address = listener.local_addr().expect("a bound port");
        let state = Arc::new(State {
            upstream: aws::endpoint(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            rules: Mutex::default(),
            calls: Mutex::default(),
        });
        let serving = background().spawn(accept(listener, Arc::clone(&state)));
        Arc::new(Self {
            url: format!("http://{address}"),
            state,
            serving,
        })
    }

    /// What functions are told in `AWS_ENDPOINT_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Begins a rule for the next call of this operation that no earlier rule is for.
    pub fn next(&self, operation: Operation) -> Faults<'_> {
        Faults {
            proxy: self,
            operation,
            containing: String::new(),
            times: 1,
        }
    }

    /// Begins a rule for all calls of this operation.
    pub fn every(&self, operation: Operation) -> Faults<'_> {
        self.next(operation).times(usize::MAX)
    }

    /// Forgets all rules: from now on everything passes.
    pub fn heal(&self) {
        lock(&self.state.rules).clear();
    }

    /// The calls of this operation so far.
    pub fn calls(&self, operation: Operation) -> Vec<Call> {
        let calls = lock(&self.state.calls);
        calls
            .iter()
            .filter(|call| call.operation == operation)
            .cloned()
            .collect()
    }
}

impl Faults<'_> {
    /// Only for calls with this text in their path or body.
    pub fn containing(mut self, text: &str) -> Self {
        text.clone_into(&mut self.containing);
        self
    }

    /// For as many calls.
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// This is what happens to them.
    pub fn meet(self, fault: Fault) {
        self.add(Action::Fault(fault));
    }

    /// Holds one of them until it is released.
    pub fn hold(self, moment: Moment) -> Hold {
        let stage = watch::Sender::new(Stage::Expected);
        self.times(1).add(Action::Hold(moment, stage.clone()));
        Hold { stage }
    }

    fn add(self, action: Action) {
        lock(&self.proxy.state.rules).push(Rule {
            operation: self.operation,
            containing: self.containing,
            remaining: self.times,
            action,
        });
    }
}

impl Hold {
    /// Waits until the call is held.
    pub async fn reached(&self) {
        let mut stage = self.stage.subscribe();
        stage
            .wait_for(|stage| *stage != Stage::Expected)
            .await
            .expect("the hold lives");
    }

    /// Lets it go on.
    pub fn release(&self) {
        self.stage.send_replace(Stage::Released);
    }

    /// Held before it was carried out, it never will be; held afterwards, its answer never arrives.
    pub fn discard(&self) {
        self.stage.send_replace(Stage::Discarded);
    }
}

impl Drop for AwsProxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn accept(listener: std::net::TcpListener, state: Arc<State>) {
    listener.set_nonblocking(true).expect("a socket option");
    let listener = TcpListener::from_std(listener).expect("a listener");
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                connections.spawn(serve(stream, Arc::clone(&state)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    stream.set_nodelay(true).expect("a socket option");
    let service = service_fn(move |request| {
        let state = Arc::clone(&state);
        async move { state.handle(request).await }
    });
    // Ends with an error where a rule says so.
    drop(
        hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}

impl State {
    async fn handle(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Closed> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
        let call = Call {
            operation: operation(&parts),
            path: parts.uri.path().to_owned(),
            body: serde_json::from_slice(&body).unwrap_or_default(),
            carried_out: false,
        };
        let action = self.action_for(&call, &body);
        let recorded = self.record(call);
        let pass = || async {
            lock(&self.calls)[recorded].carried_out = true;
            self.pass(Request::from_parts(parts, Full::new(body))).await
        };
        match action {
            None => pass().await,
            Some(Action::Fault(fault)) => match fault {
                Fault::Refuse(status, code, message) => Ok(refusal(status, code, message)),
                Fault::Reset => Err(Closed),
                Fault::Swallow => never().await,
                Fault::LoseAnswer => {
                    pass().await?;
                    Err(Closed)
                }
                Fault::SwallowAnswer => {
                    pass().await?;
                    never().await
                }
                Fault::Delay(delay) => {
                    tokio::time::sleep(delay).await;
                    pass().await
                }
            },
            Some(Action::Hold(Moment::Before, stage)) => {
                if released(&stage).await {
                    pass().await
                } else {
                    Err(Closed)
                }
            }
            Some(Action::Hold(Moment::After, stage)) => {
                let answer = pass().await?;
                if released(&stage).await {
                    Ok(answer)
                } else {
                    Err(Closed)
                }
            }
        }
    }

    /// What the first rule for this call says.
    fn action_for(&self, call: &Call, body: &[u8]) -> Option<Action> {
        let body = String::from_utf8_lossy(body);
        let mut rules = lock(&self.rules);
        let position = rules.iter().position(|rule| {
            rule.operation == call.operation
                && (call.path.contains(&rule.containing) || body.contains(&rule.containing))
        })?;
        let rule = &mut rules[position];
        rule.remaining -= 1;
        let action = rule.action.clone();
        if rule.remaining == 0 {
            rules.remove(position);
        }
        Some(action)
    }

    /// The place of the call among the recorded ones.
    fn record(&self, call: Call) -> usize {
        let mut calls = lock(&self.calls);
        calls.push(call);
        calls.len() - 1
    }

    async fn pass(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Full<Bytes>>, Closed> {
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str());
        *request.uri_mut() = format!("{}{path}", self.upstream)
            .parse::<Uri>()
            .expect("the path was in a URL before");
        request.headers_mut().remove("host");
        let answer = self.client.request(request).await.map_err(|_| Closed)?;
        let (mut parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
        parts.headers.remove("transfer-encoding");
        Ok(Response::from_parts(parts, Full::new(body)))
    }
}

/// Whether a held call is to go on.
async fn released(stage: &watch::Sender<Stage>) -> bool {
    let mut changes = stage.subscribe();
    // It may have been released beforehand.
    stage.send_if_modified(|stage| {
        let expected = *stage == Stage::Expected;
        if expected {
            *stage = Stage::Held;
        }
        expected
    });
    let decided = changes
        .wait_for(|stage| matches!(stage, Stage::Released | Stage::Discarded))
        .await;
    decided.is_ok_and(|stage| *stage == Stage::Released)
}

async fn never<T>() -> Result<T, Closed> {
    let never: Result<Infallible, Closed> = std::future::pending().await;
    match never {
        Err(closed) => Err(closed),
    }
}

/// SQS names the operation in a header; the others have paths.
fn operation(parts: &http::request::Parts) -> Operation {
    let target = parts
        .headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let path = parts.uri.path();
    match (&parts.method, target) {
        (_, Some("AmazonSQS.SendMessage")) => Operation::SendMessage,
        (_, Some("AmazonSQS.SendMessageBatch")) => Operation::SendMessageBatch,
        (_, Some("AmazonSQS.ChangeMessageVisibility")) => Operation::ChangeMessageVisibility,
        (&Method::POST, None) if path == "/v2/email/outbound-emails" => Operation::SendEmail,
        (&Method::POST, None) if path.starts_with("/schedules/") => Operation::CreateSchedule,
        (&Method::DELETE, None) if path.starts_with("/schedules/") => Operation::DeleteSchedule,
        (&Method::GET, None) if path == "/schedules" => Operation::ListSchedules,
        _ => Operation::Other,
    }
}

/// An error as AWS's JSON protocols spell it.
fn refusal(status: u16, code: &str, message: &str) -> Response<Full<Bytes>> {
    let body = json!({"__type": code, "message": message}).to_string();
    Response::builder()
        .status(StatusCode::from_u16(status).expect("a status"))
        .header("content-type", "application/json")
        .header("x-amzn-errortype", code)
        .body(Full::new(body.into()))
        .expect("a complete answer")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is to be closed")
    }
}

impl std::error::Error for Closed {}
