//! The one-off schedules in EventBridge Scheduler, one for each reminder to come. A schedule is never changed: another time is
//! another schedule, and the one that is wrong by then is dropped by the recheck when it fires.

use std::fmt;
use std::str::FromStr;

use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_scheduler::operation::create_schedule::CreateScheduleError;
use aws_sdk_scheduler::operation::create_schedule::builders::CreateScheduleFluentBuilder;
use aws_sdk_scheduler::operation::delete_schedule::DeleteScheduleError;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode,
    RetryPolicy, Target,
};
use jiff::Timestamp;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::aws;
use crate::batch::Failure;
use crate::config::ScheduleConfig;
use crate::model::TaskId;
use crate::queue::Message;

/// How long Scheduler tries to put a reminder on its queue: later than this none is sent.
const LONGEST_TRIES: i32 = 24 * 60 * 60;
/// The most that Scheduler lists in one answer.
const PAGE: i32 = 100;

/// What a schedule is for, and thereby its name: `task-<id>-<seconds since the epoch>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reminder {
    /// The task.
    pub task: TaskId,
    /// When to remind, in whole seconds.
    pub at: Timestamp,
}

/// What became of the wish for a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// It was made.
    New,
    /// It was there.
    Already,
    /// Its time passed on the way, and Scheduler did not take it.
    TooLate,
}

/// Why Scheduler did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// Scheduler is away or busy for the moment.
    #[error("{0}")]
    Unavailable(String),
    /// Scheduler refuses, and will do so until somebody mends what is set up wrongly.
    #[error("{0}")]
    Refused(String),
}

/// The schedules of a stage.
#[derive(Debug)]
pub struct Schedules {
    config: ScheduleConfig,
    client: OnceCell<Client>,
}

/// The pages of the listing of all schedules.
#[derive(Debug)]
pub struct Listing<'a> {
    schedules: &'a Schedules,
    next: Option<String>,
    ended: bool,
}

/// A page of the listing.
#[derive(Debug, Default)]
pub struct Page {
    /// The reminders that are scheduled.
    pub reminders: Vec<Reminder>,
    /// How many schedules have a name that is not one of ours.
    pub others: usize,
}

impl Schedules {
    /// The schedules in the group that `config` names. Nothing is called yet.
    pub fn new(config: ScheduleConfig) -> Self {
        Self {
            config,
            client: OnceCell::new(),
        }
    }

    /// Makes the schedule for a reminder, if it is not there.
    pub async fn create(&self, reminder: Reminder) -> Result<Created, ScheduleError> {
        let Err(error) = self.creation(reminder).await?.send().await else {
            return Ok(Created::New);
        };
        match error.as_service_error() {
            // Its name says all there is to it, so that one is as good as another.
            Some(CreateScheduleError::ConflictException(_)) => Ok(Created::Already),
            Some(CreateScheduleError::ValidationException(_))
                if reminder.at <= Timestamp::now() =>
            {
                Ok(Created::TooLate)
            }
            _ => Err(ScheduleError::of(&error)),
        }
    }

    async fn creation(
        &self,
        reminder: Reminder,
    ) -> Result<CreateScheduleFluentBuilder, ScheduleError> {
        let message = Message::Reminder {
            task_id: reminder.task.param(),
            remind_at: reminder.at,
        };
        let target = Target::builder()
            .arn(&self.config.queue_arn)
            .role_arn(&self.config.role_arn)
            .input(message.to_body())
            .dead_letter_config(
                DeadLetterConfig::builder()
                    .arn(&self.config.dead_letter_queue_arn)
                    .build(),
            )
            .retry_policy(
                RetryPolicy::builder()
                    .maximum_event_age_in_seconds(LONGEST_TRIES)
                    .build(),
            )
            .build()
            .map_err(ScheduleError::refused)?;
        let at_once = FlexibleTimeWindow::builder()
            .mode(FlexibleTimeWindowMode::Off)
            .build()
            .map_err(ScheduleError::refused)?;
        Ok(self
            .client()
            .await
            .create_schedule()
            .group_name(&self.config.group)
            .name(reminder.to_string())
            .schedule_expression(expression(reminder.at))
            .schedule_expression_timezone("UTC")
            .flexible_time_window(at_once)
            .action_after_completion(ActionAfterCompletion::Delete)
            .target(target))
    }

    /// Takes the schedule of a reminder away. One that is gone is as good.
    pub async fn delete(&self, reminder: Reminder) -> Result<(), ScheduleError> {
        let deletion = self
            .client()
            .await
            .delete_schedule()
            .group_name(&self.config.group)
            .name(reminder.to_string());
        let Err(error) = deletion.send().await else {
            return Ok(());
        };
        match error.as_service_error() {
            Some(DeleteScheduleError::ResourceNotFoundException(_)) => Ok(()),
            _ => Err(ScheduleError::of(&error)),
        }
    }

