//! Which tokens are accepted. Every case is a change to a token that would be good.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_dev::tokens::{SESSION_CATEGORY, SigningKey};
use cairn_tests::{Answer, ISSUER, PARTY, TestApp, User};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is past 1970")
        .as_secs()
}

/// Header and claims of a session token that is good, version 2.
fn good(user: &User) -> (Value, Value) {
    let header = json!({"alg": "RS256", "cat": SESSION_CATEGORY, "kid": "ins_key", "typ": "JWT"});
    let claims = json!({
        "azp": PARTY,
        "exp": now() + 60,
        "fva": [0, -1],
        "iat": now(),
        "iss": ISSUER,
        "jti": "0123456789abcdef",
        "nbf": now() - 10,
        "sid": "sess_1",
        "sts": "active",
        "sub": user.id,
        "v": 2,
    });
    (header, claims)
}

/// Sets a field, or removes it where the value is null.
fn set(object: &mut Value, field: &str, value: &Value) {
    if value.is_null() {
        object.as_object_mut().expect("an object").remove(field);
    } else {
        object[field] = value.clone();
    }
}

async fn ask(app: &TestApp, authorization: &str) -> Answer {
    app.anonymous("GET", "/api/workspace")
        .header("authorization", authorization)
        .await
}

#[tokio::test]
async fn claims_and_headers_that_are_accepted() {
    let app = TestApp::shared().await;
    let user = app.user("Ada").await;
    let organization = json!({"id": "org_1", "rol": "admin", "slg": "one"});
    let cases: [(&str, Value, Value); 12] = [
        ("as Clerk makes it", json!({}), json!({})),
        ("expired by 3 s", json!({}), json!({"exp": now() - 3})),
        (
            "issued 3 s ahead",
            json!({}),
            json!({"iat": now() + 3, "nbf": now() + 3}),
        ),
        ("no azp", json!({}), json!({"azp": null})),
        ("no cat", json!({"cat": null}), json!({})),
        ("no typ", json!({"typ": null}), json!({})),
        ("no nbf", json!({}), json!({"nbf": null})),
        ("no sts", json!({}), json!({"sts": null})),
        ("no kid", json!({"kid": null}), json!({})),
        (
            "version 2 with an organization",
            json!({}),
            json!({"o": organization}),
        ),
        (
            "version 1",
            json!({"cat": null}),
            json!({"v": null, "sts": null, "fva": null}),
        ),
        (
            "version 1 with an organization",
            json!({"cat": null}),
            json!({"v": null, "org_id": "org_1", "org_role": "org:admin", "org_slug": "one", "org_permissions": []}),
        ),
    ];
    for (case, headers, claims) in cases {
        let token = app.key().sign(
            &changed(&user, &headers, &claims).0,
            &changed(&user, &headers, &claims).1,
        );
        let answer = ask(&app, &format!("Bearer {token}")).await;
        assert_eq!(answer.status, 200, "{case}: {answer}");
    }
    let token = app.token(&user);
    assert_eq!(
        ask(&app, &format!("bearer {token}")).await.status,
        200,
        "the scheme's case does not matter"
    );
}

fn changed(user: &User, headers: &Value, claims: &Value) -> (Value, Value) {
    let mut token = good(user);
    for (field, value) in headers.as_object().expect("an object") {
        set(&mut token.0, field, value);
    }
    for (field, value) in claims.as_object().expect("an object") {
        set(&mut token.1, field, value);
    }
    token
}

