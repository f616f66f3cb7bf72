//! `migrate` on Lambda: what CloudFormation is told, and that it is told in every case.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::put;
use cairn_dev::lambda_host::{FunctionSettings, LambdaHost, Outcome, RouteTable};
use cairn_tests::TestDatabase;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::migrations::binary;
use super::system_postgres::{PASSWORD, connect};

/// Lambda's time-out for functions that have time enough.
pub(super) const LONG: Duration = Duration::from_mins(2);

/// Where CloudFormation waits for the answer.
#[derive(Default)]
pub(super) struct Mailbox {
    answers: Mutex<Vec<Value>>,
    /// How many times to answer 503 first.
    refusals: AtomicU32,
}

impl Mailbox {
    pub(super) async fn open() -> (Arc<Self>, String) {
        let mailbox = Arc::new(Self::default());
        let router = Router::new()
            .route("/answer", put(receive))
            .with_state(Arc::clone(&mailbox));
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a loopback port");
        let url = format!(
            "http://{}/answer?signature=secret",
            listener.local_addr().expect("an address")
        );
        tokio::spawn(async move { axum::serve(listener, router).await });
        (mailbox, url)
    }

    pub(super) fn only_answer(&self) -> Value {
        let answers = self.answers.lock().expect("no panic");
        assert_eq!(answers.len(), 1, "CloudFormation is told once: {answers:?}");
        answers[0].clone()
    }
}

async fn receive(
    State(mailbox): State<Arc<Mailbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let refuse = |left: u32| left.checked_sub(1);
    if mailbox
        .refusals
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, refuse)
        .is_ok()
    {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    // The signature of the real address covers an empty content type.
    assert_eq!(headers["content-type"], "");
    let answer = serde_json::from_slice(&body).expect("JSON");
    mailbox.answers.lock().expect("no panic").push(answer);
    StatusCode::OK
}

pub(super) struct Function {
    host: LambdaHost,
}

impl Function {
    pub(super) async fn start(variables: &[(&str, &str)], timeout: Duration) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut environment: BTreeMap<_, _> = variables.iter().map(owned).collect();
        environment.insert("AWS_LAMBDA_LOG_LEVEL".to_owned(), "info".to_owned());
        let settings = FunctionSettings {
            name: "migrate".to_owned(),
            binary: binary(),
            environment,
            environments: 1,
            timeout,
        };
        let host = LambdaHost::start(vec![settings], RouteTable::default()).await;
        Self {
            host: host.expect("the function starts"),
        }
    }

    pub(super) async fn invoke(&self, event: &Value) -> Outcome {
        let event = event.to_string().into_bytes().into();
        self.host
            .invoke("migrate", event)
            .await
            .expect("there is such a function")
            .outcome
    }

    /// Sends a request as CloudFormation does.
    pub(super) async fn request(&self, kind: &str, answer_to: &str) -> Outcome {
        self.invoke(&json!({
            "RequestType": kind,
            "ResponseURL": answer_to,
            "StackId": "arn:aws:cloudformation:eu-central-1:1:stack/cairn/1",
            "RequestId": "request-1",
            "LogicalResourceId": "Migrations",
            "PhysicalResourceId": "cairn-migrations",
            "ResourceType": "Custom::Migrations",
            "ResourceProperties": {"Version": "2", "Configuration": {"FunctionMemory": "256"}},
        }))
        .await
    }

    pub(super) fn wrote(&self, text: &str) -> bool {
        self.lines().iter().any(|line| line.contains(text))
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.host.logs("migrate").expect("there is such a function")
    }

    /// Ends the process in the midst of what it is doing, as Lambda does when the time is over.
    pub(super) fn kill(&self) {
        self.host.kill("migrate").expect("there is such a function");
    }
}

pub(super) fn answer_of(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Answer(answer) => serde_json::from_slice(&answer).expect("JSON"),
        other => panic!("no answer: {other:?}"),
    }
}

