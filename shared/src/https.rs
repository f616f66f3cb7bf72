//! The client for all that functions fetch from other servers: HTTP/1.1, over TLS with Mozilla's roots.
//!
//! It is one type, whoever uses it, because each further one is another copy of hyper's client in the binary.

use std::time::Duration;

use axum::body::Body;
use http::Uri;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tower::BoxError;
use tower::timeout::Timeout;
use tower::util::BoxCloneSyncService;

use crate::tls;

/// Sends requests; its errors tell those apart that never left (`is_connect`).
pub(crate) type Client = legacy::Client<Connector, Body>;

type Connector = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, BoxError>;

/// A client that gives a connection `connecting` to be made, looking up the name and the TLS handshake included, and keeps it
/// for `idle` after a request.
pub(crate) fn client(connecting: Duration, idle: Duration) -> Client {
    let tls = rustls::ClientConfig::builder_with_provider(tls::provider())
        .with_safe_default_protocol_versions()
        .expect("aws-lc speaks TLS 1.2 and 1.3")
        .with_webpki_roots()
        .with_no_client_auth();
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .build();
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(idle)
        .build(BoxCloneSyncService::new(Timeout::new(
            connector, connecting,
        )))
}
