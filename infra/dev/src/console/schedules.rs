//! The schedules: what will fire when, and letting a reminder's fire now.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::page::{Frame, Moment, Told, show, told, trouble};
use super::{Console, Shared, database};
use crate::queues;
use crate::schedules::{self, Recurring, Scheduled};

/// The most that are shown; the next come first.
const SHOWN: usize = 100;
/// How long a page looks for what became of a schedule before it says that it does not know.
const LOOKED: SignedDuration = SignedDuration::from_secs(30);

/// What a reminder is about.
struct Task {
    title: String,
    status: String,
    project: String,
    project_status: String,
    assignee: String,
}

struct Reminder {
    name: String,
    at: Moment,
    task: Uuid,
    about: Option<Task>,
}

/// The reminders to come, with their tasks as far as the database tells.
struct Reminders {
    shown: Vec<Reminder>,
    more: usize,
    tasks: Told<()>,
}

#[derive(Template)]
#[template(path = "console/schedules.html")]
struct Page {
    frame: Frame,
    reminders: Told<Reminders>,
    recurring: Told<Vec<Recurring>>,
}

/// All schedules.
pub async fn page(State(console): Shared) -> Response {
    let (reminders, recurring) =
        tokio::join!(reminders(&console), schedules::recurring(&console.aws));
    show(&Page {
        frame: Frame::of("/schedules"),
        reminders: told(reminders),
        recurring: told(recurring),
    })
}

async fn reminders(console: &Console) -> anyhow::Result<Reminders> {
    let mut scheduled = schedules::to_come(&console.aws).await?;
    let more = scheduled.len().saturating_sub(SHOWN);
    scheduled.truncate(SHOWN);
    let mut tasks = told(tasks(console, &scheduled).await);
    let shown = scheduled
        .into_iter()
        .map(|Scheduled { name, task, at }| Reminder {
            name,
            at: at.into(),
            task,
            about: tasks.as_mut().ok().and_then(|tasks| tasks.remove(&task)),
        })
        .collect();
    Ok(Reminders {
        shown,
        more,
        tasks: tasks.map(drop),
    })
}

async fn tasks(console: &Console, scheduled: &[Scheduled]) -> anyhow::Result<HashMap<Uuid, Task>> {
    let ids: Vec<Uuid> = scheduled.iter().map(|schedule| schedule.task).collect();
    let sql = include_str!("tasks_of_schedules.sql");
    let rows = database::rows(&console.database_url, sql, &[(&ids, Type::UUID_ARRAY)]).await?;
    rows.iter()
        .map(|row| {
            let task = Task {
                title: row.try_get("title")?,
                status: row.try_get("status")?,
                project: row.try_get("project")?,
                project_status: row.try_get("project_status")?,
                assignee: row.try_get("assignee")?,
            };
            Ok((row.try_get("id")?, task))
        })
        .collect()
}

/// Which schedule is to fire.
#[derive(Deserialize)]
pub struct Chosen {
    schedule: String,
}

/// Lets a schedule fire, and goes on to what became of it.
pub async fn fire(State(console): Shared, Form(Chosen { schedule }): Form<Chosen>) -> Response {
    match schedules::fire(&console.aws, &schedule).await {
        Ok(Some(at)) => {
            let at = at.as_millisecond();
            Redirect::to(&format!("/schedules/fired?schedule={schedule}&at={at}")).into_response()
        }
        Ok(None) => trouble(
            StatusCode::NOT_FOUND,
            "/schedules",
            "There is no such schedule any more: it has fired, or somebody deleted it.",
        ),
        Err(error) => trouble(StatusCode::BAD_GATEWAY, "/schedules", format!("{error:#}")),
    }
}

/// What became of a schedule that fired.
enum Outcome {
    /// The mail went out.
    Sent { at: Moment, mail: Option<usize> },
    /// The reminder was not wanted.
    Dropped { cause: String },
    /// It came before its time, and was put back until then.
    PutBack { until: Moment },
    /// Its message cannot be worked off.
    DeadLetter,
    /// Nothing is known yet.
    UnderWay,
    /// Nothing was heard of it.
    Unknown,
}

/// Which schedule fired when, in milliseconds since the epoch.
#[derive(Deserialize)]
pub struct FiredWhen {
    schedule: String,
    at: i64,
}

#[derive(Template)]
#[template(path = "console/fired.html")]
struct Fired {
    frame: Frame,
    reminder: Reminder,
    since: Moment,
    outcome: Told<Outcome>,
}

/// What became of a schedule that fired. While that is not known the page looks again by itself.
pub async fn fired(State(console): Shared, Query(which): Query<FiredWhen>) -> Response {
    let (Some(scheduled), Ok(at)) = (
        schedules::read(&which.schedule),
        Timestamp::from_millisecond(which.at),
    ) else {
        return trouble(
            StatusCode::NOT_FOUND,
            "/schedules",
            "This is not the name of a reminder's schedule.",
        );
    };
    let outcome = outcome(&console, &scheduled, at).await;
    // Without the task the page says only its id.
    let about = tasks(&console, std::slice::from_ref(&scheduled))
        .await
        .ok()
        .and_then(|mut tasks| tasks.remove(&scheduled.task));
    let mut frame = Frame::within("/schedules", "Fired");
    if let Ok(Outcome::UnderWay) = outcome {
        frame.again = Some(1);
    }
    show(&Fired {
        frame,
        reminder: Reminder {
            name: scheduled.name,
            at: scheduled.at.into(),
            task: scheduled.task,
            about,
        },
        since: at.into(),
        outcome: told(outcome),
    })
}

async fn outcome(
    console: &Console,
    scheduled: &Scheduled,
    fired: Timestamp,
) -> anyhow::Result<Outcome> {
    let sql = include_str!("reminder_sent.sql");
    let task = (&scheduled.task as _, Type::UUID);
    let rows = database::rows(&console.database_url, sql, &[task]).await?;
    if let Some(row) = rows.first() {
        let at: Timestamp = row.try_get("sent_at")?;
        if at >= fired {
            let id: Option<String> = row.try_get("message_id")?;
            return Ok(Outcome::Sent {
                at: at.into(),
                mail: mail_number(console, id.as_deref()).await,
            });
        }
    }
    let task = scheduled.task.to_string();
    let log = console.log.newest()?;
    let dropped = log.lines.iter().rev().find(|line| {
        line.at >= Some(fired)
            && line.function == "reminders"
            && line.field("task_id") == Some(&task)
    });
    if let Some(cause) = dropped.and_then(|line| line.field("cause")) {
        return Ok(Outcome::Dropped {
            cause: cause.to_owned(),
        });
    }
    for queue in queues::list(&console.aws).await? {
        for message in &queue.messages {
            let is_its = queue.name.contains("-reminders") && message.body.contains(&task);
            if is_its && queue.is_for_dead_letters() {
                return Ok(Outcome::DeadLetter);
            }
            if is_its && !message.is_visible && message.receive_count == 0 {
                return Ok(Outcome::PutBack {
                    until: message.visible_at.into(),
                });
            }
        }
    }
    let passed = Timestamp::now().duration_since(fired);
    Ok(if passed < LOOKED {
        Outcome::UnderWay
    } else {
        Outcome::Unknown
    })
}

/// The number of the mail that SES gave this id.
async fn mail_number(console: &Console, id: Option<&str>) -> Option<usize> {
    let mails = crate::mails::list(&console.aws).await.ok()?;
    let position = mails
        .iter()
        .position(|mail| Some(mail.message_id.as_str()) == id)?;
    Some(position + 1)
}
