//! The events that are measured.

use axum::body::Bytes;
use cairn_dev::clerk_events::{self, Organization, Person};
use cairn_dev::webhooks::WebhookSecret;
use serde_json::{Value, json};

use super::super::measure::Case;
use super::super::request::{Event, Expected};
use super::super::stage::{Stage, WEBHOOK_SECRET};

/// What the webhook's case is called.
pub const WEBHOOK: &str = "webhook";
/// How many invocations of a kind differ from each other.
const INVOCATIONS: usize = 10;
const QUICK_INVOCATIONS: usize = 3;
/// How many records a batch has.
const BATCH: usize = 10;
/// A moment in the past, in milliseconds: the first version of everything.
const THEN: i64 = 1_767_225_600_000;

const TASK_CHANGES: &str = include_str!("task_changes.sql");
const CLERK: &str = include_str!("clerk.sql");

/// A webhook, ten changes of tasks, and ten events of Clerk.
pub fn all(stage: &Stage) -> anyhow::Result<Vec<Case>> {
    let count = if stage.quick {
        QUICK_INVOCATIONS
    } else {
        INVOCATIONS
    };
    let secret = WebhookSecret::parse(WEBHOOK_SECRET)?;
    let webhooks = (0..count).map(|n| webhook(&secret, &clerk_event(n, 0)));
    let changes = (0..count).map(|n| batch("cairn-tasks", |i| task_change(n * BATCH + i)));
    let clerk = (0..count).map(|n| {
        batch(
            "cairn-webhooks",
            |i| json!({"clerk_event": clerk_event(n, i)}),
        )
    });
    Ok(vec![
        Case {
            name: WEBHOOK.to_owned(),
            events: webhooks.collect(),
            compressed: Vec::new(),
            expected: Expected::success(),
            reset: None,
        },
        Case {
            name: "worker, 10 changes of tasks".to_owned(),
            events: changes.collect(),
            compressed: Vec::new(),
            expected: Expected::Batch,
            reset: Some(TASK_CHANGES.to_owned()),
        },
        Case {
            name: "worker, 10 events of Clerk".to_owned(),
            events: clerk.collect(),
            compressed: Vec::new(),
            expected: Expected::Batch,
            reset: Some(CLERK.to_owned()),
        },
    ])
}

/// The message about a row of the outbox.
fn task_change(number: usize) -> Value {
    json!({"task_change": {"outbox_id": format!("0f000000-0000-7000-8000-{number:012x}")}})
}

/// The event number `i` of batch `n`: a new organization with its first three members, and changes of it. Each batch is about
/// another organization.
fn clerk_event(n: usize, i: usize) -> Value {
    let organization = format!("org_clerk_{n}");
    let users: Vec<String> = (0..3).map(|u| format!("user_clerk_{n}_{u}")).collect();
    let addresses: Vec<String> = users.iter().map(|id| format!("{id}@example.com")).collect();
    let organization = Organization {
        id: &organization,
        name: "Harbor Studio",
        slug: "harbor-studio",
        created_by: &users[0],
    };
    let person = |u: usize| Person {
        id: &users[u],
        first_name: "Ada",
        last_name: "Okafor",
        email: &addresses[u],
        image_url: "https://img.example.com/eyJ0eXBlIjoicHJveHkifQ",
    };
    let at = THEN + i64::try_from(i).unwrap_or_default() * 1000;
    match i {
        0..3 => clerk_events::user("user.created", at, &person(i)),
        3 => clerk_events::organization("organization.created", at, &organization),
        4..7 => {
            let role = if i == 4 { "org:admin" } else { "org:member" };
            let kind = "organizationMembership.created";
            clerk_events::membership(kind, at, &organization, &person(i - 4), role)
        }
        7 => clerk_events::user("user.updated", at, &person(1)),
        8 => clerk_events::organization("organization.updated", at, &organization),
        _ => {
            let kind = "organizationMembership.updated";
            clerk_events::membership(kind, at, &organization, &person(2), "org:admin")
        }
    }
}

/// A batch of a queue as Lambda hands it over.
fn batch(queue: &str, body: impl Fn(usize) -> Value) -> Event {
    let records: Vec<Value> = (0..BATCH)
        .map(|i| {
            json!({
                "messageId": format!("2e1424d4-f796-459a-8184-{i:012x}"),
                "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a".repeat(10),
                "body": body(i).to_string(),
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1767225600000",
                    "SenderId": "AROAEXAMPLE:cairn-prod-tasks",
                    "ApproximateFirstReceiveTimestamp": "1767225600005",
                },
                "messageAttributes": {},
                "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                "eventSource": "aws:sqs",
                "eventSourceARN": format!("arn:aws:sqs:eu-central-1:123456789012:{queue}"),
                "awsRegion": "eu-central-1",
            })
        })
        .collect();
    Event {
        function: "worker".to_owned(),
        json: json!({"Records": records}).to_string().into(),
    }
}

/// A delivery of Clerk as a function URL hands it over.
fn webhook(secret: &WebhookSecret, event: &Value) -> Event {
    let body = event.to_string();
    let signed = secret.sign_now(body.as_bytes());
    let host = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws";
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "content-length": body.len().to_string(),
            "content-type": "application/json",
            "host": host,
            "svix-id": signed.id,
            "svix-signature": signed.signature,
            "svix-timestamp": signed.timestamp,
            "user-agent": "Svix-Webhooks/1.81.0",
            "x-amzn-trace-id": "Root=1-6906f2c5-1f0d2b7c5e9a4f3b6d8c7a10",
            "x-forwarded-for": "44.228.126.217",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "abcdefghijklmnopqrstuvwxyz012345",
            "domainName": host,
            "domainPrefix": "abcdefghijklmnopqrstuvwxyz012345",
            "http": {
                "method": "POST",
                "path": "/",
                "protocol": "HTTP/1.1",
                "sourceIp": "44.228.126.217",
                "userAgent": "Svix-Webhooks/1.81.0",
            },
            "requestId": "6f4a9a6e-4f3d-4a75-9c4e-0f0f4c1b8c6e",
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": THEN,
        },
        "body": body,
        "isBase64Encoded": false,
    });
    Event {
        function: "webhooks".to_owned(),
        json: Bytes::from(event.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_ten_events_of_its_own() {
        let event = batch(
            "cairn-webhooks",
            |i| json!({"clerk_event": clerk_event(1, i)}),
        );
        let event: Value = serde_json::from_slice(&event.json).expect("JSON");
        let records = event["Records"].as_array().expect("records");
        assert_eq!(records.len(), BATCH);
        for record in records {
            let body = record["body"].as_str().expect("a body");
            assert!(body.contains("_clerk_1"), "{body}");
        }
    }
}
