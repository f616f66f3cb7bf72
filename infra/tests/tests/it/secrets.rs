//! Secrets stay where they are: whatever becomes of a function, none is in its log or in an answer. Each is given values that
//! it can use and values that it cannot, with a word in them that must never be seen again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cairn_tests::{TestApp, TestDatabase, User};
use serde_json::{Value, json};

/// Every function that an event can reach, with one that it cannot read.
const EVENTS: [&str; 3] = ["worker", "reminders", "relay"];
const WORD: &str = "Unspeakable";

/// The word, and what it looks like when somebody prints bytes, text in base64, or base64 that was decoded.
fn forms_of_the_word() -> [String; 4] {
    let listed = |bytes: &[u8]| {
        let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
        numbers.join(", ")
    };
    let decoded = STANDARD.decode(WORD.to_owned() + "A").expect("base64");
    [
        WORD.to_owned(),
        STANDARD.encode(WORD)[..12].to_owned(),
        listed(WORD.as_bytes()),
        listed(&decoded[..6]),
    ]
}

/// A database that nobody can reach, and one that lets nobody in under this password.
fn database_urls() -> [String; 2] {
    let server = TestDatabase::server_address();
    [
        format!("postgresql://cairn:{WORD}@127.0.0.1:9/cairn"),
        format!("postgresql://nobody_{WORD}:{WORD}@{server}/cairn_{WORD}"),
    ]
}

async fn try_everything(app: &TestApp) -> Vec<String> {
    let user = User::unsynced("Ada Lovelace");
    let token = app.key().session_token(
        "https://issuer.example.com",
        &user.id,
        None,
        std::time::Duration::from_mins(1),
    );
    let comment = json!({"message": "Hello"});
    let task = "00000000-0000-7000-8000-000000000000";
    let answers = [
        app.anonymous("GET", "/").await,
        app.anonymous("GET", "/api/health").await,
        app.anonymous("GET", "/api/workspace").token(&token).await,
        app.get(&user, "/api/workspace").await,
        app.get(&user, &format!("/api/projects/{task}")).await,
        app.get(&user, "/api/tasks/mine").await,
        app.post(&user, &format!("/api/tasks/{task}/comments"), &comment)
            .await,
        app.post(
            &user,
            "/api/webhooks/clerk",
            &json!({"type": "user.created"}),
        )
        .await,
    ];
    let mut seen: Vec<String> = answers.iter().map(ToString::to_string).collect();
    for function in EVENTS {
        for event in [
            json!({}),
            json!({"Records": [{"messageId": "1", "body": "{}", "eventSourceARN": "x"}]}),
        ] {
            let invoked = app.invoke(function, &event).await;
            seen.push(format!("{invoked:?}"));
        }
    }
    seen
}

#[track_caller]
fn assert_unseen(app: &TestApp, seen: &[String], what: &str) {
    let lines = app.logs();
    assert!(!lines.is_empty(), "{what}: something is logged");
    for text in lines.iter().chain(seen) {
        for form in forms_of_the_word() {
            assert!(!text.contains(&form), "{what}: {form} is in: {text}");
        }
    }
}

#[tokio::test]
async fn no_secret_is_seen_where_everything_else_fails() {
    for url in database_urls() {
        let app = TestApp::builder()
            .with_events()
            .environments(1)
            .variable("DATABASE_URL", &url)
            .variable(
                "CLERK_WEBHOOK_SECRET",
                &format!("whsec_{}", STANDARD.encode(WORD)),
            )
            .variable("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .variable("AWS_SECRET_ACCESS_KEY", WORD)
            .variable("AWS_SESSION_TOKEN", WORD)
            .start()
            .await;
        let seen = try_everything(&app).await;
        assert_unseen(&app, &seen, "usable secrets");
    }
}

#[tokio::test]
async fn no_secret_is_seen_that_cannot_be_used() {
    let unusable: [(&str, [String; 3]); 3] = [
        (
            "DATABASE_URL",
            [
                WORD.to_owned(),
                format!("postgresql://cairn:{WORD}@localhost:{WORD}/cairn"),
                format!("postgresql://cairn:{WORD}@localhost/cairn?{WORD}={WORD}"),
            ],
        ),
        (
            "CLERK_WEBHOOK_SECRET",
            [
                WORD.to_owned(),
                format!("whsec_{WORD}"),
                format!("whsec_{WORD}A,{WORD}"),
            ],
        ),
        (
            "CLERK_JWT_KEY",
            [
                WORD.to_owned(),
                format!("-----BEGIN PUBLIC KEY-----\n{WORD}\n-----END PUBLIC KEY-----"),
                format!(
                    "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
                    STANDARD.encode(WORD)
                ),
            ],
        ),
    ];
    for try_number in 0..3 {
        let mut builder = TestApp::builder().with_events().environments(1);
        for (name, values) in &unusable {
            builder = builder.variable(name, &values[try_number]);
        }
        let app = builder.start().await;
        let seen = try_everything(&app).await;
        assert_unseen(&app, &seen, "unusable secrets");
        let lines = app.logs();
        for (name, _) in &unusable {
            assert!(
                lines.iter().any(|line| line.contains(name)),
                "no line says that {name} cannot be used: {lines:#?}"
            );
        }
    }
}

/// What a stranger sends that is larger than it looks, or deeper.
#[tokio::test]
async fn what_is_packed_stays_packed() {
    let app = TestApp::builder()
        .environments(1)
        .only(&["workspaces", "webhooks"])
        .start()
        .await;
    let user = app.user("Ada Lovelace").await;
    let body = json!({"name": "x".repeat(100)}).to_string();
    let before = app.contents().await;
    for encoding in ["gzip", "x-gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        for path in ["/api/workspace", "/api/webhooks/clerk"] {
            let request = app
                .request(&user, "POST", path)
                .header("content-encoding", encoding);
            let answer = request.body(bomb()).await;
            assert!(
                matches!(answer.status.as_u16(), 400 | 415),
                "{encoding}: {answer}"
            );
        }
    }
    assert_eq!(app.contents().await, before);
    // Nothing was unpacked that says so: a body that is plain is read as it is.
    let answer = app
        .request(&user, "POST", "/api/workspace")
        .header("content-encoding", "gzip")
        .body(body)
        .await;
    let refused: Value = answer.json();
    assert!(
        answer.status == 201 || refused["success"] == false,
        "{answer}"
    );
}

/// 100 MB of spaces around an empty object, in 100 KB of gzip.
fn bomb() -> Vec<u8> {
    use std::io::Write as _;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let spaces = vec![b' '; 1024 * 1024];
    for _ in 0..100 {
        packed.write_all(&spaces).expect("memory");
    }
    packed.write_all(b"{}").expect("memory");
    packed.finish().expect("memory")
}
