//! How the SDKs reach AWS. Their own client would bring HTTP/2, proxies and a second set-up of TLS into every function, and
//! parse the machine's roots, some 140 certificates, before its first request.

use std::error::Error;
use std::io;
use std::time::Duration;

use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use axum::body::Body;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use tower::timeout::error::Elapsed;

use crate::https::{self, Client};

/// The [`https`] client as the SDKs want one.
#[derive(Clone, Debug)]
pub(crate) struct Transport(Client);

impl Transport {
    /// Gives a connection `connecting` to be made, and keeps it for `idle` after a request. Both hold whatever the SDK's
    /// time-outs say, which are for whole attempts.
    pub(crate) fn new(connecting: Duration, idle: Duration) -> Self {
        Self(https::client(connecting, idle))
    }
}

impl HttpClient for Transport {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Transport {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request
                .try_into_http1x()
                .map_err(|error| ConnectorError::user(error.into()))?;
            let mut request = request.map(Body::new);
            let connection = capture_connection(&mut request);
            if let Some(asked) = request.extensions().get::<CaptureSmithyConnection>() {
                asked.set_connection_retriever(move || Some(metadata(&connection)));
            }
            let response = client.request(request).await.map_err(meaning)?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Lets the SDK drop a connection on which AWS answered that it is in trouble: another one leads to another server.
fn metadata(connection: &CaptureConnection) -> ConnectionMetadata {
    let connection = connection.clone();
    ConnectionMetadata::builder()
        .proxied(false)
        .poison_fn(move || {
            if let Some(connected) = connection.connection_metadata().as_ref() {
                connected.poison();
            }
        })
        .build()
}

/// What an error means for trying again.
fn meaning(error: legacy::Error) -> ConnectorError {
    let broken = cause::<hyper::Error>(&error);
    if cause::<Elapsed>(&error).is_some() {
        ConnectorError::timeout(error.into())
    } else if error.is_connect()
        || cause::<io::Error>(&error).is_some()
        || broken.is_some_and(|error| error.is_closed() || error.is_canceled())
    {
        ConnectorError::io(error.into())
    } else if broken.is_some_and(hyper::Error::is_incomplete_message) {
        ConnectorError::other(error.into(), Some(ErrorKind::TransientError))
    } else {
        ConnectorError::other(error.into(), None)
    }
}

/// The first `E` among an error and its causes.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
