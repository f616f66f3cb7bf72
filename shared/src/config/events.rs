//! What the functions need that work on events: queues, schedules and mail.

use super::{ApiConfig, InvalidConfig, Variables};
use crate::db::DatabaseConfig;
use crate::mail::{TaskUrl, is_sender};
use crate::queue::Queue;

/// What the tasks group needs.
#[derive(Debug)]
pub struct TasksConfig {
    /// As every endpoint group.
    pub api: ApiConfig,
    /// `TASK_QUEUE_URL`: where changes of tasks are published.
    pub task_queue: Queue,
}

/// What the worker needs.
#[derive(Debug)]
pub struct WorkerConfig {
    /// How the database is reached.
    pub database: DatabaseConfig,
    /// `TASK_QUEUE_URL`: where changes of tasks come from.
    pub task_queue: Queue,
    /// `WEBHOOK_QUEUE_URL`: where Clerk's events come from.
    pub webhook_queue: Queue,
    /// `REMINDER_QUEUE_URL`: where reminders go that are due already.
    pub reminder_queue: Queue,
    /// Where reminders are scheduled.
    pub schedules: ScheduleConfig,
    /// How mail is sent.
    pub mail: MailConfig,
}

/// What the reminders function needs.
#[derive(Debug)]
pub struct RemindersConfig {
    /// How the database is reached.
    pub database: DatabaseConfig,
    /// `REMINDER_QUEUE_URL`: where reminders come from.
    pub reminder_queue: Queue,
    /// How mail is sent.
    pub mail: MailConfig,
}

/// What the relay needs.
#[derive(Debug)]
pub struct RelayConfig {
    /// How the database is reached.
    pub database: DatabaseConfig,
    /// `TASK_QUEUE_URL`: where overdue rows of the outbox are published.
    pub task_queue: Queue,
    /// The schedules that are compared with the database.
    pub schedules: ScheduleConfig,
}

/// Where reminders are scheduled, and where the schedules lead.
#[derive(Clone, Debug)]
pub struct ScheduleConfig {
    /// `SCHEDULE_GROUP`: the stage's schedule group.
    pub group: String,
    /// `SCHEDULER_ROLE_ARN`: the role that EventBridge Scheduler sends with.
    pub role_arn: String,
    /// `REMINDER_QUEUE_ARN`: the queue that schedules send to.
    pub queue_arn: String,
    /// `SCHEDULE_DLQ_ARN`: where a schedule leaves what it could not send.
    pub dead_letter_queue_arn: String,
}

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// `MAIL_FROM`: the sender, e.g. `Cairn <no-reply@example.com>`. Its identity must be verified in SES.
    pub from: String,
    /// `MAIL_REPLY_TO`: where answers go, if anywhere.
    pub reply_to: Option<String>,
    /// `MAIL_CONFIGURATION_SET`: the SES configuration set, if any.
    pub configuration_set: Option<String>,
    /// `FRONTEND_URL` and, where the client has other addresses, `TASK_URL_PATTERN`.
    pub task_url: TaskUrl,
}

impl TasksConfig {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, InvalidConfig> {
        Variables::read(|variables| {
            let (api, task_queue) = (variables.api(), variables.queue("TASK_QUEUE_URL"));
            Some(Self {
                api: api?,
                task_queue: task_queue?,
            })
        })
    }
}

impl WorkerConfig {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, InvalidConfig> {
        Variables::read(|variables| {
            let database = variables.database();
            let task_queue = variables.queue("TASK_QUEUE_URL");
            let webhook_queue = variables.queue("WEBHOOK_QUEUE_URL");
            let reminder_queue = variables.queue("REMINDER_QUEUE_URL");
            let schedules = variables.schedules();
            let mail = variables.mail();
            Some(Self {
                database: database?,
                task_queue: task_queue?,
                webhook_queue: webhook_queue?,
                reminder_queue: reminder_queue?,
                schedules: schedules?,
                mail: mail?,
            })
        })
    }
}

impl RemindersConfig {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, InvalidConfig> {
        Variables::read(|variables| {
            let database = variables.database();
            let reminder_queue = variables.queue("REMINDER_QUEUE_URL");
            let mail = variables.mail();
            Some(Self {
                database: database?,
                reminder_queue: reminder_queue?,
                mail: mail?,
            })
        })
    }
}

impl RelayConfig {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, InvalidConfig> {
        Variables::read(|variables| {
            let database = variables.database();
            let task_queue = variables.queue("TASK_QUEUE_URL");
            let schedules = variables.schedules();
            Some(Self {
                database: database?,
                task_queue: task_queue?,
                schedules: schedules?,
            })
        })
    }
}

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    pub(super) fn queue(&mut self, name: &str) -> Option<Queue> {
        self.required(name).map(Queue::new)
    }

    fn schedules(&mut self) -> Option<ScheduleConfig> {
        let group = self.required("SCHEDULE_GROUP");
        let role_arn = self.required("SCHEDULER_ROLE_ARN");
        let queue_arn = self.required("REMINDER_QUEUE_ARN");
        let dead_letter_queue_arn = self.required("SCHEDULE_DLQ_ARN");
        Some(ScheduleConfig {
            group: group?,
            role_arn: role_arn?,
            queue_arn: queue_arn?,
            dead_letter_queue_arn: dead_letter_queue_arn?,
        })
    }

    fn mail(&mut self) -> Option<MailConfig> {
        let from = self.required("MAIL_FROM");
        let reply_to = self.optional("MAIL_REPLY_TO");
        for (name, address) in [("MAIL_FROM", &from), ("MAIL_REPLY_TO", &reply_to)] {
            if address
                .as_deref()
                .is_some_and(|address| !is_sender(address))
            {
                self.problem::<()>(name, "must be an address, or a name with <an address>");
            }
        }
        let frontend = self.required("FRONTEND_URL");
        let pattern = self.optional("TASK_URL_PATTERN");
        let task_url = frontend.and_then(|frontend| {
            TaskUrl::parse(&frontend, pattern.as_deref())
                .map_err(|problem| self.problems.push(problem))
                .ok()
        });
        Some(MailConfig {
            from: from?,
            reply_to,
            configuration_set: self.optional("MAIL_CONFIGURATION_SET"),
            task_url: task_url?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_mail_and_schedules_lack_is_named_at_once() {
        let mut variables = Variables::new(|_| None);
        assert!(variables.mail().is_none() && variables.schedules().is_none());
        let error = variables.finish(None::<()>).expect_err("nothing is set");
        for name in [
            "MAIL_FROM",
            "FRONTEND_URL",
            "SCHEDULE_GROUP",
            "SCHEDULER_ROLE_ARN",
            "REMINDER_QUEUE_ARN",
            "SCHEDULE_DLQ_ARN",
        ] {
            assert!(error.to_string().contains(name), "{name}: {error}");
        }
    }
}
