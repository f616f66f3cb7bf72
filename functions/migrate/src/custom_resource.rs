//! CloudFormation's protocol for custom resources: it sends a request with an address, and waits until somebody puts the
//! outcome there.

use std::{collections::BTreeMap, time::Duration};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use rustls::crypto::aws_lc_rs::default_provider;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::failure::Failure;

/// Always the same: another one would make CloudFormation delete the resource it thinks was replaced.
const PHYSICAL_ID: &str = "cairn-migrations";

/// CloudFormation takes 4 KB in all.
const LONGEST_REASON: usize = 1000;

const TRY_LIMIT: Duration = Duration::from_secs(5);
const PAUSES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// What CloudFormation wants to know, and where.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Event {
    pub request_type: RequestType,
    /// Whoever has it may write the answer: it must not be logged.
    #[serde(rename = "ResponseURL")]
    response_url: String,
    #[serde(default)]
    stack_id: String,
    #[serde(default)]
    request_id: String,
    #[serde(default)]
    logical_resource_id: String,
    #[serde(default)]
    resource_properties: Properties,
}

/// What the template says of the resource.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    /// The values that the functions' configuration is made of. (In whatever form: a request that cannot be read is one that
    /// nobody answers.)
    #[serde(default)]
    configuration: Value,
}

/// Creation and update are one to us.
#[derive(Deserialize)]
pub enum RequestType {
    Delete,
    #[serde(other)]
    Other,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    physical_resource_id: &'static str,
    stack_id: &'a str,
    request_id: &'a str,
    logical_resource_id: &'a str,
    data: Data,
}

/// What the template can ask of the resource.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Data {
    /// The template puts it into the functions' descriptions, so that a change of a parameter publishes new versions of them.
    configuration: String,
}

/// CloudFormation was not told the outcome.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    #[error("the address for the answer is no URL")]
    Address,
    #[error("the answer was refused with status {0}")]
    Refused(http::StatusCode),
    #[error("the answer could not be delivered")]
    Undelivered,
}

impl Event {
    /// The event, if it is a request of CloudFormation.
    pub fn read(event: Value) -> Option<Self> {
        serde_json::from_value(event).ok()
    }

    /// Puts the outcome where CloudFormation looks for it, trying a few times.
    pub async fn answer<T>(&self, outcome: &Result<T, Failure>) -> Result<(), Unanswered> {
        let body = Bytes::from(self.body(outcome));
        for pause in PAUSES {
            match self.put(body.clone()).await {
                Err(Unanswered::Undelivered) => {}
                // S3 has a bad moment.
                Err(Unanswered::Refused(status)) if status.is_server_error() => {}
                outcome => return outcome,
            }
            sleep(pause).await;
        }
        self.put(body).await
    }

    fn body<T>(&self, outcome: &Result<T, Failure>) -> String {
        let reason = outcome
            .as_ref()
            .err()
            .map(|failure| failure.to_string().chars().take(LONGEST_REASON).collect());
        let answer = Answer {
            status: if reason.is_none() {
                "SUCCESS"
            } else {
                "FAILED"
            },
            reason,
            physical_resource_id: PHYSICAL_ID,
            stack_id: &self.stack_id,
            request_id: &self.request_id,
            logical_resource_id: &self.logical_resource_id,
            data: Data {
                configuration: self.fingerprint(),
            },
        };
        serde_json::to_string(&answer).expect("strings serialise")
    }

    /// Sixteen hexadecimal digits of a hash: equal values give equal digits, in whatever order CloudFormation names them.
    fn fingerprint(&self) -> String {
        let values = match &self.resource_properties.configuration {
            Value::Object(values) => serde_json::to_vec(&values.iter().collect::<BTreeMap<_, _>>()),
            other => serde_json::to_vec(other),
        };
        let hash = digest(&SHA256, &values.expect("JSON serialises"));
        hash.as_ref()[..8]
            .iter()
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    }

    async fn put(&self, body: Bytes) -> Result<(), Unanswered> {
        let request = http::Request::put(&self.response_url)
            // The address is signed for exactly this.
            .header(CONTENT_TYPE, "")
            .body(Full::new(body))
            .map_err(|_| Unanswered::Address)?;
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(default_provider())
            .map_err(|_| Unanswered::Undelivered)?
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        match timeout(TRY_LIMIT, client.request(request)).await {
            Ok(Ok(answer)) if answer.status().is_success() => Ok(()),
            Ok(Ok(answer)) => Err(Unanswered::Refused(answer.status())),
            Ok(Err(_)) | Err(_) => Err(Unanswered::Undelivered),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(kind: &str) -> Event {
        Event::read(json!({
            "RequestType": kind,
            "ResponseURL": "https://example.org/answer?signature=secret",
            "StackId": "stack", "RequestId": "request", "LogicalResourceId": "Migrations",
            "ResourceType": "Custom::Migrations",
            "ResourceProperties": {"Version": "1", "Configuration": {"Memory": "256", "Issuer": "a"}},
        }))
        .unwrap()
    }

    #[test]
    fn only_requests_of_cloudformation_are_taken_for_such() {
        assert!(Event::read(json!({})).is_none());
        assert!(Event::read(json!({"RequestType": "Create"})).is_none());
        assert!(matches!(
            request("Delete").request_type,
            RequestType::Delete
        ));
        assert!(matches!(request("Update").request_type, RequestType::Other));
    }

    #[test]
    fn another_configuration_has_another_fingerprint() {
        let with = |configuration: Value| {
            let event = json!({
                "RequestType": "Update", "ResponseURL": "https://example.org",
                "ResourceProperties": {"Configuration": configuration},
            });
            Event::read(event).unwrap().fingerprint()
        };
        let first = with(json!({"Memory": "256", "Issuer": "a"}));
        assert_ne!(first, with(json!("of another form")));
        assert_eq!(first.len(), 16);
        assert_eq!(first, with(json!({"Issuer": "a", "Memory": "256"})));
        assert_ne!(first, with(json!({"Issuer": "a", "Memory": "512"})));
    }

    #[test]
    fn success_and_failure_are_told_with_the_same_physical_id() {
        let told = |outcome| -> Value {
            serde_json::from_str(&request("Create").body::<()>(&outcome)).unwrap()
        };
        let success = json!({
            "Status": "SUCCESS", "PhysicalResourceId": "cairn-migrations",
            "StackId": "stack", "RequestId": "request", "LogicalResourceId": "Migrations",
            "Data": {"Configuration": request("Create").fingerprint()},
        });
        assert_eq!(told(Ok(())), success);
        let failure = told(Err(Failure::Configuration("x".repeat(10_000))));
        assert_eq!(failure["Status"], "FAILED");
        assert_eq!(failure["PhysicalResourceId"], success["PhysicalResourceId"]);
        assert_eq!(failure["Reason"].as_str().unwrap().len(), LONGEST_REASON);
    }
}
