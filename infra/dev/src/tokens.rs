//! Session tokens like Clerk's, signed with a key of our own.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::places::write_secret;

/// The token category that Clerk gives to session tokens; other kinds of token carry another one or none.
pub const SESSION_CATEGORY: &str = "cl_B7d4PD111AAA";

/// An RSA key for session tokens; a clone is the same key.
#[derive(Debug, Clone)]
pub struct SigningKey {
    pair: Arc<KeyPair>,
}

impl SigningKey {
    /// A new key.
    pub fn generate() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("aws-lc makes RSA keys of 2048 bits");
        Self {
            pair: Arc::new(pair),
        }
    }

    /// The key in `path` (PKCS#8, PEM). Where there is no such file, a new key is written there, readable by its owner
    /// only.
    pub fn load_or_create(path: &Path) -> anyhow::Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(pem) => Self::from_pem(&pem)
                .with_context(|| format!("{} holds no usable key: delete it", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = Self::generate();
                write_secret(path, &key.private_pem())
                    .with_context(|| format!("Cannot write {}", path.display()))?;
                Ok(key)
            }
            Err(error) => Err(error).with_context(|| format!("Cannot read {}", path.display())),
        }
    }

    fn from_pem(pem: &str) -> anyhow::Result<Self> {
        let body: String = pem
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect();
        let der = STANDARD.decode(body.trim())?;
        let pair = KeyPair::from_pkcs8(&der)
            .map_err(|rejected| anyhow::anyhow!("not an RSA key: {rejected}"))?;
        Ok(Self {
            pair: Arc::new(pair),
        })
    }

    /// The public key as Clerk shows it (SPKI, PEM): the value for `CLERK_JWT_KEY`.
    pub fn public_pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = self
            .pair
            .public_key()
            .as_der()
            .expect("a public key can be encoded");
        pem("PUBLIC KEY", der.as_ref())
    }

    /// The private key (PKCS#8, PEM).
    pub fn private_pem(&self) -> String {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().expect("a private key can be encoded");
        pem("PRIVATE KEY", der.as_ref())
    }

    /// A key id that changes with the key.
    pub fn key_id(&self) -> String {
        let der: PublicKeyX509Der<'_> = self
            .pair
            .public_key()
            .as_der()
            .expect("a public key can be encoded");
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der.as_ref());
        format!("ins_{}", URL_SAFE_NO_PAD.encode(&digest.as_ref()[..15]))
    }

    /// A token with exactly this header and these claims, signed with RS256 whatever the header says: tests need tokens
    /// that lie.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .expect("an RSA key signs any message");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A session token of Clerk's version 2 for `user_id`, valid from now on for `ttl`.
    pub fn session_token(
        &self,
        issuer: &str,
        user_id: &str,
        authorized_party: Option<&str>,
        ttl: Duration,
    ) -> String {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("the clock is past 1970")
            .as_secs();
        let header =
            json!({"alg": "RS256", "cat": SESSION_CATEGORY, "kid": self.key_id(), "typ": "JWT"});
        let mut claims = json!({
            "exp": now + ttl.as_secs(),
            "iat": now,
            "iss": issuer,
            "nbf": now,
            "sid": format!("sess_{}", uuid::Uuid::now_v7().simple()),
            "sts": "active",
            "sub": user_id,
            "v": 2,
        });
        if let Some(party) = authorized_party {
            claims["azp"] = party.into();
        }
        self.sign(&header, &claims)
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let lines: Vec<&str> = encoded
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation};

    use super::*;

    fn verify(
        key: &SigningKey,
        token: &str,
    ) -> jsonwebtoken::errors::Result<jsonwebtoken::TokenData<Value>> {
        let decoding_key = DecodingKey::from_rsa_pem(key.public_pem().as_bytes())?;
        jsonwebtoken::decode(token, &decoding_key, &Validation::new(Algorithm::RS256))
    }

    #[test]
    fn a_session_token_verifies_with_the_public_key_only() {
        let key = SigningKey::generate();
        let token = key.session_token(
            "https://clerk.test",
            "user_1",
            Some("https://app.test"),
            Duration::from_mins(1),
        );
        let data = verify(&key, &token).expect("the token verifies");
        assert_eq!(data.claims["sub"], "user_1");
        assert_eq!(data.claims["azp"], "https://app.test");
        assert_eq!(data.header.kid.as_deref(), Some(key.key_id().as_str()));
        verify(&SigningKey::generate(), &token).expect_err("another key refuses it");
    }

    #[test]
    fn any_header_can_be_signed() {
        let key = SigningKey::generate();
        let token = key.sign(&json!({"alg": "none"}), &json!({}));
        assert_eq!(
            token.split('.').next(),
            Some(URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#).as_str())
        );
    }

    #[test]
    fn a_key_file_is_made_once_and_read_again() {
        let folder = std::env::temp_dir().join(format!("cairn-key-{}", uuid::Uuid::now_v7()));
        let path = folder.join("key.pem");
        let made = SigningKey::load_or_create(&path).expect("the key is made");
        let read = SigningKey::load_or_create(&path).expect("the key is read");
        assert_eq!(made.public_pem(), read.public_pem());
        std::fs::write(&path, "garbage").expect("the file can be written");
        let refused = SigningKey::load_or_create(&path).expect_err("garbage is no key");
        assert!(refused.to_string().contains("delete it"), "{refused}");
        std::fs::remove_dir_all(folder).expect("the folder can be removed");
    }
}