#[tokio::test]
async fn claims_and_headers_that_are_refused() {
    let app = TestApp::shared().await;
    let user = app.user("Ada").await;
    let cases: [(&str, Value, Value); 29] = [
        ("expired by over 5 s", json!({}), json!({"exp": now() - 7})),
        (
            "issued over 5 s ahead",
            json!({}),
            json!({"iat": now() + 9}),
        ),
        ("valid over 5 s ahead", json!({}), json!({"nbf": now() + 9})),
        ("no exp", json!({}), json!({"exp": null})),
        ("exp that is no number", json!({}), json!({"exp": "never"})),
        ("no sub", json!({}), json!({"sub": null})),
        ("empty sub", json!({}), json!({"sub": ""})),
        ("sub that is no text", json!({}), json!({"sub": 5})),
        (
            "sub that no database takes",
            json!({}),
            json!({"sub": "user_\0"}),
        ),
        ("no sid", json!({}), json!({"sid": null})),
        ("empty sid", json!({}), json!({"sid": ""})),
        ("no iss", json!({}), json!({"iss": null})),
        (
            "another issuer",
            json!({}),
            json!({"iss": "https://clerk.evil.example"}),
        ),
        (
            "the issuer with a slash more",
            json!({}),
            json!({"iss": format!("{ISSUER}/")}),
        ),
        (
            "another azp",
            json!({}),
            json!({"azp": "https://evil.example"}),
        ),
        (
            "an azp that begins alike",
            json!({}),
            json!({"azp": format!("{PARTY}.evil.example")}),
        ),
        ("an azp that is no text", json!({}), json!({"azp": [PARTY]})),
        ("sts pending", json!({}), json!({"sts": "pending"})),
        (
            "an M2M token",
            json!({"cat": "cl_B7d4PD222AAA"}),
            json!({"sub": "mch_1"}),
        ),
        (
            "an OAuth token",
            json!({"cat": "cl_B7d4PD333AAA", "typ": "at+jwt"}),
            json!({"client_id": "c"}),
        ),
        (
            "a template token",
            json!({"cat": "cl_B7d4PD222AAA"}),
            json!({}),
        ),
        ("an empty cat", json!({"cat": ""}), json!({})),
        ("another typ", json!({"typ": "at+jwt"}), json!({})),
        ("alg none", json!({"alg": "none"}), json!({})),
        (
            "alg HS256 with an RSA signature",
            json!({"alg": "HS256"}),
            json!({}),
        ),
        ("alg RS512", json!({"alg": "RS512"}), json!({})),
        ("alg PS256", json!({"alg": "PS256"}), json!({})),
        ("alg that nobody knows", json!({"alg": "XX"}), json!({})),
        ("no alg", json!({"alg": null}), json!({})),
    ];
    for (case, headers, claims) in cases {
        let (headers, claims) = changed(&user, &headers, &claims);
        let answer = ask(
            &app,
            &format!("Bearer {}", app.key().sign(&headers, &claims)),
        )
        .await;
        assert_eq!(answer.status, 401, "{case}: {answer}");
        answer.is_refused(401, "Unauthorized access");
    }
}

