//! Calls of the local AWS, as whoever may do everything there.

use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::aws::REGION;

/// How long an answer may take: there is no network between us.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A client of the AWS at one endpoint.
#[derive(Debug, Clone)]
pub struct AwsClient {
    endpoint: String,
    http: reqwest::Client,
}

impl AwsClient {
    /// A client of the AWS at `endpoint`. Nothing is called yet.
    pub fn new(endpoint: String) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(TIMEOUT)
            .build()?;
        Ok(Self { endpoint, http })
    }

    /// Where it is.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Calls an operation of SQS.
    pub async fn sqs<T: DeserializeOwned>(
        &self,
        operation: &str,
        input: &Value,
    ) -> anyhow::Result<T> {
        let request = self
            .request(Method::POST, "sqs", "/")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("AmazonSQS.{operation}"))
            .body(input.to_string());
        answer(request)
            .await?
            .with_context(|| format!("The local AWS does not know what {operation} asks for"))
    }

    /// Calls an operation of EventBridge Scheduler; nothing if there is no such thing.
    pub async fn scheduler<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        input: Option<&Value>,
    ) -> anyhow::Result<Option<T>> {
        let mut request = self.request(method, "scheduler", path).query(query);
        if let Some(input) = input {
            request = request.json(input);
        }
        answer(request).await
    }

    /// What the local AWS tells about itself at `path`, as AWS would not.
    pub async fn inspect<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> anyhow::Result<T> {
        let request = self
            .http
            .get(format!("{}/_ministack/{path}", self.endpoint))
            .query(query);
        answer(request)
            .await?
            .with_context(|| format!("The local AWS tells nothing of its {path}"))
    }

    fn request(&self, method: Method, service: &str, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.endpoint))
            .header("authorization", authorization(service))
    }
}

/// What calls of a service say they were signed with. The signatures of a key that may do everything are not checked.
pub fn authorization(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=local/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// The body of the answer, null where it has none; nothing if it is a 404.
async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> anyhow::Result<Option<T>> {
    let answer = request
        .send()
        .await
        .context("The local AWS does not answer")?;
    let status = answer.status();
    if status == 404 {
        return Ok(None);
    }
    let body = answer
        .bytes()
        .await
        .context("The local AWS stopped in the middle of its answer")?;
    if !status.is_success() {
        let said = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        let reason = ["message", "Message"]
            .iter()
            .find_map(|key| said[*key].as_str())
            .map_or_else(
                || String::from_utf8_lossy(&body).into_owned(),
                str::to_owned,
            );
        bail!("The local AWS answers {status}: {reason}");
    }
    let body: &[u8] = if body.is_empty() { b"null" } else { &body };
    let body = serde_json::from_slice(body)
        .context("The local AWS answers otherwise than was expected")?;
    Ok(Some(body))
}
