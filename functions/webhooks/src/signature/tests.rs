//! Signatures that Svix made, with the clock set to when it made them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use serde::Deserialize;
use shared::config::WebhookSecret;

use super::*;

#[derive(Clone, Deserialize)]
struct Vector {
    secret: String,
    id: String,
    timestamp: i64,
    signature: String,
    /// The body, or the fixture that is the body once it is written compactly.
    body: Option<String>,
    file: Option<String>,
}

impl Vector {
    fn all() -> Vec<Self> {
        let vectors = include_str!("../../../../infra/tests/fixtures/clerk/signing_vectors.json");
        serde_json::from_str(vectors).expect("the vectors are readable")
    }

    fn one() -> Self {
        Self::all().pop().expect("there are vectors")
    }

    fn body(&self) -> Vec<u8> {
        if let Some(body) = &self.body {
            return body.clone().into_bytes();
        }
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../infra/tests/fixtures/clerk"
        );
        let file = self.file.as_deref().expect("a body or a file");
        let text = std::fs::read_to_string(format!("{folder}/{file}")).expect(file);
        compact(&text).into_bytes()
    }

    fn headers(&self) -> HeaderMap {
        headers(&self.id, &self.timestamp.to_string(), &self.signature)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.timestamp).expect("a time")
    }

    fn signatures(&self) -> Signatures {
        signatures(&[&self.secret])
    }
}

/// JSON without the blanks between its parts; the order of the fields is kept.
fn compact(json: &str) -> String {
    let mut compact = String::new();
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string || !c.is_ascii_whitespace() {
            compact.push(c);
        }
        in_string ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
    }
    compact
}

fn headers(id: &str, timestamp: &str, signature: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("svix-id", id),
        ("svix-timestamp", timestamp),
        ("svix-signature", signature),
    ] {
        headers.insert(name, HeaderValue::from_str(value).expect("a header"));
    }
    headers
}

fn signatures(secrets: &[&str]) -> Signatures {
    let keys = secrets.iter().map(|secret| {
        let key = secret.strip_prefix("whsec_").expect("a secret");
        WebhookSecret::from_key(STANDARD.decode(key).expect("base64"))
    });
    Signatures::new(keys.collect())
}

#[test]
fn svix_s_own_signatures_are_good() {
    let vectors = Vector::all();
    assert!(vectors.len() > 20, "{} vectors", vectors.len());
    for vector in vectors {
        vector
            .signatures()
            .verify(&vector.body(), &vector.headers(), vector.now())
            .unwrap_or_else(|error| panic!("{:?}: {error}", vector.file));
    }
}

#[test]
fn any_change_of_what_is_signed_is_found() {
    for vector in Vector::all() {
        let (body, signatures) = (vector.body(), vector.signatures());
        let refuses = |body: &[u8], headers: &HeaderMap| {
            let result = signatures.verify(body, headers, vector.now());
            assert!(
                matches!(result, Err(Untrusted::Signature(_))),
                "{:?} is accepted: {headers:?}",
                vector.file
            );
        };
        for position in [0, body.len() / 2, body.len() - 1] {
            let mut changed = body.clone();
            changed[position] ^= 1;
            refuses(&changed, &vector.headers());
        }
        refuses(&body[..body.len() - 1], &vector.headers());
        let with = |id: &str, timestamp: i64, signature: &str| {
            headers(id, &timestamp.to_string(), signature)
        };
        let (id, at, signature) = (&vector.id, vector.timestamp, &vector.signature);
        refuses(&body, &with("msg_other", at, signature));
        refuses(&body, &with(id, at + 1, signature));
        refuses(&body, &with(id, at, &signature.replace("v1,", "v2,")));
        refuses(&body, &with(id, at, &signature.to_lowercase()));
        refuses(&body, &with(id, at, ""));
        for missing in ["svix-id", "svix-timestamp", "svix-signature"] {
            let mut headers = vector.headers();
            headers.remove(missing);
            refuses(&body, &headers);
        }
    }
}

#[test]
fn five_minutes_are_the_limit_in_both_directions() {
    let vector = Vector::one();
    let signatures = vector.signatures();
    let at = |offset: i64| {
        let now = Timestamp::from_second(vector.timestamp + offset).expect("a time");
        signatures.verify(&vector.body(), &vector.headers(), now)
    };
    for offset in [-300, -240, 0, 240, 300] {
        at(offset).unwrap_or_else(|error| panic!("{offset} s: {error}"));
    }
    for offset in [-360, -301, 301, 360, 1_000_000] {
        assert!(matches!(at(offset), Err(Untrusted::Time)), "{offset} s");
    }
}

#[test]
fn both_secrets_of_a_rotation_count_and_no_other() {
    let vector = Vector::one();
    let other = "whsec_b3RoZXIgc2VjcmV0IG9mIHRoZSBwYWly";
    let verified = |secrets: &[&str]| {
        signatures(secrets)
            .verify(&vector.body(), &vector.headers(), vector.now())
            .is_ok()
    };
    assert!(verified(&[&vector.secret, other]));
    assert!(verified(&[other, &vector.secret]));
    assert!(!verified(&[other]));
    assert!(!verified(&[]));
}

#[test]
fn of_several_signatures_one_has_to_be_good() {
    let vector = Vector::one();
    let several = format!("v1,c29tZXRoaW5nIGVsc2U= v1a,eA== {}", vector.signature);
    let headers = headers(&vector.id, &vector.timestamp.to_string(), &several);
    vector
        .signatures()
        .verify(&vector.body(), &headers, vector.now())
        .expect("the last one is good");
}

/// The names of the specification that Svix follows, which other senders use.
#[test]
fn the_unbranded_headers_are_known() {
    let vector = Vector::one();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", vector.id.clone()),
        ("webhook-timestamp", vector.timestamp.to_string()),
        ("webhook-signature", vector.signature.clone()),
    ] {
        headers.insert(name, value.parse().expect("a header"));
    }
    let signatures = vector.signatures();
    signatures
        .verify(&vector.body(), &headers, vector.now())
        .expect("the signature is good");
    let late = vector.now() + Duration::from_mins(6);
    signatures
        .verify(&vector.body(), &headers, late)
        .expect_err("the time is checked, too");
}
