//! The webhook, as Clerk meets it: the function behind a function URL.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use cairn_dev::lambda_host::Outcome;
use cairn_dev::webhooks::{Signed, WebhookSecret};
use cairn_tests::{TestApp, WEBHOOK_SECRET, built_function};
use serde_json::{Value, json};
use tokio::process::Command;

use super::fixture;

const MINUTE: Duration = Duration::from_mins(1);
/// What the webhook takes at most, as all functions do.
const LARGEST_BODY: usize = 256 * 1024;

/// A delivery on its way.
struct Delivery {
    method: &'static str,
    path: &'static str,
    headers: BTreeMap<&'static str, String>,
    body: Vec<u8>,
    base64: bool,
}

/// The function's answer.
#[derive(Debug)]
struct Answer {
    status: u64,
    headers: Value,
    body: Value,
}

impl Delivery {
    /// Signed with the endpoint's secret, now.
    fn of(event: &Value) -> Self {
        Self::signed(event.to_string().into_bytes(), &secret(), SystemTime::now())
    }

    fn signed(body: Vec<u8>, secret: &WebhookSecret, at: SystemTime) -> Self {
        let Signed {
            id,
            timestamp,
            signature,
        } = secret.sign("msg_1", at, &body);
        Self {
            method: "POST",
            path: "/api/webhooks/clerk",
            headers: [
                ("content-type", "application/json".to_owned()),
                ("svix-id", id),
                ("svix-timestamp", timestamp),
                ("svix-signature", signature),
            ]
            .into(),
            body,
            base64: false,
        }
    }

    /// The event that a function URL makes of it.
    fn event(&self) -> Value {
        let body = if self.base64 {
            BASE64.encode(&self.body)
        } else {
            String::from_utf8(self.body.clone()).expect("what is no text goes in base64")
        };
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": "",
            "headers": self.headers,
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "url-id",
                "domainName": "url-id.lambda-url.eu-central-1.on.aws",
                "domainPrefix": "url-id",
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.24",
                    "userAgent": "Svix-Webhooks/1.62.0",
                },
                "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
                "routeKey": "$default",
                "stage": "$default",
                "time": "01/Jan/2026:00:00:00 +0000",
                "timeEpoch": 1_767_225_600_000_i64,
            },
            "body": body,
            "isBase64Encoded": self.base64,
        })
    }

    async fn to(&self, app: &TestApp) -> Answer {
        let Outcome::Answer(answer) = app.invoke("webhooks", &self.event()).await.outcome else {
            panic!("the function gave no answer");
        };
        let answer: Value = serde_json::from_slice(&answer).expect("the answer is JSON");
        let body = answer["body"].as_str().expect("the answer has a body");
        Answer {
            status: answer["statusCode"].as_u64().expect("a status"),
            headers: answer["headers"].clone(),
            body: serde_json::from_str(body).expect("the body is JSON"),
        }
    }
}

impl Answer {
    #[track_caller]
    fn is_received(&self) {
        assert_eq!((self.status, &self.body), (200, &json!({"received": true})));
    }

    #[track_caller]
    fn is_refused(&self, status: u64, message: &str) {
        let body = json!({"success": false, "message": message});
        assert_eq!((self.status, &self.body), (status, &body));
        let request_id = self.headers["x-request-id"].as_str().unwrap_or_default();
        assert!(!request_id.is_empty(), "{self:?}");
    }

    #[track_caller]
    fn is_not_trusted(&self) {
        self.is_refused(400, "The webhook's signature is missing or wrong");
    }

    #[track_caller]
    fn is_unreadable(&self) {
        self.is_refused(400, "The body is not an event of Clerk's");
    }
}

async fn webhooks() -> TestApp {
    TestApp::builder().only(&["webhooks"]).start().await
}

fn secret() -> WebhookSecret {
    WebhookSecret::parse(WEBHOOK_SECRET).expect("a secret")
}

async fn queued(app: &TestApp) -> Vec<Value> {
    app.aws().messages(&app.aws().webhook_queue.url).await
}

