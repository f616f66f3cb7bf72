//! Input that is made up to look like what is right. What once failed is kept in `made_up.regressions` and tried first.

use std::ops::Not as _;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::deliveries::OVERHEARD;
use crate::{claims, cursors, dates, deliveries, events, requests, tokens};

const CASES: u32 = 3_000;
/// For what takes a signature or many parsers.
const FEW_CASES: u32 = 500;

fn check<S: Strategy>(cases: u32, inputs: &S, holds: impl Fn(S::Value)) {
    const FOUND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/made_up.regressions");
    let config = Config {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(FOUND))),
        ..Config::default()
    };
    let holds = |input| {
        holds(input);
        Ok(())
    };
    if let Err(error) = TestRunner::new(config).run(inputs, holds) {
        panic!("{error}");
    }
}

/// A text with one character replaced, or cut off behind it.
fn damaged(text: &str, at: Index, by: Option<char>) -> String {
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

fn json_value() -> impl Strategy<Value = Value> {
    let numbers = [
        0_i64,
        -1,
        1,
        i64::MIN,
        i64::MAX,
        4_102_444_800,
        253_402_207_200_000,
        253_402_300_800_000,
    ];
    let texts = [
        "",
        "\0",
        "\u{202e}",
        "user_ada",
        "admin",
        "verified",
        "RS256",
        "JWT",
        "ada@example.com",
        "a, expected @ at line 1",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(numbers.to_vec()).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        prop::sample::select(texts.to_vec()).prop_map(Value::from),
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
        "x5c",
        "sub",
        "sid",
        "exp",
        "iat",
        "iss",
        "azp",
        "name",
        "title",
        "status",
        "due_date",
        "settings",
        "progress",
        "taskIds",
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

#[test]
fn a_token_that_was_changed_anywhere_is_refused() {
    let good = format!("Bearer {}", tokens::overheard());
    let caller = tokens::caller(good.as_bytes()).expect("it can be sent");
    assert!(caller.is_ok(), "as it is, it is good: {caller:?}");
    let damage = (any::<Index>(), any::<Option<char>>());
    check(CASES, &damage, |(at, by)| {
        let token = damaged(tokens::overheard(), at, by);
        tokens::lets_in_only_the_token_itself(format!("Bearer {token}").as_bytes());
    });
    check(CASES, &"[A-Za-z0-9_.=-]{0,400}|.{0,60}", |text| {
        tokens::lets_in_only_the_token_itself(text.as_bytes());
        tokens::lets_in_only_the_token_itself(format!("Bearer {text}").as_bytes());
    });
    check(CASES, &(json_value(), json_value()), |(header, claims)| {
        tokens::needs_its_own_signature(&header.to_string(), &claims.to_string());
    });
}

/// The fields of one object, then those of another.
fn with(mut fields: Value, more: Value) -> Value {
    if let (Some(fields), Value::Object(more)) = (fields.as_object_mut(), more) {
        fields.extend(more);
    }
    fields
}

#[test]
fn a_signature_is_not_all_that_a_token_needs() {
    let header = serde_json::json!({"alg": "RS256", "typ": "JWT"});
    let good = serde_json::json!({
        "sub": "user_ada", "sid": "sess_1", "iss": tokens::ISSUER, "azp": tokens::PARTY, "iat": 1_700_000_000, "exp": 4_102_444_800_i64,
    });
    let check_both = |header: &Value, claims: &Value| {
        claims::let_in_whom_they_name(&header.to_string(), &claims.to_string());
    };
    check_both(&header, &good);
    check(
        FEW_CASES,
        &(json_value(), json_value()),
        |(more, claims)| {
            check_both(&with(header.clone(), more.clone()), &claims);
            check_both(&with(header.clone(), more), &with(good.clone(), claims));
        },
    );
}

fn delivery(id: &str, timestamp: &str, signature: &str) -> HeaderMap {
    let fields = [
        ("svix-id", id),
        ("svix-timestamp", timestamp),
        ("svix-signature", signature),
    ];
    deliveries::headers(fields.map(|(name, value)| (name.as_bytes(), value.as_bytes())))
}

#[test]
fn a_delivery_is_trusted_if_it_should_be() {
    let sent = Timestamp::from_second(OVERHEARD.seconds).expect("an instant");
    let timestamp = OVERHEARD.seconds.to_string();
    let good = [OVERHEARD.id, &timestamp, &OVERHEARD.signature()].map(str::to_owned);
    let holds = |[id, timestamp, signature]: &[String; 3], body: &[u8], now| {
        deliveries::is_trusted_if_it_should_be(&delivery(id, timestamp, signature), body, now);
    };
    // At any time: also as it is, it is trusted for some minutes only.
    check(CASES, &(-400_i64..400), |apart| {
        let now = sent + SignedDuration::from_secs(apart);
        holds(&good, OVERHEARD.body.as_bytes(), now);
    });
    let damage = (0_usize..3, any::<Index>(), any::<Option<char>>());
    check(CASES, &damage, |(which, at, by)| {
        let mut changed = good.clone();
        changed[which] = damaged(&good[which], at, by);
        holds(&changed, OVERHEARD.body.as_bytes(), sent);
    });
    check(CASES, &any::<Vec<u8>>(), |body| holds(&good, &body, sent));
    check(CASES, &(".*", ".*", ".*"), |(id, timestamp, signature)| {
        holds(&[id, timestamp, signature], OVERHEARD.body.as_bytes(), sent);
    });
}

/// Clerk's events, as the other tests send them.
fn fixtures() -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/clerk");
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
fn replace(event: &mut Value, way: &[Index], by: &Value) {
    let Some((step, further)) = way.split_first() else {
        *event = by.clone();
        return;
    };
    match event {
        Value::Object(fields) if fields.is_empty().not() => {
            let place = step.index(fields.len());
            if let Some(field) = fields.values_mut().nth(place) {
                replace(field, further, by);
            }
        }
        Value::Array(items) if items.is_empty().not() => {
            let place = step.index(items.len());
            replace(&mut items[place], further, by);
        }
        _ => *event = by.clone(),
    }
}

#[test]
fn an_event_is_read_or_refused_whatever_stands_in_it() {
    let way = prop::collection::vec(any::<Index>(), 1..5);
    let changes = prop::collection::vec((way, json_value()), 0..4);
    let events = (prop::sample::select(fixtures()), changes);
    check(10_000, &events, |(mut event, changes)| {
        for (way, by) in &changes {
            replace(&mut event, way, by);
        }
        events::is_read_or_refused(&event.to_string());
    });
    check(CASES, &json_value(), |event| {
        events::is_read_or_refused(&event.to_string());
    });
    check(CASES, &".*", |text| events::is_read_or_refused(&text));
}

#[test]
fn whatever_stands_in_a_cursor_it_is_read_or_refused() {
    check(CASES, &(".*", ".*"), |(list, text)| {
        cursors::is_refused(&list, &text);
    });
    check(CASES, &(".*", json_value()), |(list, value)| {
        let position = RawValue::from_string(value.to_string()).expect("JSON");
        cursors::says_nothing_impossible(&list, &position);
    });
}

#[test]
fn every_position_comes_back() {
    let positions = (
        "[^\0]*",
        "[^\0]*",
        -62_135_596_800_i64..253_402_207_200,
        any::<u128>(),
    );
    check(CASES, &positions, |(name, id, second, number)| {
        let at = Timestamp::from_second(second).expect("an instant");
        cursors::comes_back("all", &(at, uuid::Uuid::from_u128(number)));
        cursors::comes_back("all", &(at, id.clone()));
        cursors::comes_back("all", &(name, id));
    });
}

#[test]
fn a_date_is_read_as_another_library_reads_it() {
    let text = prop_oneof![
        ".*",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9])",
    ];
    check(20_000, &text, |text| {
        dates::is_read_as_another_library_reads_it(&text);
    });
}

#[test]
fn a_body_and_parameters_are_read_or_refused_whatever_stands_in_them() {
    check(CASES, &json_value(), |body| {
        requests::body_is_read_or_refused(&body.to_string());
    });
    let parameters = "(limit|cursor|status|type|priority|assigneeId|dueBefore|q)=(.{0,20}|[0-9]{1,4}|TODO|[%a-z0-9]{0,12})";
    check(CASES, &(parameters, ".*"), |(one, other)| {
        requests::query_is_read_or_refused(&one);
        requests::query_is_read_or_refused(&format!("{one}&{other}"));
    });
    check(FEW_CASES, &(".{0,300}", ".{0,40}"), |(name, id)| {
        requests::slug_is_one(&name, &id);
    });
}
