//! What a mail about a task says.

use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::wording::{lines, one_line, shorten};
use crate::model::Priority;
use crate::reminders::{time_zone, whole_day};

/// How much of a title stands in a subject: mail clients show some 40 characters of it on a phone and 70 on a desk.
const TITLE_IN_SUBJECT: usize = 80;
/// How much of a description a mail quotes. The button leads to the rest.
const DESCRIPTION: usize = 600;
const DESCRIPTION_LINES: usize = 15;

/// What happened to the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// Somebody else gave it to the recipient.
    Assignment,
    /// It is due.
    Reminder,
}

/// A mail about a task to its assignee: the task as it is now.
#[derive(Clone, Debug)]
pub struct TaskMail {
    /// What happened.
    pub kind: MailKind,
    /// The assignee's name.
    pub recipient_name: String,
    /// The task's title.
    pub task_title: String,
    /// The task's description, which is shortened.
    pub task_description: Option<String>,
    /// The name of the task's project.
    pub project_name: String,
    /// The name of the project's workspace.
    pub workspace_name: String,
    /// How urgent the task is.
    pub priority: Priority,
    /// When the task is due. Midnight UTC stands for the day.
    pub due_date: Timestamp,
    /// The workspace's time zone (IANA name), in which the due date is written.
    pub timezone: String,
    /// Where the task is in the web client.
    pub task_url: String,
}

/// A mail as it is sent, but for the addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// For mail clients that show HTML.
    pub html: String,
    /// The same facts for all others.
    pub text: String,
}

impl MailKind {
    /// Its name, as it stands in `deliveries`, metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assignment => "assignment",
            Self::Reminder => "reminder",
        }
    }
}

impl TaskMail {
    /// Writes the mail. (It cannot fail but for a template that does.)
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let facts = Facts::of(self);
        let event = match self.kind {
            MailKind::Assignment => "Assigned to you",
            MailKind::Reminder => "Due",
        };
        Ok(Rendered {
            subject: format!("{event}: {}", shorten(&facts.title, TITLE_IN_SUBJECT)),
            html: Html { facts: &facts }.render()?,
            text: Text { facts: &facts }.render()?,
        })
    }
}

#[derive(Template)]
#[template(path = "mail/task.html")]
struct Html<'a> {
    facts: &'a Facts<'a>,
}

#[derive(Template)]
#[template(path = "mail/task.txt")]
struct Text<'a> {
    facts: &'a Facts<'a>,
}

/// What both parts say.
struct Facts<'a> {
    reminder: bool,
    recipient: String,
    title: String,
    description: Vec<String>,
    project: String,
    workspace: String,
    priority: &'static str,
    due: String,
    url: &'a str,
}

impl<'a> Facts<'a> {
    fn of(mail: &'a TaskMail) -> Self {
        let description = mail.task_description.as_deref().unwrap_or_default();
        Self {
            reminder: mail.kind == MailKind::Reminder,
            recipient: one_line(&mail.recipient_name),
            title: one_line(&mail.task_title),
            description: lines(description, DESCRIPTION, DESCRIPTION_LINES),
            project: one_line(&mail.project_name),
            workspace: one_line(&mail.workspace_name),
            priority: match mail.priority {
                Priority::Low => "Low",
                Priority::Medium => "Medium",
                Priority::High => "High",
            },
            due: due(mail.due_date, time_zone(&mail.timezone)),
            url: &mail.task_url,
        }
    }

    /// What stands in one line each.
    fn rows(&self) -> [(&'static str, &str); 4] {
        [
            ("Project", &self.project),
            ("Workspace", &self.workspace),
            ("Priority", self.priority),
            ("Due", &self.due),
        ]
    }
}

/// A due date as people write it, with the weekday. A time of day names the zone and its distance from UTC: an hour that the
/// clocks show twice could be either of the two otherwise.
fn due(due_date: Timestamp, zone: TimeZone) -> String {
    const DAY: &str = "%A, %-d %B %Y";
    if let Some(day) = whole_day(due_date) {
        return day.strftime(DAY).to_string();
    }
    let zone_name = match zone.iana_name() {
        Some(name) if name != "UTC" => format!("{name}, UTC%:z"),
        _ => "UTC".to_owned(),
    };
    due_date
        .to_zoned(zone)
        .strftime(&format!("{DAY} at %H:%M ({zone_name})"))
        .to_string()
}

#[cfg(test)]
mod tests;
