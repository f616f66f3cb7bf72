//! Deliveries of Clerk's events: trusted if the signature over id, time and body is right and the time is about now, and not
//! otherwise, whatever headers there are more.

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use shared::config::WebhookSecret;
use webhooks::Signatures;

use crate::MARK;

/// What the endpoint and Svix know.
const SECRET: &[u8] = b"not a secret of anything real";
/// What somebody overheard: a delivery with a good signature.
pub const OVERHEARD: Signed<'static> = Signed {
    id: "msg_1",
    seconds: 1_800_000_000,
    body: r#"{"type":"user.created","data":{"id":"user_ada"}}"#,
};
/// How far apart the two clocks may be.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed<'a> {
    /// The message's id.
    pub id: &'a str,
    /// When it was sent, in seconds since the epoch.
    pub seconds: i64,
    /// The event.
    pub body: &'a str,
}

impl Signed<'_> {
    /// The right signature.
    pub fn signature(&self) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
        let Self { id, seconds, body } = self;
        let signature = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(signature))
    }

    /// When it was sent.
    fn sent_at(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.seconds).ok()
    }
}

static SIGNATURES: LazyLock<Signatures> =
    LazyLock::new(|| Signatures::new(vec![WebhookSecret::from_key(SECRET.to_vec())]));

/// A delivery is trusted, by a clock that shows `now`, if and only if it should be; why it is not quotes nothing of it.
pub fn is_trusted_if_it_should_be(headers: &HeaderMap, body: &[u8], now: Timestamp) {
    let verdict = SIGNATURES.verify(body, headers, now);
    assert_eq!(verdict.is_ok(), should_be_trusted(headers, body, now));
    if let Err(cause) = verdict {
        let told = cause.to_string();
        assert!(!told.contains(MARK), "quoted: {told}");
    }
}

fn should_be_trusted(headers: &HeaderMap, body: &[u8], now: Timestamp) -> bool {
    let Some(signed) = what_it_says(headers, body) else {
        return false;
    };
    let in_time = signed
        .sent_at()
        .is_some_and(|sent| now.duration_since(sent).abs() <= TOLERANCE);
    let right = signed.signature();
    in_time
        && header(headers, "signature")
            .is_some_and(|given| given.split(' ').any(|one| one == right))
}

/// Of a header that stands there twice the first counts, and of its two names Svix's own.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let [own, general] = ["svix", "webhook"].map(|prefix| headers.get(format!("{prefix}-{name}")));
    own.or(general)?.to_str().ok()
}

fn what_it_says<'a>(headers: &'a HeaderMap, body: &'a [u8]) -> Option<Signed<'a>> {
    Some(Signed {
        id: header(headers, "id")?,
        seconds: header(headers, "timestamp")?.parse().ok()?,
        body: std::str::from_utf8(body).ok()?,
    })
}

/// Headers, of those that can be sent.
pub fn headers<'a>(fields: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name),
            HeaderValue::from_bytes(value.trim_ascii()),
        ) {
            headers.append(name, value);
        }
    }
    headers
}

/// The input is how many seconds the clock is ahead of the delivery that was overheard; then a line for each header; then an empty
/// line and the body. In values `<id>`, `<timestamp>` and `<signature>` stand for what was overheard, as `<body>` does in the body,
/// and a signature that is `<right>` becomes the right one for what is there.
pub fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (clock, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let (lines, body) = rest.split_once("\n\n").unwrap_or((rest, ""));
    let body = body.replace("<body>", OVERHEARD.body);
    let lines = lines
        .replace("<id>", OVERHEARD.id)
        .replace("<timestamp>", &OVERHEARD.seconds.to_string())
        .replace("<signature>", &OVERHEARD.signature());
    let fields = |lines: &str| {
        let fields = lines.lines().filter_map(|line| line.split_once(':'));
        headers(fields.map(|(name, value)| (name.as_bytes(), value.as_bytes())))
    };
    let mut headers = fields(&lines);
    if lines.contains("<right>")
        && let Some(right) =
            what_it_says(&headers, body.as_bytes()).map(|signed| signed.signature())
    {
        headers = fields(&lines.replace("<right>", &right));
    }
    let ahead = clock.parse().unwrap_or(0);
    let sent = OVERHEARD.sent_at().expect("it was sent");
    let Ok(now) = sent.checked_add(SignedDuration::from_secs(ahead)) else {
        return;
    };
    is_trusted_if_it_should_be(&headers, body.as_bytes(), now);
}
