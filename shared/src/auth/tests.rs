//! Each rule for tokens by itself: a change to a token that would be good, and what is said of it.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use http::Request;
use jsonwebtoken::DecodingKey;
use serde_json::{Value, json};

use super::*;
use crate::config::ClerkKeys;

const ISSUER: &str = "https://clerk.example.com";
const PARTY: &str = "https://app.example.com";
/// What the clock shows where a test brings its own.
const NOW: u64 = 1_800_000_000;

/// A key pair for signing tokens.
pub(super) struct Signer(KeyPair);

impl Signer {
    pub(super) fn new() -> Self {
        Self(KeyPair::generate(KeySize::Rsa2048).expect("aws-lc makes such keys"))
    }

    /// The public key as PKCS#1 has it.
    pub(super) fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        let random = SystemRandom::new();
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &random,
                message.as_bytes(),
                &mut signature,
            )
            .expect("a key signs");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

static SIGNER: LazyLock<Signer> = LazyLock::new(Signer::new);

fn verifier_of(signers: &[&Signer], parties: &[&str]) -> Verifier {
    let keys = signers
        .iter()
        .map(|signer| DecodingKey::from_rsa_der(signer.public()));
    Verifier::new(ClerkConfig {
        keys: ClerkKeys::Pem(keys.collect()),
        issuer: ISSUER.to_owned(),
        authorized_parties: parties.iter().map(ToString::to_string).collect(),
    })
}

fn verifier() -> Verifier {
    verifier_of(&[&SIGNER], &[PARTY])
}

fn header() -> Value {
    json!({"alg": "RS256", "cat": SESSION_CATEGORY, "kid": "ins_1", "typ": "JWT"})
}

/// The claims of a token that is good at `now`, but for these fields; null takes one away.
fn claims_with(now: u64, change: &Value) -> Value {
    let mut claims = json!({
        "sub": "user_ada", "sid": "sess_1", "azp": PARTY, "iss": ISSUER, "iat": now, "exp": now + 30, "nbf": now - 10,
        "sts": "active",
    });
    for (name, value) in change.as_object().expect("fields") {
        claims[name] = value.clone();
    }
    let fields = claims.as_object_mut().expect("fields");
    fields.retain(|_, value| !value.is_null());
    claims
}

fn token_with(change: &Value) -> String {
    SIGNER.sign(&header(), &claims_with(unix_now(), change))
}

/// Who calls, or why nobody does.
async fn told(verifier: &Verifier, token: &str) -> Result<String, String> {
    match verifier.verify(token).await {
        Ok(caller) => Ok(caller.user_id.as_str().to_owned()),
        Err(error) => Err(error.cause().to_owned()),
    }
}

fn ada() -> String {
    "user_ada".to_owned()
}

#[tokio::test]
async fn a_token_is_good_for_the_one_who_is_named_in_it() {
    assert_eq!(told(&verifier(), &token_with(&json!({}))).await, Ok(ada()));
}

#[tokio::test]
async fn any_of_several_keys_may_have_signed_and_no_other() {
    let (old, stranger) = (Signer::new(), Signer::new());
    let verifier = verifier_of(&[&old, &SIGNER], &[]);
    let claims = claims_with(unix_now(), &json!({}));
    assert_eq!(
        told(&verifier, &old.sign(&header(), &claims)).await,
        Ok(ada())
    );
    let current = SIGNER.sign(&header(), &claims);
    assert_eq!(told(&verifier, &current).await, Ok(ada()));
    let forged = stranger.sign(&header(), &claims);
    assert_eq!(
        told(&verifier, &forged).await,
        Err("InvalidSignature".to_owned())
    );
}

#[tokio::test]
async fn the_times_and_the_issuer_are_checked_with_little_leeway() {
    let now = unix_now();
    for (change, expected) in [
        (json!({"exp": now - 3}), None),
        (json!({"exp": now - 7}), Some("ExpiredSignature")),
        (json!({"exp": null}), Some("Missing required claim: exp")),
        (json!({"nbf": now + 3}), None),
        (json!({"nbf": now + 8}), Some("ImmatureSignature")),
        (json!({"nbf": null}), None),
        (json!({"iss": PARTY}), Some("InvalidIssuer")),
        (json!({"iss": null}), Some("Missing required claim: iss")),
        (json!({"aud": "somebody"}), None),
    ] {
        let told = told(&verifier(), &token_with(&change)).await;
        assert_eq!(told.err().as_deref(), expected, "{change}");
    }
}

/// What the claims of a token with a good signature come to at [`NOW`].
fn judged(verifier: &Verifier, change: &Value) -> Result<String, &'static str> {
    let claims = serde_json::from_value(claims_with(NOW, change)).expect("claims");
    let caller = verifier.caller(claims, NOW)?;
    Ok(caller.user_id.as_str().to_owned())
}

#[test]
fn who_signed_in_and_where_is_checked() {
    for (change, expected) in [
        (json!({}), Ok(ada())),
        (json!({"sub": null}), Err("no sub")),
        (json!({"sub": ""}), Err("no sub")),
        (json!({"sub": "user\0ada"}), Err("no sub")),
        (json!({"sid": null}), Err("no sid")),
        (json!({"sid": ""}), Err("no sid")),
        (json!({"azp": null}), Ok(ada())),
        (json!({"azp": ""}), Ok(ada())),
        (
            json!({"azp": "https://evil.example.com"}),
            Err("azp is not an authorized party"),
        ),
        (json!({"iat": null}), Err("no iat")),
        (json!({"iat": NOW + LEEWAY}), Ok(ada())),
        (
            json!({"iat": NOW + LEEWAY + 1}),
            Err("issued in the future"),
        ),
        (json!({"sts": "pending"}), Err("the session is pending")),
        (json!({"sts": null}), Ok(ada())),
    ] {
        assert_eq!(judged(&verifier(), &change), expected, "{change}");
    }
}

