//! A stand-in for the AWS services that functions call. It answers at once and keeps nothing, so that what is measured is the
//! function's part. (The local AWS of `cargo dev` takes milliseconds for a call.)

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::bail;
use serde_json::{Value, json};

use super::http_server::{HttpServer, Request, json_answer};

/// How soon it notices that it is no longer needed.
const LOOK_UP: Duration = Duration::from_millis(200);

/// A running stand-in. It ends when it is dropped.
pub struct Aws {
    address: String,
    calls: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Aws {
    /// Starts it on a thread of its own.
    pub fn start() -> anyhow::Result<Self> {
        let mut server = HttpServer::bind()?;
        let address = server.address()?;
        let (calls, over) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (counted, told) = (Arc::clone(&calls), Arc::clone(&over));
        let thread = std::thread::spawn(move || {
            while !told.load(Ordering::Relaxed) {
                // Where it fails the function's call fails, and with it the check of its answer.
                let Ok(Some(request)) = server.next(Instant::now() + LOOK_UP) else {
                    continue;
                };
                counted.fetch_add(1, Ordering::Relaxed);
                let answer = match answer(&request) {
                    Ok(body) => json_answer("200 OK", &body),
                    Err(reason) => json_answer(
                        "400 Bad Request",
                        &json!({"message": reason.to_string()}).to_string(),
                    ),
                };
                drop(server.answer(request.from, &answer));
            }
        });
        Ok(Self {
            address,
            calls,
            over,
            thread: Some(thread),
        })
    }

    /// How many calls were answered.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// The URL of a queue.
    pub fn queue(&self, name: &str) -> String {
        format!("http://{}/123456789012/{name}", self.address)
    }

    /// The variables by which a function finds it, and all that it calls there.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let arn = |service: &str, resource: &str| {
            format!("arn:aws:{service}:eu-central-1:123456789012:{resource}")
        };
        vec![
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
            ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "bench".to_owned()),
            ("AWS_SESSION_TOKEN", "b".repeat(900)),
            ("WEBHOOK_QUEUE_URL", self.queue("cairn-webhooks")),
            ("TASK_QUEUE_URL", self.queue("cairn-tasks")),
            ("REMINDER_QUEUE_URL", self.queue("cairn-reminders")),
            ("REMINDER_QUEUE_ARN", arn("sqs", "cairn-reminders")),
            ("SCHEDULE_DLQ_ARN", arn("sqs", "cairn-reminders-dead")),
            ("SCHEDULE_GROUP", "cairn".to_owned()),
            (
                "SCHEDULER_ROLE_ARN",
                "arn:aws:iam::123456789012:role/cairn-scheduler".to_owned(),
            ),
            ("MAIL_FROM", "Cairn <no-reply@cairn.example>".to_owned()),
            ("FRONTEND_URL", "https://app.example.com".to_owned()),
        ]
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// What the service answers to a call that it accepts.
fn answer(request: &Request) -> anyhow::Result<String> {
    const ID: &str = "5fea7756-0ea4-451a-a703-a558b933e274";
    const DIGEST: &str = "fafb00f5732ab283681e124bf8747ed1";
    let answer = match (request.header("x-amz-target"), request.path()) {
        (Some("AmazonSQS.SendMessage"), _) => json!({"MessageId": ID, "MD5OfMessageBody": DIGEST}),
        (Some("AmazonSQS.SendMessageBatch"), _) => {
            let call: Value = serde_json::from_slice(&request.body)?;
            let entries = call["Entries"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            let successful: Vec<_> = entries
                .iter()
                .map(
                    |entry| json!({"Id": entry["Id"], "MessageId": ID, "MD5OfMessageBody": DIGEST}),
                )
                .collect();
            json!({"Successful": successful, "Failed": []})
        }
        (Some("AmazonSQS.ChangeMessageVisibility"), _) => json!({}),
        (None, "/v2/email/outbound-emails") => json!({"MessageId": ID}),
        (None, path) if path.starts_with("/schedules/") => {
            json!({"ScheduleArn": format!("arn:aws:scheduler:eu-central-1:123456789012:schedule{path}")})
        }
        (target, path) => bail!(
            "nobody here answers {} at {path}",
            target.unwrap_or("a call")
        ),
    };
    Ok(answer.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(target: Option<&str>, path: &str, body: &str) -> anyhow::Result<String> {
        let target = target.map_or(String::new(), |target| {
            format!("\r\nX-Amz-Target: {target}")
        });
        answer(&Request {
            from: 0,
            head: format!("POST {path} HTTP/1.1{target}"),
            body: body.as_bytes().to_vec(),
        })
    }

    #[test]
    fn calls_are_answered_as_the_services_do() {
        let batch = r#"{"Entries":[{"Id":"0"},{"Id":"1"}]}"#;
        let sent = call(Some("AmazonSQS.SendMessageBatch"), "/", batch).expect("an answer");
        let sent: Value = serde_json::from_str(&sent).expect("JSON");
        assert_eq!(sent["Successful"][1]["Id"], "1");
        call(None, "/v2/email/outbound-emails", "{}").expect("an answer");
        call(None, "/schedules/task-1", "{}").expect("an answer");
        call(None, "/other", "{}").expect_err("nobody knows it");
    }
}
