//! API Gateway's events and answers (HTTP API, payload format 2.0).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use aws_lambda_events::encodings::Body;
use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Response, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;

use super::routes::Matched;

/// A request as the gateway hands it to a function. (`aws_lambda_events` has a type for this too; it writes fields of
/// other kinds of events beside these, by which a function could tell the host from the gateway.)
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<&'a str>,
    headers: BTreeMap<&'a str, Cow<'a, str>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: &'a BTreeMap<&'a str, String>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: &'a str,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'static str,
    time_epoch: u128,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'static str,
    source_ip: &'static str,
    user_agent: &'a str,
}

/// The event for a request that took the route `matched`.
pub(super) fn from_request(
    request: &Parts,
    body: &Bytes,
    matched: &Matched<'_>,
    request_id: &str,
) -> Result<Bytes> {
    let text = |name: HeaderName| {
        request
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let path = request.uri.path();
    let (body, is_base64_encoded) = encode_body(&request.headers, body);
    let event = Event {
        version: "2.0",
        route_key: matched.key,
        raw_path: path,
        raw_query_string: request.uri.query().unwrap_or_default(),
        cookies: text(header::COOKIE)
            .split("; ")
            .filter(|cookie| !cookie.is_empty())
            .collect(),
        headers: joined_headers(&request.headers),
        path_parameters: &matched.parameters,
        request_context: RequestContext {
            account_id: "000000000000",
            api_id: "local",
            domain_name: text(header::HOST),
            http: Http {
                method: request.method.as_str(),
                path,
                protocol: "HTTP/1.1",
                source_ip: "127.0.0.1",
                user_agent: text(header::USER_AGENT),
            },
            request_id,
            route_key: matched.key,
            stage: "$default",
            time_epoch: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_millis(),
        },
        body,
        is_base64_encoded,
    };
    Ok(serde_json::to_vec(&event)?.into())
}

/// Cookies travel in a field of their own; repeated headers are joined by commas.
fn joined_headers(headers: &HeaderMap) -> BTreeMap<&str, Cow<'_, str>> {
    let mut joined: BTreeMap<&str, Cow<'_, str>> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| *name != header::COOKIE) {
        let value = String::from_utf8_lossy(value.as_bytes());
        joined
            .entry(name.as_str())
            .and_modify(|before| {
                let before = before.to_mut();
                before.push(',');
                before.push_str(&value);
            })
            .or_insert(value);
    }
    joined
}

/// Text goes as it is and everything else in base64, as the content type says. (Bytes that claim to be text and are not
/// go in base64 too, so that the function sees what the client sent.)
fn encode_body<'a>(headers: &HeaderMap, body: &'a Bytes) -> (Option<Cow<'a, str>>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let textual = [
        "text/",
        "application/json",
        "application/xml",
        "application/javascript",
    ];
    let is_text = textual
        .iter()
        .any(|prefix| content_type.starts_with(prefix));
    match std::str::from_utf8(body) {
        Ok(text) if is_text && !headers.contains_key(header::CONTENT_ENCODING) => {
            (Some(text.into()), false)
        }
        _ => (Some(BASE64.encode(body).into()), true),
    }
}

/// The HTTP answer that a function's answer stands for.
pub(super) fn into_response(answer: &[u8], request_id: &str) -> Result<Response<axum::body::Body>> {
    let answer: ApiGatewayV2httpResponse =
        serde_json::from_slice(answer).context("no answer of format 2.0")?;
    let status = u16::try_from(answer.status_code).context("status code")?;
    let body = match answer.body {
        None | Some(Body::Empty) => Bytes::new(),
        Some(Body::Text(text)) if answer.is_base64_encoded => {
            BASE64.decode(text).context("base64 body")?.into()
        }
        Some(Body::Text(text)) => text.into(),
        Some(Body::Binary(bytes)) => bytes.into(),
        Some(_) => anyhow::bail!("an unknown kind of body"),
    };
    let mut response = Response::new(axum::body::Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status)?;
    let headers = response.headers_mut();
    *headers = answer.headers;
    for cookie in answer.cookies {
        headers.append(header::SET_COOKIE, cookie.parse()?);
    }
    headers.insert("apigw-requestid", request_id.parse()?);
    Ok(response)
}