#[test]
fn without_authorized_parties_any_will_do() {
    let verifier = verifier_of(&[&SIGNER], &[]);
    let elsewhere = json!({"azp": "https://evil.example.com"});
    assert_eq!(judged(&verifier, &elsewhere), Ok("user_ada".to_owned()));
}

#[tokio::test]
async fn what_cannot_be_a_token_of_ours_is_not_looked_at() {
    let good = token_with(&json!({}));
    let longest = "x".repeat(16_384);
    for (token, expected) in [
        (format!("{longest}x"), "the token is too long"),
        (format!("{longest}xx"), "the token is too long"),
        (longest, "not three parts"),
        (format!("{good}."), "not three parts"),
        ("a.b".to_owned(), "not three parts"),
        ("a!.b.c".to_owned(), "the header is not base64"),
        ("e30.b.c".to_owned(), "the header is not readable"),
    ] {
        let told = told(&verifier(), &token).await;
        assert_eq!(told, Err(expected.to_owned()), "{}", token.len());
    }
}

#[tokio::test]
async fn the_log_does_not_repeat_what_stands_in_a_token() {
    let claims = claims_with(unix_now(), &json!({}));
    let mut quoting = header();
    // Read before anybody has looked at the signature.
    quoting["x5c"] = "ada@example.com".into();
    let by_anybody = SIGNER.sign(&quoting, &claims);
    let by_clerk = token_with(&json!({"iat": "ada@example.com"}));
    for token in [by_anybody, by_clerk] {
        let told = told(&verifier(), &token).await;
        assert_eq!(told, Err("the token is not readable".to_owned()));
    }
}

#[test]
fn only_session_tokens_get_as_far_as_their_signature() {
    let read = |json: &str| {
        let token = format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(json));
        session_header(&token).map(|header| header.kid)
    };
    let kid = || Ok(Some("ins_1".to_owned()));
    assert_eq!(read(&header().to_string()), kid());
    assert_eq!(read(r#"{"alg":"RS256","kid":"ins_1"}"#), kid());
    assert_eq!(read(r#"{"alg":"RS256","typ":"jwt"}"#), Ok(None));
    for (refused, why) in [
        (r#"{"alg":"none"}"#, "alg is not RS256"),
        (r#"{"alg":"HS256"}"#, "alg is not RS256"),
        (r#"{"alg":"RS512"}"#, "alg is not RS256"),
        (r#"{"alg":"RS256","typ":"at+jwt"}"#, "typ is not JWT"),
        (
            r#"{"alg":"RS256","cat":"cl_B7d4PD222AAA"}"#,
            "not a session token",
        ),
        (r#"{"typ":"JWT"}"#, "the header is not readable"),
        ("not json", "the header is not readable"),
    ] {
        assert_eq!(read(refused), Err(why), "{refused}");
    }
}

#[tokio::test]
async fn a_token_that_was_verified_is_remembered_until_it_expires() {
    let verifier = verifier();
    let expires = unix_now() + 20;
    let token = token_with(&json!({"exp": expires}));
    assert_eq!(told(&verifier, &token).await, Ok(ada()));
    let remembered = |at| verifier.verified.caller(&token, at).is_some();
    assert!(remembered(expires + LEEWAY - 1));
    assert!(!remembered(expires + LEEWAY));
    // It is believed without its signature, and only as a whole.
    assert_eq!(told(&verifier, &token).await, Ok(ada()));
    let other_end = format!("{}AAAA", &token[..token.len() - 4]);
    assert_eq!(
        told(&verifier, &other_end).await,
        Err("InvalidSignature".to_owned())
    );
    let refused = token_with(&json!({"sts": "pending"}));
    told(&verifier, &refused).await.expect_err("it is pending");
    assert_eq!(verifier.verified.caller(&refused, unix_now()), None);
}

#[test]
fn the_clock_is_the_worlds() {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = since.expect("it is past 1970").as_secs();
    assert!((since..=since + 2).contains(&unix_now()));
}

#[test]
fn the_scheme_is_bearer_in_any_case() {
    assert_eq!(bearer("bearer a.b.c"), Some("a.b.c"));
    assert_eq!(bearer("Bearer  a.b.c "), Some("a.b.c"));
    assert_eq!(bearer("Basic dTpw"), None);
    assert_eq!(bearer("Bearer"), None);
}

#[tokio::test]
async fn a_request_is_its_tokens() {
    let state = Arc::new(verifier());
    let asked = async |authorization: Option<&str>| {
        let mut request = Request::builder();
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, value);
        }
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        match Caller::from_request_parts(&mut parts, &state).await {
            Ok(caller) => Ok(caller.user_id.as_str().to_owned()),
            Err(error) => Err(error.cause().to_owned()),
        }
    };
    let token = token_with(&json!({}));
    assert_eq!(asked(Some(&format!("Bearer {token}"))).await, Ok(ada()));
    for (header, why) in [
        (None, "no authorization header"),
        (
            Some("Basic dTpw"),
            "the authorization header holds no bearer token",
        ),
        (Some("Bearer a.b"), "not three parts"),
    ] {
        assert_eq!(asked(header).await, Err(why.to_owned()));
    }
}
