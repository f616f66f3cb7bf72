//! When keys are asked for, and which are taken.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;
use crate::auth::tests::Signer;

/// Answers every request with the same words, until they are changed.
struct KeyServer {
    url: Url,
    answer: Arc<Mutex<(u16, String)>>,
    asked: Arc<AtomicUsize>,
}

impl KeyServer {
    fn start(answer: (u16, String)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let address = listener.local_addr().expect("an address");
        let url = format!("http://{address}/jwks").parse().expect("a URL");
        let answer = Arc::new(Mutex::new(answer));
        let asked = Arc::new(AtomicUsize::new(0));
        let (answers, count) = (Arc::clone(&answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let (status, body) = answers.lock().expect("no panic").clone();
                // Whoever hangs up in the middle is not interested in the rest.
                let _ = respond(connection, status, &body);
            }
        });
        Self { url, answer, asked }
    }

    fn answers(&self, status: u16, body: String) {
        *self.answer.lock().expect("no panic") = (status, body);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn keys(&self) -> Keys {
        Keys::new(ClerkKeys::Jwks(self.url.clone()))
    }
}

fn respond(mut connection: TcpStream, status: u16, body: &str) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut piece = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        match connection.read(&mut piece)? {
            0 => break,
            read => request.extend_from_slice(&piece[..read]),
        }
    }
    let length = body.len();
    write!(
        connection,
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// A set with one key of this id.
fn key_set(kid: &str) -> String {
    let signer = Signer::new();
    let der = signer.public();
    // Of a key of 2048 bits DER leaves no choice: the last five bytes are the exponent, 65537, with its tag and length.
    let modulus = URL_SAFE_NO_PAD.encode(&der[der.len() - 5 - 256..der.len() - 5]);
    let key =
        json!({"alg": "RS256", "e": "AQAB", "kid": kid, "kty": "RSA", "n": modulus, "use": "sig"});
    json!({"keys": [{"kty": "RSA", "n": "?", "e": "?", "kid": "broken"}, key]}).to_string()
}

/// How many keys there are to try.
async fn found(keys: &Keys, kid: &str) -> usize {
    let candidates = keys.candidates(Some(kid)).await;
    candidates.expect("there are keys").len()
}

/// Lets time pass since the keys were fetched, and since they were last asked for.
fn age(keys: &Keys, succeeded: Duration, attempted: Duration) {
    let Keys::Jwks(jwks) = keys else {
        panic!("keys of a URL")
    };
    let ago = |time| Some(Instant::now().checked_sub(time).expect("a time"));
    let mut fetched = jwks.fetched();
    fetched.succeeded = ago(succeeded);
    fetched.attempted = ago(attempted);
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_known_key_is_fetched_once_and_an_unknown_one_asked_for_once_a_minute() {
    let server = KeyServer::start((200, key_set("one")));
    let keys = server.keys();
    assert_eq!(found(&keys, "one").await, 1);
    assert_eq!(found(&keys, "one").await, 1);
    assert_eq!(found(&keys, "two").await, 0);
    assert_eq!(found(&keys, "broken").await, 0);
    assert_eq!(server.asked(), 1);
    server.answers(200, key_set("two"));
    age(
        &keys,
        REFETCH.saturating_sub(SECOND),
        REFETCH.saturating_sub(SECOND),
    );
    assert_eq!(found(&keys, "two").await, 0);
    assert_eq!(server.asked(), 1);
    age(&keys, REFETCH + SECOND, REFETCH + SECOND);
    assert_eq!(found(&keys, "two").await, 1);
    assert_eq!(server.asked(), 2);
    assert_eq!(found(&keys, "one").await, 0, "it was taken back");
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn keys_are_used_for_an_hour_and_longer_only_while_no_others_can_be_had() {
    let server = KeyServer::start((200, key_set("one")));
    let keys = server.keys();
    assert_eq!(found(&keys, "one").await, 1);
    age(
        &keys,
        MAX_AGE.saturating_sub(SECOND),
        MAX_AGE.saturating_sub(SECOND),
    );
    assert_eq!(found(&keys, "one").await, 1);
    assert_eq!(server.asked(), 1, "they are fresh");
    server.answers(500, String::new());
    age(&keys, MAX_AGE + SECOND, MAX_AGE + SECOND);
    for _ in 0..3 {
        assert_eq!(found(&keys, "one").await, 1);
        assert_eq!(server.asked(), 2, "they were asked for a moment ago");
    }
    server.answers(200, key_set("two"));
    age(&keys, MAX_AGE + SECOND, REFETCH + SECOND);
    assert_eq!(found(&keys, "one").await, 0, "it was taken back");
    assert_eq!(server.asked(), 3);
}

#[tokio::test]
async fn while_there_are_none_every_request_asks() {
    let good = key_set("one");
    let padding = " ".repeat(262_144 - good.len());
    let server = KeyServer::start((500, good.clone()));
    let keys = server.keys();
    for (asked, body, status, why) in [
        (1, good.clone(), 500, "status 500"),
        (2, "{}".to_owned(), 200, "missing field `keys`"),
        (3, format!("{good}{padding} "), 200, "length limit exceeded"),
    ] {
        server.answers(status, body);
        let error = keys.candidates(Some("one")).await;
        let error = error.expect_err("there are none");
        assert!(error.cause().contains(why), "{}", error.cause());
        assert_eq!(server.asked(), asked);
    }
    server.answers(200, format!("{good}{padding}"));
    assert_eq!(found(&keys, "one").await, 1);
}

#[tokio::test]
async fn a_token_that_names_no_key_makes_nobody_ask() {
    let server = KeyServer::start((200, key_set("one")));
    let none = server.keys().candidates(None).await;
    assert_eq!(none.expect("nothing went wrong").len(), 0);
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn given_keys_are_tried_whatever_the_token_names() {
    let key = DecodingKey::from_rsa_der(Signer::new().public());
    let keys = Keys::new(ClerkKeys::Pem(vec![key.clone(), key]));
    for kid in [None, Some("any")] {
        let candidates = keys.candidates(kid).await.expect("they are there");
        assert_eq!(candidates.len(), 2);
    }
}
