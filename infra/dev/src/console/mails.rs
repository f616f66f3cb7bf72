//! The mails that were sent, as their recipients see them.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use jiff::Timestamp;

use super::Shared;
use super::page::{Frame, Moment, Told, show, told, trouble};
use crate::aws_client::AwsClient;
use crate::mails::{self, Mail};

/// What a browser may do with the HTML of a mail: show it, with its pictures.
const MAIL_POLICY: &str = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'self'";

/// A mail, and its number in the order in which they were sent: `cargo dev mail` counts the same way.
struct Numbered {
    number: usize,
    sent: Moment,
    mail: Mail,
}

impl Numbered {
    fn of(number: usize, mail: Mail) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "seconds of our time fit")]
        let seconds = mail.timestamp as i64;
        Self {
            number,
            sent: Timestamp::from_second(seconds).unwrap_or_default().into(),
            mail,
        }
    }
}

#[derive(Template)]
#[template(path = "console/mails.html")]
struct List {
    frame: Frame,
    mails: Told<Vec<Numbered>>,
}

/// All mails, the newest first.
pub async fn list(State(console): Shared) -> Response {
    let mails = mails::list(&console.aws).await.map(|mails| {
        let numbered = (1..)
            .zip(mails)
            .map(|(number, mail)| Numbered::of(number, mail));
        let mut numbered: Vec<_> = numbered.collect();
        numbered.reverse();
        numbered
    });
    show(&List {
        frame: Frame::of("/mails"),
        mails: told(mails),
    })
}

#[derive(Template)]
#[template(path = "console/mail.html")]
struct One {
    frame: Frame,
    shown: Numbered,
    of: usize,
}

/// One mail: what the recipient sees, and what a mail program hides.
pub async fn one(State(console): Shared, Path(number): Path<usize>) -> Response {
    match find(&console.aws, number).await {
        Ok((mail, of)) => show(&One {
            frame: Frame::within("/mails", mail.subject.clone()),
            shown: Numbered::of(number, mail),
            of,
        }),
        Err((status, sentence)) => trouble(status, "/mails", sentence),
    }
}

/// The HTML of one mail alone, for a frame within its page.
pub async fn html_part(State(console): Shared, Path(number): Path<usize>) -> Response {
    match find(&console.aws, number).await {
        Ok((mail, _)) => (
            [(header::CONTENT_SECURITY_POLICY, MAIL_POLICY)],
            Html(mail.html),
        )
            .into_response(),
        Err((status, sentence)) => (status, format!("{sentence}\n")).into_response(),
    }
}

/// The mail, and how many there are.
async fn find(aws: &AwsClient, number: usize) -> Result<(Mail, usize), (StatusCode, String)> {
    let mut mails =
        told(mails::list(aws).await).map_err(|sentence| (StatusCode::BAD_GATEWAY, sentence))?;
    let of = mails.len();
    match number.checked_sub(1) {
        Some(index) if index < of => Ok((mails.swap_remove(index), of)),
        _ => {
            let sentence = "There is no such mail. They are kept until the system stops.";
            Err((StatusCode::NOT_FOUND, sentence.to_owned()))
        }
    }
}
