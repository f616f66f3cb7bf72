//! Where the functions that work on events are killed: at each of their steps, which a lock or a held call makes them stop at.

use uuid::Uuid;

use crate::app::TestApp;
use crate::aws_proxy::{AwsProxy, Hold, Moment, Operation};
use crate::lock::Lock;

/// A step of the worker; some of them are also steps of the reminders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It has its message and knows nothing of the task.
    BeforeReading,
    /// The mail is claimed, and SES did not get it.
    BeforeSending,
    /// SES took it, and it is not marked as sent. The one case in which a mail goes out twice.
    AfterSending,
    /// The reminder's schedule is not made yet.
    BeforeScheduling,
    /// The schedule is made, and nothing else is done.
    AfterScheduling,
    /// All is done but that the promise is crossed out.
    BeforeDeleting,
}

/// All of them, in the order of the worker's work.
pub const WORKER_STEPS: [Step; 6] = [
    Step::BeforeReading,
    Step::BeforeSending,
    Step::AfterSending,
    Step::BeforeScheduling,
    Step::AfterScheduling,
    Step::BeforeDeleting,
];

/// What was promised of a task: by this its steps are told from those of others.
#[derive(Clone, Copy, Debug)]
pub struct Promised<'t> {
    /// The task's id.
    pub task: &'t str,
    /// Its title.
    pub title: &'t str,
    /// The row of the outbox.
    pub outbox_id: Uuid,
}

/// What makes a function stop at a step.
pub enum Stop {
    /// A call to AWS is held.
    Call(Hold),
    /// A statement waits.
    Statement(Lock),
}

impl Stop {
    /// Lets the function stop at this step of a task's.
    pub async fn at(step: Step, app: &TestApp, aws: &AwsProxy, promised: &Promised<'_>) -> Self {
        let call = |operation, moment, containing: &str| {
            let call = aws.next(operation).containing(containing);
            Self::Call(call.hold(moment))
        };
        let (mail, schedule) = (Operation::SendEmail, Operation::CreateSchedule);
        match step {
            Step::BeforeReading => Self::Statement(Lock::on_outbox(app).await),
            Step::BeforeSending => call(mail, Moment::Before, promised.title),
            Step::AfterSending => call(mail, Moment::After, promised.title),
            Step::BeforeScheduling => call(schedule, Moment::Before, promised.task),
            Step::AfterScheduling => call(schedule, Moment::After, promised.task),
            Step::BeforeDeleting => Self::Statement(
                Lock::on_promise(app, promised.outbox_id)
                    .await
                    .expect("the promise is there"),
            ),
        }
    }

    /// Kills the function when it is there; of a waiting statement nothing is left.
    pub async fn and_kill(self, app: &TestApp, function: &str) {
        match self {
            Self::Call(hold) => {
                hold.reached().await;
                app.kill(function);
                hold.discard();
            }
            Self::Statement(lock) => {
                lock.reached(app).await;
                app.kill(function);
                lock.drop_waiting(app).await;
                lock.release().await;
            }
        }
    }
}