#[tokio::test]
async fn what_is_no_good_token_is_refused() {
    let app = TestApp::shared().await;
    let user = app.user("Ada").await;
    let (header, claims) = good(&user);
    let token = app.key().sign(&header, &claims);
    let [head, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut other_claims = claims.clone();
    other_claims["sub"] = json!("user_somebody_else");
    let none = format!(
        "{}.{payload}.",
        encode(&json!({"alg": "none", "typ": "JWT"}))
    );
    let cases = [
        ("nothing", String::new()),
        ("the scheme alone", "Bearer".to_owned()),
        ("the scheme and a blank", "Bearer ".to_owned()),
        ("no scheme", token.clone()),
        ("Basic", format!("Basic {token}")),
        ("two parts", format!("Bearer {head}.{payload}")),
        ("four parts", format!("Bearer {token}.{signature}")),
        ("empty parts", "Bearer ..".to_owned()),
        ("no signature", format!("Bearer {head}.{payload}.")),
        ("none without a signature", format!("Bearer {none}")),
        (
            "another payload",
            format!("Bearer {head}.{}.{signature}", encode(&other_claims)),
        ),
        (
            "another header",
            format!(
                "Bearer {}.{payload}.{signature}",
                encode(&json!({"alg": "RS256", "x": 1}))
            ),
        ),
        (
            "another signature",
            format!("Bearer {head}.{payload}.{}", &signature[4..]),
        ),
        ("no base64", format!("Bearer {head}.*.{signature}")),
        (
            "another key",
            format!("Bearer {}", SigningKey::generate().sign(&header, &claims)),
        ),
        (
            "HS256 with the public key",
            format!("Bearer {}", hmac_with_public_key(&app, &claims)),
        ),
        ("garbage", "Bearer hello".to_owned()),
        (
            "a header that is no JSON",
            format!(
                "Bearer {}.{payload}.{signature}",
                URL_SAFE_NO_PAD.encode("{")
            ),
        ),
        ("20 KB of it", format!("Bearer {}", "a".repeat(20_000))),
        (
            "20 KB in three parts",
            format!("Bearer {head}.{}.{signature}", "a".repeat(20_000)),
        ),
        (
            "a good one after a bad one",
            format!("Bearer x, Bearer {token}"),
        ),
    ];
    for (case, authorization) in cases {
        let answer = ask(&app, &authorization).await;
        assert_eq!(answer.status, 401, "{case}: {answer}");
        answer.is_refused(401, "Unauthorized access");
    }
    let twice = app.anonymous("GET", "/api/workspace");
    let bad = SigningKey::generate().session_token(ISSUER, &user.id, None, Duration::from_mins(1));
    twice
        .token(&bad)
        .token(&token)
        .await
        .is_refused(401, "Unauthorized access");
    app.anonymous("GET", "/api/workspace")
        .await
        .is_refused(401, "Unauthorized access");
}

/// The classic confusion: the public key, which everybody knows, used as a shared secret.
fn hmac_with_public_key(app: &TestApp, claims: &Value) -> String {
    let header = jsonwebtoken::Header::new(Algorithm::HS256);
    let secret = EncodingKey::from_secret(app.key().public_pem().as_bytes());
    jsonwebtoken::encode(&header, claims, &secret).expect("an HMAC can be made")
}

#[tokio::test]
async fn no_token_is_looked_at_where_none_is_needed() {
    let app = TestApp::shared().await;
    for path in ["/", "/api/health", "/api/openapi.json"] {
        let answer = app
            .anonymous("GET", path)
            .header("authorization", "Bearer nonsense")
            .await;
        assert_eq!(answer.status, 200, "{answer}");
    }
}

#[tokio::test]
async fn several_keys_may_be_trusted_during_a_rotation() {
    let (old, new) = (SigningKey::generate(), SigningKey::generate());
    let keys = format!("{}{}", old.public_pem(), new.public_pem());
    for keys in [keys.clone(), keys.replace('\n', "\\n")] {
        let app = TestApp::builder()
            .variable("CLERK_JWT_KEY", &keys)
            .environments(1)
            .start()
            .await;
        let user = app.user("Ada").await;
        for (key, status) in [(&old, 200), (&new, 200), (&SigningKey::generate(), 401)] {
            let token = key.session_token(ISSUER, &user.id, Some(PARTY), Duration::from_mins(1));
            assert_eq!(ask(&app, &format!("Bearer {token}")).await.status, status);
        }
    }
}

#[tokio::test]
async fn without_authorized_parties_any_azp_is_accepted() {
    let app = TestApp::builder()
        .variable("CLERK_AUTHORIZED_PARTIES", "")
        .environments(1)
        .start()
        .await;
    let user = app.user("Ada").await;
    let token = app.key().session_token(
        ISSUER,
        &user.id,
        Some("https://elsewhere.example"),
        Duration::from_mins(1),
    );
    assert_eq!(ask(&app, &format!("Bearer {token}")).await.status, 200);
}

#[tokio::test]
async fn somebody_deleted_at_clerk_is_out() {
    let app = TestApp::shared().await;
    let user = app.user("Ada").await;
    let deletion =
        "UPDATE users SET name = NULL, email = NULL, image = '', deleted_at = now() WHERE id = $1";
    app.database()
        .execute(deletion, &[&user.id])
        .await
        .expect("the deletion is written");
    let answer = app
        .post(&user, "/api/workspace", &json!({"name": "Ghost"}))
        .await;
    answer.is_refused(401, "Unauthorized access");
}

#[tokio::test]
async fn a_token_that_was_accepted_is_refused_once_it_expires_and_so_is_one_like_it() {
    let app = TestApp::builder().environments(1).start().await;
    let user = app.user("Ada").await;
    // 5 s of leeway, of which less than 3 are left.
    let (header, mut claims) = good(&user);
    claims["exp"] = json!(now() - 2);
    let token = app.key().sign(&header, &claims);
    let other_signature = app.key().sign(&header, &good(&user).1);
    let signature = other_signature.rsplit_once('.').expect("a signature").1;
    let unsigned = token.rsplit_once('.').expect("a signature").0;
    for _ in 0..2 {
        assert_eq!(ask(&app, &format!("Bearer {token}")).await.status, 200);
        let forged = ask(&app, &format!("Bearer {unsigned}.{signature}")).await;
        assert_eq!(forged.status, 401, "{forged}");
    }
    tokio::time::sleep(Duration::from_secs(6)).await;
    let expired = ask(&app, &format!("Bearer {token}")).await;
    assert_eq!(expired.status, 401, "{expired}");
}
