//! The one address of the local system: a proxy to the HTTP API of the stack, and to the function URL that Clerk calls.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::requests::{self, Requests};

/// Headers that concern one connection only (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// A port on loopback that is already ours but does not answer yet.
#[derive(Debug)]
pub struct FrontDoor {
    listener: TcpListener,
    port: u16,
    requests: Requests,
}

/// Where Clerk's events go. The HTTP API has no such route.
pub const WEBHOOK_PATH: &str = "/api/webhooks/clerk";

#[derive(Debug, Clone)]
struct Upstream {
    client: Client<HttpConnector, Body>,
    base: String,
}

impl FrontDoor {
    /// Takes the port; 0 takes any free one.
    pub async fn take(port: u16) -> anyhow::Result<Self> {
        match TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await {
            Ok(listener) => {
                let port = listener.local_addr()?.port();
                Ok(Self {
                    listener,
                    port,
                    requests: Requests::default(),
                })
            }
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
                "Port {port} is taken by another program: stop that, or set CAIRN_PORT to a free port \
                 (`CAIRN_PORT=5001 cargo dev up`)."
            ),
            Err(error) => Err(error).with_context(|| {
                format!("Cannot listen on port {port}; set CAIRN_PORT to another one")
            }),
        }
    }

    /// The URL it will answer at.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The newest requests that came through it.
    pub fn requests(&self) -> Requests {
        self.requests.clone()
    }

    /// Serves the HTTP API at `api`, and of [`WEBHOOK_PATH`] the function URL at `webhooks`, until the returned task is
    /// aborted.
    pub fn serve(self, api: String, webhooks: String) -> JoinHandle<std::io::Result<()>> {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(Duration::from_secs(3)));
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let webhooks = Upstream {
            client: client.clone(),
            base: webhooks,
        };
        let router = Router::new()
            .route(WEBHOOK_PATH, any(forward).with_state(webhooks))
            .fallback(forward)
            .with_state(Upstream { client, base: api })
            .layer(from_fn_with_state(self.requests, requests::keep));
        tokio::spawn(async move { axum::serve(self.listener, router).await })
    }
}

/// Passes a request on as it is, and its answer back.
async fn forward(State(upstream): State<Upstream>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let Ok(uri) = format!("{}{path}", upstream.base).parse::<Uri>() else {
        return failure(StatusCode::BAD_REQUEST, "Malformed URL");
    };
    remove_hop_by_hop(&mut parts.headers);
    // The stack tells services apart by the host; the one the client sees may be a tunnel's.
    if let Some(host) = parts.headers.remove(header::HOST) {
        parts.headers.insert("x-forwarded-host", host);
    }
    if let Some(authority) = uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        parts.headers.insert(header::HOST, host);
    }
    parts.uri = uri;
    match upstream
        .client
        .request(Request::from_parts(parts, body))
        .await
    {
        Ok(answer) => {
            let mut answer = answer.map(Body::new);
            remove_hop_by_hop(answer.headers_mut());
            answer
        }
        Err(_) => failure(
            StatusCode::BAD_GATEWAY,
            "The local stack does not answer: see `cargo dev status`",
        ),
    }
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

fn failure(status: StatusCode, message: &str) -> Response {
    let body = json!({"success": false, "message": message}).to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::http::Method;

    use super::*;

    /// Answers with what it was sent.
    async fn echo(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
        let seen = json!({
            "method": method.as_str(),
            "uri": uri.to_string(),
            "authorization": headers.get("authorization").and_then(|value| value.to_str().ok()),
            "body": String::from_utf8_lossy(&body),
        });
        (
            StatusCode::IM_A_TEAPOT,
            [("x-request-id", "abc")],
            seen.to_string(),
        )
            .into_response()
    }

    async fn front_door(api: &str, webhooks: &str) -> String {
        let door = FrontDoor::take(0).await.expect("there is a free port");
        let url = door.url();
        door.serve(api.to_owned(), webhooks.to_owned());
        url
    }

    /// The base URL of a server that answers with what it was sent.
    async fn echo_server() -> String {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("there is a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(echo)).await });
        url
    }

    #[tokio::test]
    async fn a_request_passes_unchanged_and_so_does_its_answer() {
        let server = echo_server().await;
        let url = front_door(&format!("{server}/stage"), "http://127.0.0.1:1").await;
        let answer = reqwest::Client::new()
            .patch(format!("{url}/api/tasks/a%20b?q=1&q=%26"))
            .header("authorization", "Bearer x")
            .body("{}")
            .send()
            .await
            .expect("it answers");
        assert_eq!(answer.status(), StatusCode::IM_A_TEAPOT);
        assert_eq!(answer.headers()["x-request-id"], "abc");
        let seen: serde_json::Value = answer.json().await.expect("it is JSON");
        assert_eq!(
            seen,
            json!({"method": "PATCH", "uri": "/stage/api/tasks/a%20b?q=1&q=%26", "authorization": "Bearer x", "body": "{}"})
        );
    }

    #[tokio::test]
    async fn what_was_asked_and_answered_is_kept_without_values_of_the_query() {
        let server = echo_server().await;
        let door = FrontDoor::take(0).await.expect("there is a free port");
        let (url, requests) = (door.url(), door.requests());
        door.serve(server, "http://127.0.0.1:1".to_owned());
        reqwest::get(format!("{url}/api/tasks/1?__session=secret"))
            .await
            .expect("it answers");
        let [kept] = requests.newest().try_into().expect("one request is kept");
        assert_eq!(
            (kept.method.as_str(), kept.path.as_str()),
            ("GET", "/api/tasks/1")
        );
        assert_eq!((kept.query.as_str(), kept.status), ("__session=…", 418));
        assert_eq!(kept.request_id.as_deref(), Some("abc"));
    }

    #[tokio::test]
    async fn webhooks_go_to_the_function_url_as_they_are() {
        let server = echo_server().await;
        let url = front_door("http://127.0.0.1:1", &format!("{server}/function")).await;
        let body = "{ \"name\" :  \"Nováková\"}\n";
        let answer = reqwest::Client::new()
            .post(format!("{url}{WEBHOOK_PATH}"))
            .header("svix-id", "msg_1")
            .body(body)
            .send()
            .await
            .expect("it answers");
        let seen: serde_json::Value = answer.json().await.expect("it is JSON");
        assert_eq!(
            seen,
            json!({"method": "POST", "uri": "/function/api/webhooks/clerk", "authorization": null, "body": body})
        );
    }

    #[tokio::test]
    async fn a_stack_that_is_away_is_a_502_in_json() {
        let url = front_door("http://127.0.0.1:1/stage", "http://127.0.0.1:1").await;
        let answer = reqwest::get(format!("{url}/api/health"))
            .await
            .expect("it answers");
        assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
        let body: serde_json::Value = answer.json().await.expect("it is JSON");
        assert_eq!(body["success"], false);
    }

    #[tokio::test]
    async fn a_taken_port_names_the_variable() {
        let first = FrontDoor::take(0).await.expect("there is a free port");
        let refused = FrontDoor::take(first.port)
            .await
            .expect_err("the port is taken")
            .to_string();
        assert!(refused.contains("CAIRN_PORT"), "{refused}");
    }
}
