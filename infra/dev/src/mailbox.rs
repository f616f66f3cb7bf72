//! A page with the mails that were sent, for a person with a browser.
//!
//! It has a port of its own: the front door's may be open to the internet, through the tunnel that Clerk's webhooks need.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::mails::{self, Mail};

/// What a browser may do with the HTML of a mail: show it, with its pictures.
const MAIL_POLICY: &str =
    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:";

#[derive(Template)]
#[template(path = "mailbox.html")]
struct Page {
    /// The newest first, each with its number.
    mails: Vec<(usize, Mail)>,
}

/// Serves the page on a free port until the returned task is aborted; also its URL.
pub async fn serve(
    aws_endpoint: String,
) -> anyhow::Result<(String, JoinHandle<std::io::Result<()>>)> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .await
        .context("No free port on 127.0.0.1")?;
    let url = format!("http://{}/", listener.local_addr()?);
    let router = Router::new()
        .route("/", get(page))
        .route("/{number}", get(html_part))
        .with_state(aws_endpoint);
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((url, serving))
}

async fn page(State(aws_endpoint): State<String>) -> Response {
    let rendered = mails::list(&aws_endpoint).await.and_then(|mails| {
        let mut mails: Vec<(usize, Mail)> = (1..).zip(mails).collect();
        mails.reverse();
        Ok(Page { mails }.render()?)
    });
    match rendered {
        Ok(page) => Html(page).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}\n")).into_response(),
    }
}

async fn html_part(State(aws_endpoint): State<String>, Path(number): Path<usize>) -> Response {
    match mails::list(&aws_endpoint).await {
        Ok(mails) => match number.checked_sub(1).and_then(|index| mails.get(index)) {
            Some(mail) => (
                [(header::CONTENT_SECURITY_POLICY, MAIL_POLICY)],
                Html(mail.html.clone()),
            )
                .into_response(),
            None => (StatusCode::NOT_FOUND, "There is no such mail.\n").into_response(),
        },
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}\n")).into_response(),
    }
}
