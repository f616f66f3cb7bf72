//! Requests as a browser sends them, in the events that API Gateway makes of them; and the check of the answers.

use std::io::Read as _;

use anyhow::{Context as _, bail, ensure};
use axum::body::Bytes;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cairn_dev::lambda_host::{api_routes, gateway_event};
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::Value;

/// A request of somebody.
pub struct Asked {
    /// The method.
    pub method: &'static str,
    /// The path, with its query.
    pub path: String,
    /// The session token, where one is needed.
    pub token: Option<String>,
    /// The body; null where there is none.
    pub body: Value,
}

/// An event, and the function that it is for.
pub struct Event {
    /// The function.
    pub function: String,
    /// The event, in JSON.
    pub json: Bytes,
}

impl Asked {
    /// The event, of a client that takes compressed answers or does not.
    pub fn event(&self, compressed: bool) -> anyhow::Result<Event> {
        let encodings = if compressed {
            "gzip, deflate, br, zstd"
        } else {
            "identity"
        };
        let body = if self.body.is_null() {
            Bytes::new()
        } else {
            self.body.to_string().into()
        };
        let mut request = Request::builder()
            .method(self.method)
            .uri(&self.path)
            .header("accept", "application/json, text/plain, */*")
            .header("accept-encoding", encodings)
            .header("accept-language", "en-GB,en;q=0.9,de;q=0.8")
            .header("content-length", body.len())
            .header("host", "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com")
            .header("origin", "https://app.example.com")
            .header("priority", "u=1, i")
            .header("referer", "https://app.example.com/")
            .header("sec-ch-ua", r#""Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99""#)
            .header("sec-ch-ua-mobile", "?0")
            .header("sec-ch-ua-platform", "\"macOS\"")
            .header("sec-fetch-dest", "empty")
            .header("sec-fetch-mode", "cors")
            .header("sec-fetch-site", "cross-site")
            .header(
                "user-agent",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 \
                 Safari/537.36",
            )
            .header("x-amzn-trace-id", "Root=1-6906f2c5-1f0d2b7c5e9a4f3b6d8c7a10")
            .header("x-forwarded-for", "203.0.113.24")
            .header("x-forwarded-port", "443")
            .header("x-forwarded-proto", "https");
        if !self.body.is_null() {
            request = request.header("content-type", "application/json");
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let (parts, ()) = request.body(())?.into_parts();
        let (function, json) = gateway_event(&api_routes(), &parts, &body, "T2kGjhSKliAEPmQ=")?;
        Ok(Event { function, json })
    }
}

/// What is expected of an answer.
#[derive(Debug, Clone, Copy)]
pub enum Expected {
    /// An answer to API Gateway.
    Http {
        /// The status.
        status: u16,
        /// How many things are in the list at this JSON pointer.
        list: Option<(&'static str, usize)>,
        /// Whether it is JSON.
        json: bool,
    },
    /// An answer to a queue: no record failed.
    Batch,
}

impl Expected {
    /// 200, and JSON.
    pub fn success() -> Self {
        Self::Http {
            status: 200,
            list: None,
            json: true,
        }
    }

    /// 200, and so many things in the list at this JSON pointer.
    pub fn list(pointer: &'static str, count: usize) -> Self {
        Self::Http {
            status: 200,
            list: Some((pointer, count)),
            json: true,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// An answer that was as expected.
pub struct Checked {
    /// How many bytes of body the client gets.
    pub bytes: usize,
    /// The body, where it is JSON.
    pub json: Value,
}

/// What a function answered, where that is text for API Gateway.
pub fn answer_of(answer: &[u8]) -> Option<cairn_floor_order::Answer> {
    let answer: Answer = serde_json::from_slice(answer).ok()?;
    let body = answer.body.filter(|_| !answer.is_base64_encoded)?;
    Some(cairn_floor_order::Answer {
        status: answer.status_code,
        body,
    })
}

/// Checks what a function answered.
pub fn check(answer: &[u8], expected: Expected) -> anyhow::Result<Checked> {
    match expected {
        Expected::Http { status, list, json } => check_http(answer, status, list, json),
        Expected::Batch => {
            let json: Value = serde_json::from_slice(answer)?;
            let failed = json["batchItemFailures"].as_array();
            ensure!(failed.is_some_and(Vec::is_empty), "a record failed: {json}");
            Ok(Checked {
                bytes: answer.len(),
                json,
            })
        }
    }
}

fn check_http(
    answer: &[u8],
    status: u16,
    list: Option<(&str, usize)>,
    json: bool,
) -> anyhow::Result<Checked> {
    let answer: Answer = serde_json::from_slice(answer).context("not an answer to API Gateway")?;
    let body = answer.body.unwrap_or_default();
    let sent = if answer.is_base64_encoded {
        STANDARD.decode(&body)?
    } else {
        body.into_bytes()
    };
    let mut plain = Vec::new();
    if sent.starts_with(&[0x1f, 0x8b]) {
        GzDecoder::new(&sent[..]).read_to_end(&mut plain)?;
    } else {
        plain.clone_from(&sent);
    }
    ensure!(
        answer.status_code == status,
        "status {} instead of {}: {}",
        answer.status_code,
        status,
        String::from_utf8_lossy(&plain[..plain.len().min(300)])
    );
    let json = if json {
        serde_json::from_slice(&plain).context("the body is not JSON")?
    } else {
        ensure!(!plain.is_empty(), "the body is empty");
        Value::Null
    };
    if let Some((pointer, count)) = list {
        let Some(list) = json.pointer(pointer).and_then(Value::as_array) else {
            bail!("there is no list at {pointer}");
        };
        ensure!(
            list.len() == count,
            "{} things at {pointer} instead of {count}",
            list.len()
        );
    }
    Ok(Checked {
        bytes: sent.len(),
        json,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_checked() {
        let right = br#"{"statusCode":200,"body":"{\"data\":[1,2]}","isBase64Encoded":false}"#;
        assert_eq!(
            check(right, Expected::list("/data", 2))
                .expect("it is right")
                .bytes,
            14
        );
        for wrong in [
            &br#"{"statusCode":500,"body":"{\"data\":[1,2]}"}"#[..],
            br#"{"statusCode":200,"body":"{\"data\":[1]}"}"#,
            br#"{"statusCode":200,"body":"oops"}"#,
            br#"{"statusCode":200}"#,
            b"{}",
        ] {
            assert!(
                check(wrong, Expected::list("/data", 2)).is_err(),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn a_record_that_failed_is_seen() {
        check(br#"{"batchItemFailures":[]}"#, Expected::Batch).expect("none failed");
        for wrong in [
            &br#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#[..],
            b"{}",
        ] {
            assert!(check(wrong, Expected::Batch).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_event_names_its_function() {
        let asked = Asked {
            method: "GET",
            path: "/api/tasks/mine?limit=5".to_owned(),
            token: Some("t".to_owned()),
            body: Value::Null,
        };
        let event = asked.event(true).expect("an event");
        assert_eq!(event.function, "tasks");
        let json: Value = serde_json::from_slice(&event.json).expect("JSON");
        assert_eq!(json["rawQueryString"], "limit=5");
        assert_eq!(json["headers"]["authorization"], "Bearer t");
    }
}