#[tokio::test]
async fn a_signed_event_is_queued_as_it_came_whatever_the_path() {
    let app = webhooks().await;
    let event = fixture("user.updated");
    let body = serde_json::to_vec_pretty(&event).expect("JSON");
    for path in ["/", "/api/webhooks/clerk", "/whatever"] {
        let mut delivery = Delivery::signed(body.clone(), &secret(), SystemTime::now());
        delivery.path = path;
        delivery.to(&app).await.is_received();
    }
    let received = app.aws().receive(&app.aws().webhook_queue.url).await;
    assert_eq!(received.len(), 3);
    let as_it_came = String::from_utf8(body).expect("text");
    for message in received {
        assert_eq!(message.body, format!("{{\"clerk_event\":{as_it_came}}}"));
    }
}

#[tokio::test]
async fn a_body_in_base64_is_decoded_before_it_is_verified() {
    let app = webhooks().await;
    let event = fixture("user.created");
    let mut delivery = Delivery::of(&event);
    delivery.base64 = true;
    delivery.to(&app).await.is_received();
    assert_eq!(queued(&app).await, [json!({"clerk_event": event})]);
    delivery.body[20] ^= 1;
    delivery.to(&app).await.is_not_trusted();
    delivery.body = vec![0xff, 0xfe];
    delivery.to(&app).await.is_not_trusted();
}

#[tokio::test]
async fn what_clerk_did_not_sign_is_refused_and_its_content_not_logged() {
    let app = webhooks().await;
    let event = fixture("user.created");
    let sign = |secret: &str| {
        let secret = WebhookSecret::parse(secret).expect("a secret");
        Delivery::signed(event.to_string().into_bytes(), &secret, SystemTime::now())
    };
    sign(&WebhookSecret::generate())
        .to(&app)
        .await
        .is_not_trusted();

    let mut changed = Delivery::of(&event);
    let place = changed
        .body
        .windows(5)
        .position(|part| part == b"Alice")
        .expect("her name");
    changed.body[place] ^= 1;
    changed.to(&app).await.is_not_trusted();

    for header in ["svix-id", "svix-timestamp", "svix-signature"] {
        let mut delivery = Delivery::of(&event);
        delivery.headers.remove(header);
        delivery.to(&app).await.is_not_trusted();
        delivery.headers.insert(header, String::new());
        delivery.to(&app).await.is_not_trusted();
        delivery.headers.insert(header, "1".to_owned());
        delivery.to(&app).await.is_not_trusted();
    }
    assert!(queued(&app).await.is_empty());
    let log = app.logs().join("\n");
    assert!(
        log.contains("is not signed by Clerk") && log.contains("WARN"),
        "{log}"
    );
    assert!(
        !log.contains("lice") && !log.contains("example.com"),
        "{log}"
    );
}

#[tokio::test]
async fn a_delivery_counts_for_five_minutes() {
    let app = webhooks().await;
    let body = fixture("user.created").to_string().into_bytes();
    let now = SystemTime::now();
    for (at, accepted) in [
        (now - 4 * MINUTE, true),
        (now + 4 * MINUTE, true),
        (now - 6 * MINUTE, false),
        (now + 6 * MINUTE, false),
    ] {
        let answer = Delivery::signed(body.clone(), &secret(), at).to(&app).await;
        if accepted {
            answer.is_received();
        } else {
            answer.is_not_trusted();
        }
    }
    assert_eq!(queued(&app).await.len(), 2);
}

#[tokio::test]
async fn while_the_secret_is_rotated_both_count() {
    let (old, new) = (WebhookSecret::generate(), WebhookSecret::generate());
    let app = TestApp::builder()
        .only(&["webhooks"])
        .variable("CLERK_WEBHOOK_SECRET", &format!("{new}, {old}"))
        .start()
        .await;
    let sign = |secret: &str| {
        let secret = WebhookSecret::parse(secret).expect("a secret");
        let body = fixture("user.created").to_string().into_bytes();
        Delivery::signed(body, &secret, SystemTime::now())
    };
    // While Svix knows of both, it signs with both.
    let mut both = sign(&old);
    let signatures = format!(
        "{} {}",
        both.headers["svix-signature"],
        sign(&new).headers["svix-signature"]
    );
    both.headers.insert("svix-signature", signatures);
    for delivery in [sign(&old), sign(&new), both] {
        delivery.to(&app).await.is_received();
    }
    sign(WEBHOOK_SECRET).to(&app).await.is_not_trusted();
}