    /// All schedules, page by page.
    pub fn list(&self) -> Listing<'_> {
        Listing {
            schedules: self,
            next: None,
            ended: false,
        }
    }

    async fn client(&self) -> &Client {
        self.client
            .get_or_init(|| async { Client::new(aws::sdk_config()) })
            .await
    }
}

impl Listing<'_> {
    /// The next page; nothing after the last.
    pub async fn next(&mut self) -> Result<Option<Page>, ScheduleError> {
        if self.ended {
            return Ok(None);
        }
        let answer = self
            .schedules
            .client()
            .await
            .list_schedules()
            .group_name(&self.schedules.config.group)
            .max_results(PAGE)
            .set_next_token(self.next.take())
            .send()
            .await
            .map_err(|error| ScheduleError::of(&error))?;
        let mut page = Page::default();
        for schedule in answer.schedules {
            match schedule.name.as_deref().map(str::parse) {
                Some(Ok(reminder)) => page.reminders.push(reminder),
                _ => page.others += 1,
            }
        }
        self.next = answer.next_token;
        self.ended = self.next.is_none();
        Ok(Some(page))
    }
}

impl ScheduleError {
    fn of<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E>) -> Self {
        let words = aws::describe(error);
        let Some(status) = error.raw_response().map(|answer| answer.status().as_u16()) else {
            return Self::Unavailable(words);
        };
        let code = error.code().unwrap_or("no code");
        let throttled = status == 429 || code.contains("hrottl");
        if throttled || status >= 500 {
            Self::Unavailable(words)
        } else {
            Self::Refused(words)
        }
    }

    fn refused(error: impl fmt::Display) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<ScheduleError> for Failure {
    fn from(error: ScheduleError) -> Self {
        let cause = format!("scheduler: {error}");
        match error {
            ScheduleError::Unavailable(_) => Self::Retry(cause),
            ScheduleError::Refused(_) => Self::Misconfigured(cause),
        }
    }
}

impl fmt::Display for Reminder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task-{}-{}", self.task, self.at.as_second())
    }
}

/// The name is not one of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a reminder's schedule")]
pub struct NotAReminder;

impl FromStr for Reminder {
    type Err = NotAReminder;

    fn from_str(name: &str) -> Result<Self, NotAReminder> {
        let parse = || {
            let rest = name.strip_prefix("task-")?;
            // A UUID's text has a fixed length. The seconds may be negative.
            let (id, seconds) = rest.split_at_checked(36)?;
            let task = TaskId::from(Uuid::try_parse(id).ok()?);
            let seconds = seconds.strip_prefix('-')?.parse().ok()?;
            let at = Timestamp::from_second(seconds).ok()?;
            Some(Self { task, at })
        };
        // Only if it would be written the same way: a name stands for one schedule.
        parse()
            .filter(|reminder| reminder.to_string() == name)
            .ok_or(NotAReminder)
    }
}

/// Scheduler knows whole seconds only.
fn expression(at: Timestamp) -> String {
    at.strftime("at(%Y-%m-%dT%H:%M:%S)").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reminder(seconds: i64) -> Reminder {
        Reminder {
            task: TaskId::from(Uuid::from_u128(7)),
            at: Timestamp::from_second(seconds).expect("a time"),
        }
    }

    #[test]
    fn a_name_is_read_as_it_was_written() {
        for seconds in [0, 1_893_456_000, -5, 253_402_207_200] {
            let reminder = reminder(seconds);
            assert_eq!(reminder.to_string().parse(), Ok(reminder));
        }
        assert_eq!(
            reminder(60).to_string(),
            "task-00000000-0000-0000-0000-000000000007-60"
        );
    }

    #[test]
    fn other_names_are_not_ours() {
        for name in [
            "",
            "task-",
            "task-00000000-0000-0000-0000-000000000007",
            "task-00000000-0000-0000-0000-000000000007-",
            "task-00000000-0000-0000-0000-000000000007-060",
            "task-00000000-0000-0000-0000-000000000007-60s",
            "task-0000000000000000000000000000000700000-60",
            "nightly",
        ] {
            assert_eq!(name.parse::<Reminder>(), Err(NotAReminder), "{name}");
        }
    }

    #[test]
    fn the_expression_is_in_utc() {
        assert_eq!(
            expression(reminder(1_893_456_061).at),
            "at(2030-01-01T00:01:01)"
        );
    }
}