#[tokio::test]
async fn a_direct_invocation_is_answered_directly() {
    let database = TestDatabase::create().await;
    let function = Function::start(&[("DIRECT_URL", &database.url())], LONG).await;
    assert_eq!(
        answer_of(function.invoke(&json!({})).await),
        json!({"applied": []})
    );

    let nowhere = format!("postgresql://postgres:{PASSWORD}@127.0.0.1:1/nowhere?sslmode=allow");
    let broken = Function::start(&[("DIRECT_URL", &nowhere)], LONG).await;
    let Outcome::Failed(error) = broken.invoke(&json!({})).await else {
        panic!("it did not fail")
    };
    let error = String::from_utf8_lossy(&error).into_owned();
    assert!(error.contains("DIRECT_URL cannot be used"), "{error}");
    assert!(
        !error.contains(PASSWORD) && !broken.wrote(PASSWORD),
        "{error}"
    );
}

#[tokio::test]
async fn cloudformation_is_told_of_success_under_a_constant_id() {
    let database = TestDatabase::create().await;
    let (mailbox, url) = Mailbox::open().await;
    // S3 has a bad moment: that is no reason to let CloudFormation wait for an hour.
    mailbox.refusals.store(2, Ordering::SeqCst);
    let function = Function::start(&[("DIRECT_URL", &database.url())], LONG).await;
    answer_of(function.request("Create", &url).await);

    let told = mailbox.only_answer();
    assert_eq!(told["Status"], "SUCCESS");
    assert_eq!(told["PhysicalResourceId"], "cairn-migrations");
    assert_eq!(told["RequestId"], "request-1");
    assert_eq!(told["LogicalResourceId"], "Migrations");
    assert_eq!(
        told["Data"]["Configuration"].as_str().map(str::len),
        Some(16)
    );
    assert!(function.wrote("the schema is up to date"));
    assert!(
        !function.wrote("signature=secret"),
        "whoever has that address may answer in our place"
    );
}

#[tokio::test]
async fn cloudformation_is_told_of_failure() {
    let (mailbox, url) = Mailbox::open().await;
    let broken = [
        ("DIRECT_URL", ""),
        ("DATABASE_URL", "mysql://root:hunter2@localhost"),
    ];
    let function = Function::start(&broken, LONG).await;
    answer_of(function.request("Update", &url).await);

    let told = mailbox.only_answer();
    assert_eq!(told["Status"], "FAILED");
    assert_eq!(told["PhysicalResourceId"], "cairn-migrations");
    let reason = told["Reason"].as_str().expect("a reason");
    assert!(
        reason.starts_with("DATABASE_URL cannot be used"),
        "{reason}"
    );
    assert!(!reason.contains("hunter2") && !function.wrote("hunter2"));
}

#[tokio::test]
async fn deleting_the_stack_needs_no_database() {
    let (mailbox, url) = Mailbox::open().await;
    let function = Function::start(&[("DIRECT_URL", "postgresql://127.0.0.1:1/gone")], LONG).await;
    answer_of(function.request("Delete", &url).await);
    assert_eq!(mailbox.only_answer()["Status"], "SUCCESS");
}

#[tokio::test]
async fn migrations_that_take_too_long_are_stopped_and_reported_in_time() {
    let database = TestDatabase::create().await;
    let busy = database.connect().await;
    // Somebody has the history, so that the run waits for it.
    busy.batch_execute("BEGIN; LOCK TABLE refinery_schema_history")
        .await
        .expect("a lock");
    let (mailbox, url) = Mailbox::open().await;
    // Of a time-out, half a minute is kept for the answer.
    let function =
        Function::start(&[("DIRECT_URL", &database.url())], Duration::from_secs(32)).await;
    answer_of(function.request("Update", &url).await);

    let told = mailbox.only_answer();
    assert_eq!(told["Status"], "FAILED");
    let reason = told["Reason"].as_str().expect("a reason");
    assert!(reason.contains("did not finish in time"), "{reason}");

    let watcher = connect(&database.url()).await;
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waiting: i64 = watcher
        .query_one(waiting, &[])
        .await
        .expect("the activity")
        .get(0);
    assert_eq!(waiting, 0, "the statement still waits in the server");
}