#[tokio::test]
async fn what_nobody_follows_is_acknowledged_and_dropped() {
    let app = webhooks().await;
    for event in [
        fixture("organizationInvitation.created"),
        fixture("organizationInvitation.revoked"),
        json!({"type": "session.created", "object": "event", "data": {"id": "sess_1"}}),
        json!({"type": "something ada@example.com wrote", "data": {}}),
    ] {
        Delivery::of(&event).to(&app).await.is_received();
    }
    assert!(queued(&app).await.is_empty());
    let log = app.logs().join("\n");
    assert!(log.contains("session.created"), "{log}");
    assert!(!log.contains("example.com"), "{log}");
}

#[tokio::test]
async fn what_could_never_be_followed_is_refused_here() {
    let app = webhooks().await;
    let mut without_id = fixture("user.created");
    without_id["data"]["id"] = Value::Null;
    let mut without_organization = fixture("organizationMembership.created");
    without_organization["data"]["organization"] = json!({});
    let mut without_time = fixture("user.deleted");
    without_time["timestamp"] = Value::Null;
    let unreadable = [
        json!([]),
        json!("user.created"),
        json!({}),
        json!({"type": "user.created"}),
        json!({"type": 1, "data": {}}),
        json!({"type": "session.created", "data": []}),
        without_id,
        without_organization,
        without_time,
    ];
    for event in &unreadable {
        Delivery::of(event).to(&app).await.is_unreadable();
    }
    let sign = |body: &[u8]| Delivery::signed(body.to_vec(), &secret(), SystemTime::now());
    for body in [&b""[..], b"{", b"{\"type\": \"user.created\"} x"] {
        sign(body).to(&app).await.is_unreadable();
    }
    assert!(queued(&app).await.is_empty());
    let log = app.logs().join("\n");
    assert!(
        log.contains("data.organization is missing or wrong"),
        "{log}"
    );
}

#[tokio::test]
async fn the_largest_event_goes_through_the_queue() {
    let app = webhooks().await;
    let of_size = |size: usize| {
        let mut event = fixture("user.created");
        event["data"]["public_metadata"]["padding"] = "".into();
        let padding = size - event.to_string().len();
        // The queue refuses this character as such; as an escape it is twice as long.
        let odd = "\u{ffff}".repeat(padding / 3);
        event["data"]["public_metadata"]["padding"] =
            format!("{odd}{}", "x".repeat(padding % 3)).into();
        event
    };
    let event = of_size(LARGEST_BODY);
    assert_eq!(event.to_string().len(), LARGEST_BODY);
    Delivery::of(&event).to(&app).await.is_received();
    assert_eq!(queued(&app).await, [json!({"clerk_event": event})]);
    Delivery::of(&of_size(LARGEST_BODY + 1))
        .to(&app)
        .await
        .is_refused(413, "Request body is too large");
    assert_eq!(queued(&app).await.len(), 1);
}

#[tokio::test]
async fn without_the_queue_clerk_is_asked_to_deliver_again() {
    let app = TestApp::builder()
        .only(&["webhooks"])
        .variable("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        .start()
        .await;
    let answer = Delivery::of(&fixture("user.created")).to(&app).await;
    answer.is_refused(503, "Service unavailable");
    assert_eq!(answer.headers["retry-after"], "1");
}

#[tokio::test]
async fn only_post_is_taken() {
    let app = webhooks().await;
    for method in ["GET", "PUT", "DELETE"] {
        let mut delivery = Delivery::of(&fixture("user.created"));
        delivery.method = method;
        let answer = delivery.to(&app).await;
        answer.is_refused(405, "Method not allowed");
        assert_eq!(answer.headers["allow"], "POST");
    }
    assert!(queued(&app).await.is_empty());
}

#[tokio::test]
async fn a_secret_that_is_none_stops_the_start_with_a_sentence() {
    let started = Command::new(built_function("webhooks"))
        .env_clear()
        .env("CLERK_WEBHOOK_SECRET", "whsec_nothing!")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .await
        .expect("the function can be started");
    assert!(!started.status.success());
    let said = String::from_utf8_lossy(&started.stdout);
    assert!(
        said.contains("CLERK_WEBHOOK_SECRET") && said.contains("WEBHOOK_QUEUE_URL"),
        "{said}"
    );
    assert!(!said.contains("nothing!"), "{said}");
}
