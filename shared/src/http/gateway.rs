//! Between API Gateway and the router: events (payload format 2.0, which function URLs send too) become requests, and
//! responses what the gateway takes.
//!
//! `lambda_http`'s own adapter reads each event twice, into all that any gateway may say, and parses an absolute URL: a third
//! of the instructions of a small request. Here what a router needs is read, once.

use std::borrow::Cow;
use std::fmt;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::{CONTENT_ENCODING, HeaderName};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Uri};
use lambda_http::{LambdaEvent, RequestExt as _, service_fn};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeStruct as _, Serializer};
use serde_json::value::RawValue;
use tower::Service as _;

/// What a URI's query cannot hold. The gateway decodes paths, and passes on queries as they came.
const NOT_IN_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');
/// What a URI's path cannot hold.
const NOT_IN_PATH: &AsciiSet = &NOT_IN_QUERY.add(b'?').add(b'`').add(b'{').add(b'}');

/// Answers the gateway's events until Lambda ends the environment.
pub(super) async fn serve(router: Router) -> Result<(), lambda_http::Error> {
    let answer = |event: LambdaEvent<Event>| {
        let mut router = router.clone();
        async move {
            let request = event.payload.0.with_lambda_context(event.context);
            let Ok(response) = router.call(request).await;
            GatewayResponse::of(response).await
        }
    };
    lambda_http::lambda_runtime::run(service_fn(answer)).await
}

/// The request that an event tells of. Its URI has no host. An event that is none of these ends as a failed invocation, whose
/// words say nothing of what it held.
#[derive(Debug)]
struct Event(Request);

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let refused = || D::Error::custom("not an event of an HTTP API or a function URL");
        // As text first: the runtime's deserializer keeps the path to each field, for the words of an error, which takes longer
        // than reading it, and a path may hold the name of a header.
        let text = <&RawValue>::deserialize(deserializer).map_err(|_| refused())?;
        let fields: Fields = serde_json::from_str(text.get()).map_err(|_| refused())?;
        fields.into_request().map(Self).ok_or_else(refused)
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    /// As it is, whatever the stage; none is the root.
    #[serde(default)]
    raw_path: Option<String>,
    #[serde(default)]
    raw_query_string: Option<String>,
    #[serde(default)]
    headers: Option<Headers>,
    request_context: RequestContext,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(serde::Deserialize)]
struct RequestContext {
    http: Http,
}

#[derive(serde::Deserialize)]
struct Http {
    method: String,
}

impl Fields {
    fn into_request(self) -> Option<Request> {
        let body = match self.body {
            Some(body) if self.is_base64_encoded => Body::from(BASE64.decode(body).ok()?),
            Some(body) => Body::from(body),
            None => Body::empty(),
        };
        let path = self.raw_path.filter(|path| !path.is_empty());
        let path = path.as_deref().unwrap_or("/");
        let query = self.raw_query_string.unwrap_or_default();
        let mut request = Request::new(body);
        *request.method_mut() =
            Method::from_bytes(self.request_context.http.method.as_bytes()).ok()?;
        *request.uri_mut() = uri(path, &query)?;
        *request.headers_mut() = self.headers.unwrap_or_default().0;
        Some(request)
    }
}

fn uri(path: &str, query: &str) -> Option<Uri> {
    let mut uri = String::with_capacity(path.len() + 1 + query.len());
    uri.extend(utf8_percent_encode(path, NOT_IN_PATH));
    if !query.is_empty() {
        uri.push('?');
        uri.extend(utf8_percent_encode(query, NOT_IN_QUERY));
    }
    Some(PathAndQuery::from_maybe_shared(uri).ok()?.into())
}

/// Headers without those that cannot be one, and without what browser and gateway tell of themselves.
#[derive(Default)]
struct Headers(HeaderMap);

/// More than are left of a browser's.
const USUAL_HEADERS: usize = 12;
/// How the names begin of headers that no answer depends on: half of what arrives.
const OF_THEMSELVES: [&str; 6] = [
    "accept-language",
    "referer",
    "sec-",
    "user-agent",
    "x-amzn-",
    "x-forwarded-",
];

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HeadersVisitor;

        #[derive(serde::Deserialize)]
        struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

        impl<'de> Visitor<'de> for HeadersVisitor {
            type Value = Headers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("headers by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut given: A) -> Result<Headers, A::Error> {
                let mut headers = HeaderMap::with_capacity(USUAL_HEADERS);
                while let Some(Text(name)) = given.next_key()? {
                    if OF_THEMSELVES.iter().any(|start| name.starts_with(start)) {
                        given.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    let Text(value) = given.next_value()?;
                    if let Ok(name) = HeaderName::from_bytes(name.as_bytes())
                        && let Ok(value) = HeaderValue::from_bytes(value.as_bytes())
                    {
                        headers.insert(name, value);
                    }
                }
                Ok(Headers(headers))
            }
        }

        deserializer.deserialize_map(HeadersVisitor)
    }
}

