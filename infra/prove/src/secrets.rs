//! Secrets stay where they are: whatever becomes of a function, none is in its log or in an answer. Each is given values that
//! it can use and values that it cannot, with a word in them that must never be seen again.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cairn_tests::{TestApp, TestDatabase, User};
use serde_json::json;

use crate::findings::Findings;
use crate::settings::Settings;

/// The functions that are invoked with events, here with such as they cannot read.
const EVENTS: [&str; 3] = ["worker", "reminders", "relay"];
const WORD: &str = "Unspeakable";

/// There is one form: every secret in every way.
pub async fn run(_settings: Settings) -> Findings {
    let mut findings = Findings::new();
    let mut looked_at = 0;
    for url in database_urls() {
        looked_at += with_usable(&url, &mut findings).await;
    }
    let values = unusable_values();
    for values in &values {
        looked_at += with_unusable(values, &mut findings).await;
    }
    findings.did(format!(
        "all functions with a marked word in each secret: {} times where it can be used and everything else fails, {} times where it \
         cannot",
        database_urls().len(),
        values.len()
    ));
    findings.figure(format!(
        "{looked_at} answers and lines of the log, looked through for the word as text, in base64 and as printed bytes"
    ));
    findings
}

/// A database that nobody can reach, and one that lets nobody in under this password.
fn database_urls() -> [String; 2] {
    let server = TestDatabase::server_address();
    [
        format!("postgresql://cairn:{WORD}@127.0.0.1:9/cairn"),
        format!("postgresql://nobody_{WORD}:{WORD}@{server}/cairn_{WORD}"),
    ]
}

async fn with_usable(url: &str, findings: &mut Findings) -> usize {
    let app = TestApp::builder()
        .with_events()
        .environments(1)
        .variable("DATABASE_URL", url)
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
    look_through(&app, seen, findings)
}

/// Secrets by the names of their variables.
fn unusable_values() -> [[(&'static str, String); 3]; 3] {
    [
        [
            ("DATABASE_URL", WORD.to_owned()),
            ("CLERK_WEBHOOK_SECRET", WORD.to_owned()),
            ("CLERK_JWT_KEY", WORD.to_owned()),
        ],
        [
            (
                "DATABASE_URL",
                format!("postgresql://cairn:{WORD}@localhost:{WORD}/cairn"),
            ),
            ("CLERK_WEBHOOK_SECRET", format!("whsec_{WORD}")),
            (
                "CLERK_JWT_KEY",
                format!("-----BEGIN PUBLIC KEY-----\n{WORD}\n-----END PUBLIC KEY-----"),
            ),
        ],
        [
            (
                "DATABASE_URL",
                format!("postgresql://cairn:{WORD}@localhost/cairn?{WORD}={WORD}"),
            ),
            ("CLERK_WEBHOOK_SECRET", format!("whsec_{WORD}A,{WORD}")),
            (
                "CLERK_JWT_KEY",
                format!(
                    "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
                    STANDARD.encode(WORD)
                ),
            ),
        ],
    ]
}

async fn with_unusable(values: &[(&str, String)], findings: &mut Findings) -> usize {
    let mut builder = TestApp::builder().with_events().environments(1);
    for (name, value) in values {
        builder = builder.variable(name, value);
    }
    let app = builder.start().await;
    let seen = try_everything(&app).await;
    let lines = app.logs();
    for (name, _) in values {
        findings.check(lines.iter().any(|line| line.contains(name)), || {
            format!("no line says that {name} cannot be used")
        });
    }
    look_through(&app, seen, findings)
}

/// All answers, whatever they say.
async fn try_everything(app: &TestApp) -> Vec<String> {
    let user = User::unsynced("Ada Lovelace");
    let token = app.key().session_token(
        "https://issuer.example.com",
        &user.id,
        None,
        Duration::from_mins(1),
    );
    let comment = json!({"message": "Hello"});
    let event = json!({"type": "user.created"});
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
        app.post(&user, "/api/webhooks/clerk", &event).await,
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

/// Looks for the word, and says how many texts were looked through.
fn look_through(app: &TestApp, mut texts: Vec<String>, findings: &mut Findings) -> usize {
    let lines = app.logs();
    findings.check(!lines.is_empty(), || "nothing was logged".to_owned());
    texts.extend(lines);
    for text in &texts {
        let seen = forms_of_the_word()
            .into_iter()
            .find(|form| text.contains(form));
        findings.check(seen.is_none(), || format!("a secret can be seen: {text}"));
    }
    texts.len()
}

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
