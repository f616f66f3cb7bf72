//! Keys that are fetched from a URL, as Clerk publishes them.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cairn_dev::tokens::SigningKey;
use cairn_tests::{Answer, ISSUER, PARTY, TestApp, User, background};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A server of key sets whose keys and health can be changed.
#[derive(Default)]
struct KeyServer {
    keys: Mutex<Vec<Value>>,
    asked: AtomicU32,
    broken: AtomicBool,
}

impl KeyServer {
    async fn start() -> (Arc<Self>, String) {
        let server = Arc::new(Self::default());
        let router = Router::new()
            .route("/.well-known/jwks.json", get(key_set))
            .with_state(Arc::clone(&server));
        let url = background().spawn(async {
            let listener = TcpListener::bind("127.0.0.1:0")
                .await
                .expect("a loopback port");
            let url = format!(
                "http://{}/.well-known/jwks.json",
                listener.local_addr().expect("an address")
            );
            tokio::spawn(async move { axum::serve(listener, router).await });
            url
        });
        (server, url.await.expect("the server starts"))
    }

    fn publish(&self, keys: &[&SigningKey]) {
        *self.keys.lock().expect("no panic") = keys.iter().map(|key| jwk(key)).collect();
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn key_set(State(server): State<Arc<KeyServer>>) -> Result<String, StatusCode> {
    server.asked.fetch_add(1, Ordering::SeqCst);
    if server.broken.load(Ordering::SeqCst) {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    Ok(json!({"keys": *server.keys.lock().expect("no panic")}).to_string())
}

/// The public key as a JWK. Its modulus and exponent are taken from the DER, of which a key of 2048 bits leaves no choice:
/// the modulus is the 256 bytes before the last five, which are the exponent 65537 with its tag and length.
fn jwk(key: &SigningKey) -> Value {
    let pem = key.public_pem();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(body).expect("base64");
    let modulus = &der[der.len() - 5 - 256..der.len() - 5];
    json!({
        "alg": "RS256", "e": "AQAB", "kid": key.key_id(), "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(modulus), "use": "sig",
    })
}

/// The functions, one process each, so that what is fetched can be counted.
async fn app_with(url: &str) -> TestApp {
    TestApp::builder()
        .without("CLERK_JWT_KEY")
        .variable("CLERK_JWKS_URL", url)
        .environments(1)
        .start()
        .await
}

async fn ask(app: &TestApp, key: &SigningKey, user: &User) -> Answer {
    let token = key.session_token(ISSUER, &user.id, Some(PARTY), Duration::from_mins(1));
    app.anonymous("GET", "/api/workspace").token(&token).await
}

#[tokio::test]
async fn keys_are_fetched_once_and_for_an_unknown_one_at_most_once_a_minute() {
    let (server, url) = KeyServer::start().await;
    let (first, second, stranger) = (
        SigningKey::generate(),
        SigningKey::generate(),
        SigningKey::generate(),
    );
    server.publish(&[&first, &second]);
    let app = app_with(&url).await;
    let user = app.user("Ada").await;
    assert_eq!(
        server.asked(),
        0,
        "nothing is fetched before the first token"
    );
    for key in [&first, &second, &first] {
        assert_eq!(ask(&app, key, &user).await.status, 200);
    }
    assert_eq!(server.asked(), 1);
    for _ in 0..5 {
        ask(&app, &stranger, &user)
            .await
            .is_refused(401, "Unauthorized access");
    }
    assert!(
        server.asked() <= 2,
        "strangers made it fetch {} times",
        server.asked()
    );
    assert_eq!(ask(&app, &first, &user).await.status, 200);
}

#[tokio::test]
async fn another_key_under_a_known_id_is_refused() {
    let (server, url) = KeyServer::start().await;
    let (key, forger) = (SigningKey::generate(), SigningKey::generate());
    server.publish(&[&key]);
    let app = app_with(&url).await;
    let user = app.user("Ada").await;
    let claims =
        json!({"sub": user.id, "sid": "s", "iss": ISSUER, "exp": 4_000_000_000_u64, "iat": 1});
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": key.key_id()});
    let ask = |token: String| app.anonymous("GET", "/api/workspace").token(&token);
    ask(forger.sign(&header, &claims))
        .await
        .is_refused(401, "Unauthorized access");
    assert_eq!(ask(key.sign(&header, &claims)).await.status, 200);
}

#[tokio::test]
async fn while_the_keys_are_away_the_answer_is_503_and_then_200_by_itself() {
    let (server, url) = KeyServer::start().await;
    let key = SigningKey::generate();
    server.publish(&[&key]);
    server.broken.store(true, Ordering::SeqCst);
    let app = app_with(&url).await;
    let user = app.user("Ada").await;
    ask(&app, &key, &user)
        .await
        .is_refused(503, "Service unavailable");
    server.broken.store(false, Ordering::SeqCst);
    assert_eq!(ask(&app, &key, &user).await.status, 200);
    // Keys that are there stay in use.
    server.broken.store(true, Ordering::SeqCst);
    assert_eq!(ask(&app, &key, &user).await.status, 200);
}