/// What the gateway makes a response of.
#[derive(Debug)]
struct GatewayResponse {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl GatewayResponse {
    async fn of(response: Response) -> Result<Self, lambda_http::Error> {
        let (parts, body) = response.into_parts();
        Ok(Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await?,
        })
    }

    /// The body, where it can go as it is.
    fn text(&self) -> Option<&str> {
        let encoded = self.headers.contains_key(CONTENT_ENCODING);
        let text = (!encoded).then(|| std::str::from_utf8(&self.body));
        text?.ok()
    }
}

impl Serialize for GatewayResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut answer = serializer.serialize_struct("GatewayResponse", 5)?;
        answer.serialize_field("statusCode", &self.status)?;
        answer.serialize_field("headers", &JoinedHeaders(&self.headers))?;
        // Nothing here sets one; readers of answers that are strict about the format want the field.
        answer.serialize_field("cookies", &[(); 0])?;
        let text = self.text();
        answer.serialize_field("isBase64Encoded", &text.is_none())?;
        match text {
            Some(text) => answer.serialize_field("body", text)?,
            None => answer.serialize_field("body", &BASE64.encode(&self.body))?,
        }
        answer.end()
    }
}

/// The values of each header joined by commas, since the gateway takes one for each name.
struct JoinedHeaders<'a>(&'a HeaderMap);

impl Serialize for JoinedHeaders<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let joined = self.0.keys().filter_map(|name| {
            let values = self.0.get_all(name).iter().map(HeaderValue::to_str);
            let values: Vec<&str> = values.collect::<Result<_, _>>().ok()?;
            Some((name.as_str(), values.join(", ")))
        });
        serializer.collect_map(joined)
    }
}

#[cfg(test)]
mod tests {
    use http::header::{CONTENT_TYPE, VARY};
    use serde_json::{Value, json};

    use super::*;

    fn event() -> Value {
        json!({
            "version": "2.0",
            "routeKey": "ANY /api/tasks/{proxy+}",
            "rawPath": "/api/tasks/mine",
            "rawQueryString": "limit=10&q=%C3%BC",
            "headers": {"authorization": "Bearer a.b.c", "x-name": "Zoë"},
            "requestContext": {
                "http": {"method": "PATCH", "path": "/api/tasks/mine", "sourceIp": "192.0.2.1"},
                "stage": "$default",
                "timeEpoch": 0,
            },
            "body": "{\"title\":\"a\"}",
            "isBase64Encoded": false,
        })
    }

    /// As Lambda's runtime reads it: from bytes, with the path of what is wrong.
    fn read(event: &Value) -> Result<Request, String> {
        let json = serde_json::to_vec(event).expect("it serialises");
        let mut deserializer = serde_json::Deserializer::from_slice(&json);
        let event: Result<Event, _> = serde_path_to_error::deserialize(&mut deserializer);
        event
            .map(|event| event.0)
            .map_err(|error| error.to_string())
    }

    async fn body_of(request: Request) -> Bytes {
        let body = to_bytes(request.into_body(), usize::MAX).await;
        body.expect("a body in memory")
    }

    #[tokio::test]
    async fn an_event_is_a_request() {
        let request = read(&event()).expect("an event");
        assert_eq!(request.method(), Method::PATCH);
        assert_eq!(request.uri(), "/api/tasks/mine?limit=10&q=%C3%BC");
        assert_eq!(request.headers()["authorization"], "Bearer a.b.c");
        assert_eq!(request.headers()["x-name"].as_bytes(), "Zoë".as_bytes());
        assert_eq!(request.headers().len(), 2);
        assert_eq!(body_of(request).await, "{\"title\":\"a\"}");
    }

    #[tokio::test]
    async fn what_may_be_missing_may_be_null_too() {
        let mut sparse = event();
        for name in ["rawPath", "rawQueryString", "headers", "body"] {
            sparse[name] = Value::Null;
        }
        let request = read(&sparse).expect("an event");
        assert_eq!(request.uri(), "/");
        assert!(request.headers().is_empty());
        assert!(body_of(request).await.is_empty());
        let sparse = json!({"rawPath": "", "requestContext": {"http": {"method": "GET"}}});
        let request = read(&sparse).expect("an event");
        assert_eq!(
            (request.method(), request.uri().path()),
            (&Method::GET, "/")
        );
        assert!(request.headers().is_empty());
    }

