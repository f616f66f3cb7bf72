//! What strangers send is read by five parsers: tokens, webhook deliveries, events, cursors and dates. None panics, none lets in
//! what is not right, and none quotes what it was given. What once failed is kept in `parsers.regressions` and tried first.
//! (Cursors: `shared/src/paging.rs`.)

use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, HeaderValue};
use cairn_dev::tokens::SigningKey;
use cairn_dev::webhooks::WebhookSecret;
use cairn_tests::{ISSUER, PARTY};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use serde_json::{Value, json};
use shared::auth::Verifier;
use shared::clerk::Event;
use shared::config::{ClerkConfig, ClerkKeys};
use shared::input::InputDate;
use webhooks::Signatures;

const CASES: u32 = 3_000;

fn check<S: Strategy>(
    cases: u32,
    inputs: &S,
    holds: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    const FOUND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/parsers.regressions");
    let config = Config {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(FOUND))),
        ..Config::default()
    };
    if let Err(error) = TestRunner::new(config).run(inputs, holds) {
        panic!("{error}");
    }
}

/// A text with one character replaced, or cut off behind it.
fn damaged(text: &str, at: prop::sample::Index, by: Option<char>) -> String {
    let characters: Vec<char> = text.chars().collect();
    let at = at.index(characters.len());
    let rest = by.map_or(&[][..], |_| &characters[at + 1..]);
    characters[..at]
        .iter()
        .copied()
        .chain(by)
        .chain(rest.iter().copied())
        .collect()
}

fn verifier(key: &SigningKey) -> Verifier {
    let pem = key.public_pem();
    let key = jsonwebtoken::DecodingKey::from_rsa_pem(pem.as_bytes()).expect("a public key");
    Verifier::new(ClerkConfig {
        keys: ClerkKeys::Pem(vec![key]),
        issuer: ISSUER.to_owned(),
        authorized_parties: vec![PARTY.to_owned()],
    })
}

#[test]
fn a_token_that_was_changed_anywhere_is_refused() {
    let key = SigningKey::generate();
    let token = key.session_token(ISSUER, "user_ada", Some(PARTY), Duration::from_hours(1));
    let verifier = verifier(&key);
    let verify = |token: &str| futures_now(verifier.verify(token));
    assert!(verify(&token), "as it is, it is good");
    check(
        CASES,
        &(any::<prop::sample::Index>(), any::<Option<char>>()),
        |(at, by)| {
            let damaged = damaged(&token, at, by);
            prop_assume!(damaged != token);
            prop_assert!(!verify(&damaged), "{damaged}");
            Ok(())
        },
    );
    check(CASES, &"[A-Za-z0-9_.=-]{0,400}|.{0,60}", |text| {
        prop_assert!(!verify(&text));
        Ok(())
    });
    // With a good signature, whatever is said: a token of Clerk's has all of it, and of the right kind.
    check(500, &(json_value(), json_value()), |(header, claims)| {
        let mut good = json!({"alg": "RS256", "typ": "JWT"});
        let (Some(all), Some(more)) = (good.as_object_mut(), header.as_object()) else {
            return Ok(());
        };
        all.extend(more.clone());
        prop_assert!(!verify(&key.sign(&good, &claims)));
        Ok(())
    });
}

/// Whether it succeeded. With keys in hand nothing is waited for.
fn futures_now<T, E>(verified: impl Future<Output = Result<T, E>>) -> bool {
    let mut verified = std::pin::pin!(verified);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match verified.as_mut().poll(&mut context) {
        std::task::Poll::Ready(verified) => verified.is_ok(),
        std::task::Poll::Pending => panic!("a token is verified without waiting"),
    }
}

#[test]
fn a_delivery_that_was_changed_anywhere_is_refused() {
    let secret = cairn_tests::WEBHOOK_SECRET;
    let signer = WebhookSecret::parse(secret).expect("a secret");
    let key = shared_secret(secret);
    let signatures = Signatures::new(vec![key]);
    let body = br#"{"type":"user.created","data":{"id":"user_ada"}}"#;
    let delivery = signer.sign("msg_1", SystemTime::now(), body);
    let parts = [delivery.id, delivery.timestamp, delivery.signature];
    let verify = |parts: &[String; 3], body: &[u8]| {
        let mut headers = HeaderMap::new();
        for (name, value) in ["svix-id", "svix-timestamp", "svix-signature"]
            .into_iter()
            .zip(parts)
        {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        signatures
            .verify(body, &headers, Timestamp::now())
            .map_err(|cause| cause.to_string())
    };
    assert_eq!(verify(&parts, body), Ok(()), "as it is, it is good");
    let damage = (
        0_usize..3,
        any::<prop::sample::Index>(),
        any::<Option<char>>(),
    );
    check(CASES, &damage, |(which, at, by)| {
        let mut changed = parts.clone();
        changed[which] = damaged(&parts[which], at, by);
        prop_assume!(changed != parts);
        let refused = verify(&changed, body);
        prop_assert!(refused.is_err(), "{changed:?}");
        Ok(())
    });
    check(CASES, &any::<Vec<u8>>(), |other| {
        prop_assume!(other != body);
        prop_assert!(verify(&parts, &other).is_err());
        Ok(())
    });
    check(CASES, &(".*", ".*", ".*"), |(id, timestamp, signature)| {
        prop_assert!(verify(&[id, timestamp, signature], body).is_err());
        Ok(())
    });
}

/// The secret as the function reads it.
fn shared_secret(text: &str) -> shared::config::WebhookSecret {
    use base64::Engine as _;
    let key = text.strip_prefix("whsec_").expect("a secret");
    let key = base64::engine::general_purpose::STANDARD.decode(key);
    shared::config::WebhookSecret::from_key(key.expect("base64"))
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec![
            0_i64,
            -1,
            1,
            i64::MIN,
            i64::MAX,
            253_402_207_200_000,
            253_402_300_800_000
        ])
        .prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        prop::sample::select(vec!["", "\0", "\u{202e}", "user_ada", "admin", "verified"])
            .prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "id",
        "type",
        "data",
        "timestamp",
        "updated_at",
        "email_addresses",
        "alg",
        "typ",
        "sub",
        "sid",
        "exp",
        "iss",
        "azp",
        "x",
    ]);
    leaf.prop_recursive(3, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..6).prop_map(|map| map
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

/// Clerk's events, as the other tests send them.
fn fixtures() -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/clerk");
    let mut events = Vec::new();
    for file in std::fs::read_dir(folder).expect("the fixtures") {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("text");
        let event: Value = serde_json::from_str(&text).expect("JSON");
        if event["type"].is_string() {
            events.push(event);
        }
    }
    assert!(events.len() > 15, "the fixtures are there");
    events
}

