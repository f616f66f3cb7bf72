//! Two workers are at the same task with different due times, and their steps mix in every way.

use std::collections::BTreeSet;
use std::sync::Arc;

use cairn_tests::{AwsProxy, Hold, Lock, Moment, Operation, TestApp};
use serde_json::json;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::scheduler::in_seconds;
use super::{Scene, Task};

/// How many mixes are tried at the same time, each with workers of its own.
const LANES: usize = 4;

/// What the first worker does.
const FIRST: [Step; 4] = [
    Step::Read(Worker::First),
    Step::Schedule(Worker::First),
    Step::Mail(Worker::First),
    Step::Delete(Worker::First),
];
/// The due time changes, and what the second worker does about that.
const SECOND: [Step; 5] = [
    Step::ChangeDueTime,
    Step::Read(Worker::Second),
    Step::Schedule(Worker::Second),
    Step::Mail(Worker::Second),
    Step::Delete(Worker::Second),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worker {
    First,
    Second,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Somebody sets another due time, which is what the second worker is called for.
    ChangeDueTime,
    Read(Worker),
    /// Makes the schedule, and claims the mail if that was not sent.
    Schedule(Worker),
    /// Sends the mail and marks it as sent.
    Mail(Worker),
    /// Crosses the promise out.
    Delete(Worker),
}

/// All ways to mix two sequences.
fn mixes(first: &[Step], second: &[Step]) -> Vec<Vec<Step>> {
    let with = |head: Step, tails: Vec<Vec<Step>>| {
        let mixed = tails
            .into_iter()
            .map(move |tail| [vec![head], tail].concat());
        mixed.collect::<Vec<_>>()
    };
    match (first, second) {
        ([], rest) | (rest, []) => vec![rest.to_vec()],
        ([a, first_rest @ ..], [b, second_rest @ ..]) => {
            let mut all = with(*a, mixes(first_rest, second));
            all.extend(with(*b, mixes(first, second_rest)));
            all
        }
    }
}

/// Workers of whom each stops before and after each of its steps.
struct Lane {
    aws: Arc<AwsProxy>,
    workers: Arc<TestApp>,
}

/// Where a worker stands.
enum At {
    /// Its message did not come yet.
    Start,
    Mail(Hold),
    Schedule(Hold),
    Deletion(Lock),
    End,
}

/// One worker at work on one message.
struct Turn {
    outbox_id: Uuid,
    at: At,
    invocation: Option<JoinHandle<Vec<usize>>>,
    /// Where the worker stopped on its way.
    stops: Vec<&'static str>,
}

/// A mix that was played.
struct Played {
    case: String,
    task: Task,
    /// When the task is due in the end, in seconds since the epoch.
    due: i64,
    /// Where the two workers stopped.
    stops: [Vec<&'static str>; 2],
}

impl Turn {
    fn new(outbox_id: Uuid) -> Self {
        Self {
            outbox_id,
            at: At::Start,
            invocation: None,
            stops: Vec::new(),
        }
    }

    /// Does a step, if the worker stands before it: one that found the mail sent or claimed has no mail to send.
    async fn step(&mut self, step: Step, lane: &Lane) {
        let is_there = matches!(
            (step, &self.at),
            (Step::Read(_), At::Start)
                | (Step::Mail(_), At::Mail(_))
                | (Step::Schedule(_), At::Schedule(_))
                | (Step::Delete(_), At::Deletion(_))
        );
        if is_there {
            self.go_on(lane).await;
        }
    }

    /// Lets the worker go on to where it stops next.
    async fn go_on(&mut self, lane: &Lane) {
        // Everybody else stands still: the next call is this worker's.
        let mail = lane.aws.next(Operation::SendEmail).hold(Moment::Before);
        let schedule = lane
            .aws
            .next(Operation::CreateSchedule)
            .hold(Moment::Before);
        let deletion = match std::mem::replace(&mut self.at, At::End) {
            At::Start => {
                let workers = Arc::clone(&lane.workers);
                let message = json!({"task_change": {"outbox_id": self.outbox_id}});
                let invocation = async move { workers.invoke_with("worker", &[message]).await };
                self.invocation = Some(tokio::spawn(invocation));
                Lock::on_promise(&lane.workers, self.outbox_id).await
            }
            At::Mail(hold) | At::Schedule(hold) => {
                let lock = Lock::on_promise(&lane.workers, self.outbox_id).await;
                hold.release();
                lock
            }
            At::Deletion(lock) => {
                lock.release().await;
                None
            }
            At::End => None,
        };
        let invocation = self.invocation.as_mut().expect("the worker was called");
        let at_deletion = async {
            match &deletion {
                Some(lock) => lock.reached(&lane.workers).await,
                None => std::future::pending().await,
            }
        };
        let stopped = tokio::select! {
            () = mail.reached() => "mail",
            () = schedule.reached() => "schedule",
            () = at_deletion => "deletion",
            failed = invocation => {
                if failed.expect("the worker was called").is_empty() { "done" } else { "failed" }
            }
        };
        self.stops.push(stopped);
        self.at = match (stopped, deletion) {
            ("mail", _) => At::Mail(mail),
            ("schedule", _) => At::Schedule(schedule),
            ("deletion", Some(lock)) => At::Deletion(lock),
            _ => At::End,
        };
        lane.aws.heal();
    }
}

impl Scene {
    async fn lane(&self) -> Lane {
        let aws = AwsProxy::start();
        let workers = self.app.beside().only(&["worker"]).environments(2);
        let workers = workers.aws_through("worker", &aws);
        Lane {
            aws,
            workers: Arc::new(workers.start().await),
        }
    }

    /// Plays one mix.
    async fn play(&self, mix: &[Step], lane: &Lane, due: [u64; 2]) -> Played {
        let due = due.map(in_seconds);
        let task = self.task_due(&due[0]).await;
        let mut first = Turn::new(task.outbox_id);
        let mut second = None;
        for step in mix {
            match step {
                Step::ChangeDueTime => {
                    let path = format!("/api/tasks/{}", task.id);
                    let body = json!({"due_date": due[1]});
                    let changed = self.app.patch(&self.world.lead, &path, &body).await;
                    changed.says(200, "Task updated successfully");
                    second = Some(Turn::new(self.newest_promise(&task.id).await));
                }
                Step::Read(worker)
                | Step::Mail(worker)
                | Step::Schedule(worker)
                | Step::Delete(worker) => {
                    let turn = match worker {
                        Worker::First => &mut first,
                        Worker::Second => second.as_mut().expect("the due time was changed"),
                    };
                    turn.step(*step, lane).await;
                }
            }
        }
        self.keep_promises(&task, lane).await;
        let last = "SELECT extract(epoch FROM due_date)::bigint FROM tasks WHERE id::text = $1";
        let row = self.app.database().query_one(last, &[&task.id]).await;
        Played {
            case: format!("{mix:?}"),
            task,
            due: row.expect("the task is there").get(0),
            stops: [first.stops, second.expect("the due time was changed").stops],
        }
    }

    /// Delivers again what failed.
    async fn keep_promises(&self, task: &Task, lane: &Lane) {
        let open = "SELECT id FROM outbox WHERE task_id::text = $1";
        for _ in 0..3 {
            let rows = self.app.database().query(open, &[&task.id]).await;
            for row in rows.expect("the promises can be read") {
                let outbox_id: Uuid = row.get(0);
                let message = json!({"task_change": {"outbox_id": outbox_id}});
                lane.workers.invoke_with("worker", &[message]).await;
            }
        }
    }

    /// The versions of the reminders that were sent for a task: the due times in seconds since the epoch.
    async fn reminded(&self, task: &Task) -> Vec<i64> {
        let sent = "SELECT version FROM deliveries
                     WHERE kind = 'reminder' AND task_id::text = $1 AND sent_at IS NOT NULL";
        let rows = self.app.database().query(sent, &[&task.id]).await;
        let rows = rows.expect("the deliveries can be read");
        rows.iter().map(|row| row.get(0)).collect()
    }
}

#[tokio::test]
async fn whatever_two_workers_do_at_once_exactly_the_reminder_of_the_last_due_time_comes() {
    let scene = Arc::new(Scene::start().await);
    let mixes = mixes(&FIRST, &SECOND);
    assert_eq!(mixes.len(), 126, "9 over 4");
    let mixes = Arc::new(mixes);
    let mut lanes = Vec::new();
    for number in 0..LANES {
        let (scene, mixes) = (Arc::clone(&scene), Arc::clone(&mixes));
        let lane = scene.lane().await;
        lanes.push(tokio::spawn(async move {
            let mut played = Vec::new();
            for (position, mix) in mixes.iter().enumerate().skip(number).step_by(LANES) {
                // Postponed, or brought forward. Far enough away that no time is past when it is set.
                let due = [[9, 12], [12, 9]][position % 2];
                played.push(scene.play(mix, &lane, due).await);
            }
            played
        }));
    }
    let mut played = Vec::new();
    for lane in lanes {
        played.extend(lane.await.expect("the lane gets to its end"));
    }
    // The mixes were real ones: who comes first mails, and who meets the other in the middle of that fails and comes back.
    let ways: BTreeSet<_> = played.iter().flat_map(|played| &played.stops).collect();
    for way in [
        ["schedule", "mail", "deletion", "done"].as_slice(),
        &["schedule", "deletion", "done"],
        &["schedule", "failed"],
    ] {
        assert!(
            ways.contains(&way.to_vec()),
            "no worker went {way:?}: {ways:?}"
        );
    }
    assert_eq!(scene.promises().await, 0, "all promises are kept");
    scene.let_all_schedules_fire().await;
    for Played {
        case, task, due, ..
    } in played
    {
        assert_eq!(scene.reminded(&task).await, [due], "{case}");
        let mails = scene.mails_about(&task).await;
        assert_eq!(mails.len(), 2, "an assignment and a reminder, {case}");
        let reminder = &mails[1];
        assert!(reminder.subject.starts_with("Due: "), "{case}");
        #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
        let in_time = reminder.timestamp >= due as f64;
        assert!(
            in_time,
            "the reminder came at {}, {case}",
            reminder.timestamp
        );
    }
}
