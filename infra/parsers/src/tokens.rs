//! Session tokens: whoever has not got Clerk's key gets none past the verifier, also not by changing a good one.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use axum::extract::FromRequestParts as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, StatusCode};
use jsonwebtoken::DecodingKey;
use shared::Error;
use shared::auth::{Caller, Verifier};
use shared::config::{ClerkConfig, ClerkKeys};

use crate::MARK;
use crate::now::now;

/// Whose tokens are good.
pub const ISSUER: &str = "https://clerk.example.com";
/// Where they may have been asked for.
pub const PARTY: &str = "https://app.example.com";
/// The header and the claims of the token that somebody overheard. Its time runs out in 2100.
const OVERHEARD: [&str; 2] = [
    r#"{"alg":"RS256","cat":"cl_B7d4PD111AAA","kid":"ins_1","typ":"JWT"}"#,
    r#"{"azp":"https://app.example.com","exp":4102444800,"iat":1700000000,"iss":"https://clerk.example.com","nbf":1700000000,"sid":"sess_1","sub":"user_ada"}"#,
];

/// A verifier, and the key that it trusts.
struct Clerk {
    key: KeyPair,
    verifier: Arc<Verifier>,
}

/// A new key in every process: none has to be kept.
static CLERK: LazyLock<Clerk> = LazyLock::new(|| {
    let key = KeyPair::generate(KeySize::Rsa2048).expect("aws-lc makes such keys");
    let public = DecodingKey::from_rsa_der(key.public_key().as_ref());
    let verifier = Verifier::new(ClerkConfig {
        keys: ClerkKeys::Pem(vec![public]),
        issuer: ISSUER.to_owned(),
        authorized_parties: vec![PARTY.to_owned()],
    });
    Clerk {
        key,
        verifier: Arc::new(verifier),
    }
});

static TOKEN: LazyLock<String> = LazyLock::new(|| signed(OVERHEARD[0], OVERHEARD[1]));

/// A good token, which the fuzzer may take apart but has no key for.
pub fn overheard() -> &'static str {
    &TOKEN
}

/// A token with Clerk's signature, whatever it says.
pub(crate) fn signed(header: &str, claims: &str) -> String {
    let message = unsigned(header, claims);
    let key = &CLERK.key;
    let mut signature = vec![0; key.public_modulus_len()];
    let random = SystemRandom::new();
    key.sign(
        &RSA_PKCS1_SHA256,
        &random,
        message.as_bytes(),
        &mut signature,
    )
    .expect("an RSA key signs any message");
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn unsigned(header: &str, claims: &str) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}")
}

/// Who calls with this `authorization`; nothing if no such header can be sent. A refusal is a 401 that quotes nothing.
pub(crate) fn caller(authorization: &[u8]) -> Option<Result<Caller, Error>> {
    let value = HeaderValue::from_bytes(authorization).ok()?;
    let request = Request::builder().header(AUTHORIZATION, value);
    let (mut parts, ()) = request.body(()).expect("a request").into_parts();
    let caller = now(Caller::from_request_parts(&mut parts, &CLERK.verifier));
    if let Err(error) = &caller {
        assert_eq!(status(error), StatusCode::UNAUTHORIZED);
        let told = format!("{error:?}");
        assert!(!told.contains(MARK), "quoted: {told}");
    }
    Some(caller)
}

/// The status that an error is answered with.
pub(crate) fn status(error: &Error) -> StatusCode {
    use axum::response::IntoResponse as _;
    error.clone().into_response().status()
}

/// Nobody comes in with this `authorization` who does not present the good token itself.
pub fn lets_in_only_the_token_itself(authorization: &[u8]) {
    let Some(Ok(caller)) = caller(authorization) else {
        return;
    };
    let text = std::str::from_utf8(authorization).expect("what was let in is text");
    let (_, token) = text.split_once(' ').expect("what was let in has a scheme");
    assert_eq!(token.trim(), overheard(), "a forged token was let in");
    assert_eq!(caller.user_id.as_str(), "user_ada");
}

/// The same, with a token of which the sender makes up header and claims and has the signature of another.
pub fn needs_its_own_signature(header: &str, claims: &str) {
    let (_, signature) = overheard().rsplit_once('.').expect("three parts");
    let token = format!("Bearer {}.{signature}", unsigned(header, claims));
    lets_in_only_the_token_itself(token.as_bytes());
}

/// The input is the value of the header, in which `<header>`, `<claims>` and `<signature>` stand for the parts of the good token;
/// or, where it begins like JSON, a header and, behind the first line break, claims.
pub fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if text.starts_with('{') {
        let (header, claims) = text.split_once('\n').unwrap_or((&text, ""));
        return needs_its_own_signature(header, claims);
    }
    let mut value = text.into_owned();
    for (place, part) in ["<header>", "<claims>", "<signature>"]
        .iter()
        .zip(overheard().split('.'))
    {
        value = value.replace(place, part);
    }
    lets_in_only_the_token_itself(value.as_bytes());
}
