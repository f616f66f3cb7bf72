//! What a token with Clerk's signature must say to let somebody in. The rules stand here once more, read in another way than the
//! verifier reads them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use crate::tokens::{ISSUER, PARTY, caller, signed};

/// How far clocks may be apart, in seconds, and one for the time that the test takes.
const LEEWAY: f64 = 6.0;
/// How far from the edge a time has to be for the verifier to have no choice, in seconds.
const WELL: f64 = 3600.0;
/// Longer tokens are refused whatever they say; in base64 this becomes a third more.
const WELL_WITHIN_LENGTH: usize = 8 * 1024;

type Object = Map<String, Value>;

/// Somebody is let in by this header and these claims, as JSON, only if they keep the rules, and as the one who they name; and
/// whoever keeps them to the letter is.
pub fn let_in_whom_they_name(header: &str, claims: &str) {
    let token = signed(header, claims);
    let authorization = format!("Bearer {token}");
    let caller = caller(authorization.as_bytes()).expect("base64 can be sent");
    let read = |text| serde_json::from_str::<Object>(text).ok();
    let (Some(read_header), Some(read_claims)) = (read(header), read(claims)) else {
        assert!(caller.is_err(), "no objects were let in");
        return;
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("it is past 1970").as_secs_f64();
    match caller {
        Ok(caller) => {
            keep_the_rules(&read_header, &read_claims, now);
            assert_eq!(read_claims["sub"], caller.user_id.as_str());
        }
        Err(error) => {
            let plain = is_all(header, &read_header)
                && is_all(claims, &read_claims)
                && header.len() + claims.len() < WELL_WITHIN_LENGTH;
            let beyond_doubt = plain && keep_them_to_the_letter(&read_header, &read_claims, now);
            assert!(!beyond_doubt, "a good token was refused: {error:?}");
        }
    }
}

/// Whether the text says what was read of it and nothing else, such as a field twice.
fn is_all(text: &str, read: &Object) -> bool {
    serde_json::to_string(read).is_ok_and(|plain| plain == text)
}

/// Panics at the first rule that is broken.
fn keep_the_rules(header: &Object, claims: &Object, now: f64) {
    assert_eq!(header["alg"], "RS256");
    if let Some(typ) = text(header, "typ") {
        assert!(typ.eq_ignore_ascii_case("JWT"), "typ: {typ}");
    }
    if let Some(category) = text(header, "cat") {
        assert_eq!(category, "cl_B7d4PD111AAA");
    }
    for name in ["sub", "sid"] {
        assert!(!claims[name].as_str().expect(name).is_empty(), "{name}");
    }
    assert!(!claims["sub"].as_str().is_some_and(|sub| sub.contains('\0')));
    if let Some(party) = text(claims, "azp") {
        assert!(party.is_empty() || party == PARTY, "azp: {party}");
    }
    // The library that reads them takes a list of issuers, too.
    match &claims["iss"] {
        Value::Array(issuers) => assert!(issuers.iter().any(|issuer| issuer == ISSUER)),
        issuer => assert_eq!(issuer, ISSUER),
    }
    let seconds = |name: &str| claims.get(name).and_then(Value::as_f64);
    assert!(seconds("exp").expect("exp") >= now - LEEWAY);
    assert!(seconds("iat").expect("iat") <= now + LEEWAY);
    if claims.contains_key("nbf") {
        assert!(seconds("nbf").expect("nbf") <= now + LEEWAY);
    }
    assert_ne!(text(claims, "sts"), Some("pending"));
}

/// The text of a field that may be left out or null.
fn text<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    let value = object.get(name).filter(|value| !value.is_null())?;
    Some(value.as_str().expect(name))
}

/// Whether there is nothing to be said against a token: it has what it must have and nothing else, each of its kind.
fn keep_them_to_the_letter(header: &Object, claims: &Object, now: f64) -> bool {
    let header_is_good = header.iter().all(|(name, value)| match name.as_str() {
        "alg" => value == "RS256",
        "typ" => value == "JWT",
        "cat" => value == "cl_B7d4PD111AAA",
        "kid" => value.is_string(),
        _ => false,
    });
    let is_named =
        |value: &Value| matches!(value.as_str(), Some(id) if !id.is_empty() && !id.contains('\0'));
    let second = |value: &Value| value.as_u64().and(value.as_f64());
    let claims_are_good = claims.iter().all(|(name, value)| match name.as_str() {
        "sub" | "sid" => is_named(value),
        "azp" => value == PARTY,
        "iss" => value == ISSUER,
        "exp" => second(value).is_some_and(|at| at > now + WELL),
        "iat" | "nbf" => second(value).is_some_and(|at| at < now - WELL),
        "sts" => value == "active",
        _ => false,
    });
    let has = |name| claims.contains_key(name);
    header_is_good
        && claims_are_good
        && header.contains_key("alg")
        && ["sub", "sid", "iss", "exp", "iat"].into_iter().all(has)
}

/// The input is a header and, behind the first line break, claims.
pub fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (header, claims) = text.split_once('\n').unwrap_or((&text, ""));
    let_in_whom_they_name(header, claims);
}