    #[tokio::test]
    async fn a_body_in_base64_is_bytes() {
        let mut encoded = event();
        encoded["body"] = BASE64.encode([0, 159, 146, 150]).into();
        encoded["isBase64Encoded"] = true.into();
        let request = read(&encoded).expect("an event");
        assert_eq!(body_of(request).await, &[0, 159, 146, 150][..]);
        encoded["body"] = "no base64!".into();
        read(&encoded).expect_err("no bytes");
    }

    #[test]
    fn a_decoded_path_is_encoded_again_and_none_becomes_a_query() {
        let uri = |path: &str| {
            let mut event = event();
            event["rawPath"] = path.into();
            read(&event).expect("an event").uri().to_string()
        };
        let query = "?limit=10&q=%C3%BC";
        assert_eq!(uri("/a b/ü"), format!("/a%20b/%C3%BC{query}"));
        assert_eq!(uri("/a?b#c"), format!("/a%3Fb%23c{query}"));
        assert_eq!(uri("/a%20b"), format!("/a%20b{query}"));
        assert_eq!(
            uri("/\u{0}\n{x}<\"`>"),
            format!("/%00%0A%7Bx%7D%3C%22%60%3E{query}")
        );
        assert_eq!(uri("//evil.example/a"), format!("//evil.example/a{query}"));
    }

    #[test]
    fn a_query_is_passed_on_whatever_it_holds() {
        let mut event = event();
        event["rawQueryString"] = "q=a b\"<ü>#?{}".into();
        let request = read(&event).expect("an event");
        assert_eq!(request.uri().query(), Some("q=a%20b%22%3C%C3%BC%3E%23?{}"));
    }

    #[test]
    fn headers_that_cannot_be_are_left_out_and_those_that_no_answer_depends_on() {
        let mut event = event();
        event["headers"] = json!({
            "Accept": "a",
            "not a name": "b",
            "x-lines": "c\r\nd",
            "user-agent": "e",
            "sec-fetch-mode": "cors",
            "x-amzn-trace-id": "f",
            "x-amz": "g",
        });
        let request = read(&event).expect("an event");
        let names = request.headers().keys().map(HeaderName::as_str);
        assert_eq!(names.collect::<Vec<_>>(), ["accept", "x-amz"]);
    }

    #[test]
    fn other_events_are_refused_without_their_words() {
        let mut with_number = event();
        with_number["rawPath"] = 5.into();
        let mut with_method = event();
        with_method["requestContext"]["http"]["method"] = "SECRET WORDS".into();
        let mut with_header = event();
        with_header["headers"] = json!({"x-secret": 5});
        let scheduled = json!({"reminder": "secret words"});
        for event in [
            with_number,
            with_method,
            with_header,
            scheduled,
            json!("secret words"),
            json!([]),
        ] {
            let error = read(&event).expect_err("no event of a gateway");
            assert!(error.contains("not an event of an HTTP API"), "{error}");
            assert!(!error.to_lowercase().contains("secret"), "{error}");
        }
    }

    async fn written(response: Response) -> Value {
        let answer = GatewayResponse::of(response)
            .await
            .expect("a body in memory");
        serde_json::to_value(answer).expect("it serialises")
    }

    #[tokio::test]
    async fn a_text_goes_as_it_is_and_repeated_headers_as_one() {
        let mut response = Response::new(Body::from("{\"ü\":\"\\n\"}"));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.append(VARY, HeaderValue::from_static("origin"));
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
        assert_eq!(
            written(response).await,
            json!({
                "statusCode": 200,
                "headers": {"content-type": "application/json", "vary": "origin, accept-encoding"},
                "cookies": [],
                "isBase64Encoded": false,
                "body": "{\"ü\":\"\\n\"}",
            })
        );
    }

    #[tokio::test]
    async fn what_is_compressed_or_no_text_goes_in_base64() {
        let mut response = Response::new(Body::from("abc"));
        let gzip = HeaderValue::from_static("gzip");
        response.headers_mut().insert(CONTENT_ENCODING, gzip);
        let answer = written(response).await;
        assert_eq!(
            (&answer["body"], &answer["isBase64Encoded"]),
            (&json!("YWJj"), &json!(true))
        );
        let answer = written(Response::new(Body::from(vec![0xff]))).await;
        assert_eq!(
            (&answer["body"], &answer["isBase64Encoded"]),
            (&json!("/w=="), &json!(true))
        );
    }
}
