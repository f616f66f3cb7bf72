//! The console over a network, with nothing behind it.

use reqwest::{StatusCode, header};

use super::*;
use crate::settings::Settings;

/// Where nobody listens.
const NOWHERE: &str = "http://127.0.0.1:1";

async fn console() -> String {
    let folder = std::env::temp_dir().join(format!("cairn-console-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let secret = WebhookSecret::generate();
    let console = Console {
        api_url: NOWHERE.to_owned(),
        webhook_url: NOWHERE.to_owned(),
        aws: AwsClient::new(NOWHERE.to_owned()).expect("there can be a client"),
        database_url: "postgres://nobody@127.0.0.1:1/nothing".to_owned(),
        log: FunctionLog::at(folder.join("none")),
        functions: vec!["worker".to_owned()],
        requests: Requests::default(),
        clerk: Settings::for_tests().clerk,
        key: SigningKey::generate(),
        webhook_secret: WebhookSecret::parse(&secret).expect("it is a secret"),
        clerk_events: Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/clerk"),
    };
    let (url, _serving) = console
        .serve(&folder.join("port"))
        .await
        .expect("it can be served");
    url
}

fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("there can be a client")
}

#[tokio::test]
async fn every_page_says_in_its_place_what_does_not_answer() {
    let url = console().await;
    for (page, said) in [
        ("", "The local AWS does not answer"),
        ("mails", "The local AWS does not answer"),
        ("schedules", "The local AWS does not answer"),
        ("queues", "The local AWS does not answer"),
        ("outbox", "The database does not answer"),
        ("logs", "Cannot read"),
        ("users", "The database does not answer"),
        ("requests", "Nothing"),
        ("clerk-events", "user.created"),
    ] {
        let answer = client().get(format!("{url}{page}")).send().await;
        let answer = answer.expect("it answers");
        assert_eq!(answer.status(), StatusCode::OK, "/{page}");
        let policy = answer.headers()["content-security-policy"].clone();
        assert!(
            policy
                .to_str()
                .expect("a text")
                .starts_with("default-src 'none'")
        );
        let body = answer.text().await.expect("a page");
        assert!(body.contains(said), "/{page} does not say {said:?}: {body}");
        assert!(body.contains("</html>"), "/{page} is cut off");
    }
}

#[tokio::test]
async fn other_hosts_and_forms_from_elsewhere_are_refused() {
    let url = console().await;
    let get = client().get(&url).header(header::HOST, "evil.example");
    let answer = get.send().await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
    let post = |origin: &str| {
        client()
            .post(format!("{url}users/token"))
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body("user=user_ada")
    };
    let answer = post("http://evil.example")
        .send()
        .await
        .expect("it answers");
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let answer = post(url.trim_end_matches('/')).send().await;
    assert_eq!(answer.expect("it answers").status(), StatusCode::OK);
}

#[tokio::test]
async fn what_is_typed_stays_whether_or_not_it_is_json() {
    let url = console().await;
    for (typed, status, said) in [
        (
            "%7B+%22%3Cb%3E%22",
            StatusCode::UNPROCESSABLE_ENTITY,
            "not JSON",
        ),
        (
            "%7B%22type%22%3A%22%3Cb%3E%22%7D",
            StatusCode::BAD_GATEWAY,
            "does not answer",
        ),
    ] {
        let answer = client()
            .post(format!("{url}clerk-events"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(format!("payload={typed}"))
            .send()
            .await
            .expect("it answers");
        assert_eq!(answer.status(), status);
        let body = answer.text().await.expect("a page");
        assert!(body.contains(said), "{body}");
        assert!(
            body.contains("&#60;b&#62;"),
            "what was typed is kept, and is no HTML: {body}"
        );
    }
}

#[tokio::test]
async fn the_docs_are_asked_for_with_a_token_that_no_server_sees() {
    let url = console().await;
    let answer = client()
        .get(format!("{url}docs?user=user_ada"))
        .send()
        .await;
    let answer = answer.expect("it answers");
    let location = answer.headers()[header::LOCATION].to_str().expect("a text");
    assert!(
        location.starts_with(&format!("{NOWHERE}/api/docs#token=ey")),
        "{location}"
    );
}
