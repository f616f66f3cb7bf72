//! Who may use the console: a person at this machine, on a page of ours or at the command line.
//!
//! Any page in the same browser can send requests to loopback. One that has given itself our address as its own (DNS
//! rebinding) still names its own host; one that posts a form says where it comes from. Both are refused.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// What a page of ours may load and be loaded by: files and forms of ours only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    // Not `no-referrer`: a form would then be posted with `Origin: null`.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// A layer over all of the console, which listens on `port`.
pub async fn guard(State(port): State<u16>, request: Request, next: Next) -> Response {
    let mut answer = match refusal(port, request.method(), request.headers()) {
        Some((status, sentence)) => (status, format!("{sentence}\n")).into_response(),
        None => next.run(request).await,
    };
    let headers = answer.headers_mut();
    // The HTML of a mail has a policy of its own.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(POLICY));
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

fn refusal(port: u16, method: &Method, headers: &HeaderMap) -> Option<(StatusCode, String)> {
    let text = |name| headers.get(name).map(HeaderValue::as_bytes);
    let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let is_ours = |host: &[u8]| hosts.iter().any(|ours| ours.as_bytes() == host);
    if !text(header::HOST).is_some_and(is_ours) {
        let sentence = format!(
            "The console answers at http://{} and http://{} only.",
            hosts[0], hosts[1]
        );
        return Some((StatusCode::MISDIRECTED_REQUEST, sentence));
    }
    let is_reading = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let from_elsewhere = text(SEC_FETCH_SITE).is_some_and(|site| site != b"same-origin")
        || text(header::ORIGIN).is_some_and(|origin| {
            origin
                .strip_prefix(b"http://")
                .is_none_or(|host| text(header::HOST) != Some(host))
        });
    (!is_reading && from_elsewhere).then(|| {
        let sentence = "The console does nothing that a page from elsewhere asks for.";
        (StatusCode::FORBIDDEN, sentence.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(method: &Method, headers: &[(HeaderName, &'static str)]) -> Option<u16> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect();
        refusal(4000, method, &headers).map(|(status, _)| status.as_u16())
    }

    #[test]
    fn only_our_own_host_is_answered() {
        for ours in ["127.0.0.1:4000", "localhost:4000"] {
            assert_eq!(refused(&Method::GET, &[(header::HOST, ours)]), None);
        }
        for other in [
            "127.0.0.1",
            "127.0.0.1:4001",
            "localhost",
            "evil.example:4000",
            "127.0.0.1.evil.example:4000",
            "[::1]:4000",
            "",
        ] {
            assert_eq!(
                refused(&Method::GET, &[(header::HOST, other)]),
                Some(421),
                "{other}"
            );
        }
        assert_eq!(refused(&Method::GET, &[]), Some(421));
    }

    #[test]
    fn a_page_from_elsewhere_can_make_it_do_nothing() {
        let host = (header::HOST, "127.0.0.1:4000");
        let post = |more: &[(HeaderName, &'static str)]| {
            refused(&Method::POST, &[std::slice::from_ref(&host), more].concat())
        };
        assert_eq!(post(&[]), None, "a program");
        let ours = (header::ORIGIN, "http://127.0.0.1:4000");
        assert_eq!(post(&[ours.clone(), (SEC_FETCH_SITE, "same-origin")]), None);
        for foreign in [
            "null",
            "http://evil.example",
            "https://127.0.0.1:4000",
            "http://localhost:4000",
            "http://127.0.0.1:5000",
        ] {
            assert_eq!(post(&[(header::ORIGIN, foreign)]), Some(403), "{foreign}");
        }
        for site in ["cross-site", "same-site", "none"] {
            assert_eq!(post(&[(SEC_FETCH_SITE, site)]), Some(403), "{site}");
            assert_eq!(post(&[ours.clone(), (SEC_FETCH_SITE, site)]), Some(403));
        }
        let link = (SEC_FETCH_SITE, "cross-site");
        assert_eq!(refused(&Method::GET, &[host, link]), None, "a link to it");
    }
}
