//! Who calls: verification of Clerk session tokens, without network once the keys are there.
//!
//! Source of the rules: Clerk's manual-JWT-verification guide, and what its session tokens hold in claim versions 1 and 2.
//! Rights never come from the token: the statements look them up.

mod keys;
mod verified;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{FromRef, FromRequestParts};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;
use serde_json::Number;

use crate::Error;
use crate::auth::keys::Keys;
use crate::auth::verified::VerifiedTokens;
use crate::config::ClerkConfig;
use crate::model::UserId;

/// How far the clocks of Clerk and of the function may be apart, in seconds.
const LEEWAY: u64 = 5;
/// The longest token that is looked at, in bytes: API Gateway passes 10 KB of headers, a session token has about one.
const LONGEST_TOKEN: usize = 16 * 1024;
/// The `cat` header of session tokens. Tokens made from JWT templates, machine tokens and OAuth tokens carry others.
const SESSION_CATEGORY: &str = "cl_B7d4PD111AAA";

/// The signed-in user who sent the request: the proof that the token was verified. What they may do is for the statement
/// to find out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The token's `sub`.
    pub user_id: UserId,
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Arc<Verifier>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .ok_or_else(|| Error::unauthorized("no authorization header"))?;
        let token = std::str::from_utf8(header.as_bytes())
            .ok()
            .and_then(bearer)
            .ok_or_else(|| Error::unauthorized("the authorization header holds no bearer token"))?;
        Arc::<Verifier>::from_ref(state).verify(token).await
    }
}

/// The token of an `Authorization: Bearer` header; the scheme's case does not matter (RFC 9110).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Verifies session tokens against the keys and the issuer of one Clerk instance.
#[derive(Debug)]
pub struct Verifier {
    keys: Keys,
    validation: Validation,
    authorized_parties: Vec<String>,
    verified: VerifiedTokens,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    cat: Option<String>,
    kid: Option<String>,
}

/// The claims that are checked here; the library checks `iss`, `exp` and `nbf`. Both claim versions fit: what differs
/// (`org_id`, `o`) is not read.
#[derive(Deserialize)]
struct Claims {
    sub: Option<String>,
    sid: Option<String>,
    azp: Option<String>,
    iat: Option<u64>,
    exp: Option<Number>,
    sts: Option<String>,
}

impl Verifier {
    /// Builds the verifier; keys that must be fetched are fetched on first use.
    pub fn new(config: ClerkConfig) -> Self {
        // The library's defaults accept far too much: 60 s of leeway, and neither `nbf` nor `iss` checked.
        let mut validation = Validation::new(Algorithm::RS256);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.validate_aud = false;
        validation.set_issuer(&[config.issuer]);
        validation.set_required_spec_claims(&["exp", "iss"]);
        Self {
            keys: Keys::new(config.keys),
            validation,
            authorized_parties: config.authorized_parties,
            verified: VerifiedTokens::default(),
        }
    }

    /// The caller, if `token` is a session token of the configured instance that is valid now; else 401. With keys from a
    /// URL it is 503 when they can't be had.
    pub async fn verify(&self, token: &str) -> Result<Caller, Error> {
        if token.len() > LONGEST_TOKEN {
            return Err(Error::unauthorized("the token is too long"));
        }
        let now = unix_now();
        if let Some(caller) = self.verified.caller(token, now) {
            return Ok(caller);
        }
        let header = session_header(token).map_err(Error::unauthorized)?;
        let keys = self.keys.candidates(header.kid.as_deref()).await?;
        let mut refused = "no key with the token's kid".to_owned();
        for key in keys.iter() {
            match jsonwebtoken::decode::<Claims>(token, key, &self.validation) {
                Ok(decoded) => {
                    let exp = decoded.claims.exp.as_ref().and_then(Number::as_u64);
                    let expires = exp.map_or(0, |exp| exp.saturating_add(LEEWAY));
                    let caller = self
                        .caller(decoded.claims, now)
                        .map_err(Error::unauthorized)?;
                    self.verified.insert(token, &caller, expires, now);
                    return Ok(caller);
                }
                Err(error) => refused = reason(&error),
            }
        }
        Err(Error::unauthorized(&refused))
    }

    fn caller(&self, claims: Claims, now: u64) -> Result<Caller, &'static str> {
        let sub = claims
            .sub
            .filter(|sub| !sub.is_empty() && !sub.contains('\0'));
        let user_id = UserId::from(sub.ok_or("no sub")?);
        claims.sid.filter(|sid| !sid.is_empty()).ok_or("no sid")?;
        if let Some(azp) = claims.azp.filter(|azp| !azp.is_empty())
            && !self.authorized_parties.is_empty()
            && !self.authorized_parties.contains(&azp)
        {
            return Err("azp is not an authorized party");
        }
        if claims.iat.ok_or("no iat")? > now + LEEWAY {
            return Err("issued in the future");
        }
        if claims.sts.as_deref() == Some("pending") {
            return Err("the session is pending");
        }
        Ok(Caller { user_id })
    }
}

/// The header of a token that may be a session token: what is not one is refused before its signature is looked at.
fn session_header(token: &str) -> Result<Header, &'static str> {
    let mut parts = token.split('.');
    let (Some(header), Some(_), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("not three parts");
    };
    let header = URL_SAFE_NO_PAD
        .decode(header)
        .map_err(|_| "the header is not base64")?;
    let header: Header =
        serde_json::from_slice(&header).map_err(|_| "the header is not readable")?;
    if header.alg != "RS256" {
        return Err("alg is not RS256");
    }
    if header
        .typ
        .as_deref()
        .is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT"))
    {
        return Err("typ is not JWT");
    }
    if header
        .cat
        .as_deref()
        .is_some_and(|cat| cat != SESSION_CATEGORY)
    {
        return Err("not a session token");
    }
    Ok(header)
}

/// Why the library refuses a token, for the log. Where it could not read one, its own words quote what stands there, and that may
/// be anybody's: the header is read before the signature is looked at.
fn reason(error: &jsonwebtoken::errors::Error) -> String {
    match error.kind() {
        ErrorKind::Json(_) => "the token is not readable".to_owned(),
        _ => error.to_string(),
    }
}

fn unix_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