/// Replaces a value somewhere inside of an event.
fn replace(event: &mut Value, way: &[prop::sample::Index], by: &Value) {
    let Some((step, further)) = way.split_first() else {
        *event = by.clone();
        return;
    };
    match event {
        Value::Object(fields) if !fields.is_empty() => {
            let place = step.index(fields.len());
            if let Some(field) = fields.values_mut().nth(place) {
                replace(field, further, by);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let place = step.index(items.len());
            replace(&mut items[place], further, by);
        }
        _ => *event = by.clone(),
    }
}

/// Reads an event in both ways: they agree, and a refusal names no value.
fn read(text: &str) -> Result<(), TestCaseError> {
    let (parsed, followed) = (Event::parse(text), Event::is_followed(text));
    match (parsed, followed) {
        (Ok(event), Ok(followed)) => {
            prop_assert_eq!(event.is_some(), followed);
            // What is stored of it can be stored.
            for at in event.into_iter().filter_map(|event| event.made_at()) {
                prop_assert!(at >= Timestamp::UNIX_EPOCH);
            }
        }
        (Err(one), Err(other)) => {
            prop_assert_eq!(one.to_string(), other.to_string());
            prop_assert!(
                !one.to_string().contains('@') && one.to_string().len() < 300,
                "{}",
                one
            );
        }
        (parsed, followed) => {
            prop_assert!(false, "{:?} and {:?}", parsed.is_ok(), followed.is_ok());
        }
    }
    Ok(())
}

#[test]
fn an_event_is_read_or_refused_whatever_stands_in_it() {
    let way = prop::collection::vec(any::<prop::sample::Index>(), 1..5);
    let changes = prop::collection::vec((way, json_value()), 0..4);
    check(
        10_000,
        &(prop::sample::select(fixtures()), changes),
        |(mut event, changes)| {
            for (way, by) in &changes {
                replace(&mut event, way, by);
            }
            read(&event.to_string())
        },
    );
    check(CASES, &json_value(), |event| read(&event.to_string()));
    check(CASES, &".*", |text| read(&text));
}

#[test]
fn a_date_is_read_as_another_library_reads_it() {
    let text = prop_oneof![
        ".*",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9])",
    ];
    check(20_000, &text, |text| {
        let read = serde_json::from_value::<InputDate>(json!(text));
        let other = chrono::DateTime::parse_from_rfc3339(text.trim());
        match (read, other) {
            (Ok(InputDate(at)), Ok(other)) => {
                // Both count from the epoch, and round apart before it: so compared to the nanosecond.
                let nanos = i128::from(other.timestamp()) * 1_000_000_000
                    + i128::from(other.timestamp_subsec_nanos());
                // A leap second is the second before it to the one, and the one after it to the other.
                let apart = (nanos - at.as_nanosecond()).abs();
                let leap = other.timestamp_subsec_nanos() >= 1_000_000_000;
                let allowed = if leap { 1_000_000_000 } else { 0 };
                prop_assert!(apart <= allowed, "{} is read as {}", text, at);
            }
            (Err(error), Ok(other)) => {
                // RFC 3339 allows leap seconds, which the libraries take for another moment or for none.
                let leap = text.contains(":60") || other.timestamp_subsec_nanos() >= 1_000_000_000;
                let edge =
                    other.timestamp() < -62_135_596_800 || other.timestamp() > 253_402_207_199;
                prop_assert!(leap || edge, "{} was refused: {}", text, error);
            }
            // It takes a day, too, and some forms that RFC 3339 does not have; always a year that can be stored.
            (Ok(InputDate(at)), Err(_)) => prop_assert!(at.as_second() >= -62_135_596_800),
            (Err(_), Err(_)) => {}
        }
        Ok(())
    });
}
