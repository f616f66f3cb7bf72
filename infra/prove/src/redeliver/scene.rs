//! Tasks whose mails are promised, a worker, and what has to be so in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cairn_tests::{AwsProxy, Fault, Operation, Queue, TestApp, World};
use serde_json::{Value, json};
use uuid::Uuid;

use super::counted;
use crate::findings::Findings;

/// When the tasks are due: for the database, and as schedules are named by it.
const DUE: (&str, i64) = ("2040-05-04T12:00:00Z", 2_219_745_600);
/// What titles begin with; a UUID follows.
const PLAIN: &str = "Plain-";
const STUCK: &str = "Stuck-";

pub struct Scene {
    pub app: TestApp,
    aws: Arc<AwsProxy>,
    pub tasks: Vec<Task>,
    /// The messages about them.
    messages: BTreeSet<String>,
    /// Those about tasks whose mail SES does not take before the fix.
    stuck: BTreeSet<String>,
    fixed: AtomicBool,
}

/// A task that is there, and promised to be followed up.
pub struct Task {
    id: Uuid,
    outbox_id: Uuid,
    title: String,
}

impl Task {
    fn new(prefix: &str) -> Self {
        Self {
            id: Uuid::now_v7(),
            outbox_id: Uuid::now_v7(),
            title: format!("{prefix}{}", Uuid::now_v7().simple()),
        }
    }

    /// What tells the worker of it.
    pub fn message(&self) -> Value {
        json!({"task_change": {"outbox_id": self.outbox_id}})
    }
}

impl Scene {
    /// So many tasks, and so many more whose mails SES refuses.
    pub async fn start(plain: usize, stuck: usize) -> Self {
        let aws = AwsProxy::start();
        aws.every(Operation::SendEmail)
            .containing(STUCK)
            .meet(Fault::Refuse(
                400,
                "MessageRejected",
                "the sender is not verified",
            ));
        let app = TestApp::builder()
            .only(&["worker"])
            .environments(4)
            .aws_through("worker", &aws)
            .start()
            .await;
        let world = World::create(app.database()).await;
        let plain = (0..plain).map(|_| Task::new(PLAIN));
        let tasks: Vec<Task> = plain.chain((0..stuck).map(|_| Task::new(STUCK))).collect();
        write(&app, &world, &tasks).await;
        let stuck = tasks.iter().filter(|task| task.title.starts_with(STUCK));
        Self {
            app,
            aws,
            stuck: stuck.map(|task| task.message().to_string()).collect(),
            messages: tasks
                .iter()
                .map(|task| task.message().to_string())
                .collect(),
            tasks,
            fixed: AtomicBool::new(false),
        }
    }

    pub fn queue(&self) -> &Queue {
        &self.app.aws().task_queue
    }

    /// From now on SES takes every mail.
    pub fn fix(&self) {
        self.aws.heal();
        self.fixed.store(true, Ordering::Relaxed);
    }

    /// Whether a message has to fail now.
    pub fn cannot_be_followed(&self, body: &Value) -> bool {
        let body = body.to_string();
        let waits = !self.fixed.load(Ordering::Relaxed) && self.stuck.contains(&body);
        waits || !self.messages.contains(&body)
    }

    /// What has to be so when the queue is empty.
    pub async fn compare(&self, fixed: bool, unreadable: &[Value], findings: &mut Findings) {
        let when = if fixed {
            "after the fix"
        } else {
            "before the fix"
        };
        let mut mails: BTreeMap<&str, usize> = BTreeMap::new();
        let sent = self.app.aws().mails().await;
        for mail in &sent {
            *mails.entry(title_in(&mail.subject)).or_default() += 1;
        }
        let expected = self
            .tasks
            .iter()
            .filter(|task| fixed || task.title.starts_with(PLAIN))
            .map(|task| (task.title.as_str(), 1));
        let expected: BTreeMap<&str, usize> = expected.collect();
        findings.check(mails == expected, || {
            format!(
                "{when}: {} mails about {} tasks, and not one for each of {}",
                sent.len(),
                mails.len(),
                expected.len()
            )
        });
        let counted_twice = self.app.metric("worker", "PossibleSecondMail");
        findings.check(counted_twice == 0, || {
            format!("{when}: {counted_twice} mails may have come twice")
        });

        let dead = self.app.aws().messages(&self.queue().dead_letters).await;
        let mut expected: Vec<Value> = unreadable.to_vec();
        if !fixed {
            let stuck = self
                .tasks
                .iter()
                .filter(|task| task.title.starts_with(STUCK));
            expected.extend(stuck.map(Task::message));
        }
        let mut dead = counted(dead.iter());
        let expected = counted(expected.iter());
        // What was sent twice dies twice.
        for (message, count) in &mut dead {
            if self.stuck.contains(message) {
                *count = 1;
            }
        }
        findings.check(dead == expected, || {
            let more: Vec<_> = dead
                .keys()
                .filter(|key| !expected.contains_key(*key))
                .collect();
            format!(
                "{when}: {} different dead letters for {}, too many are {more:?}",
                dead.len(),
                expected.len()
            )
        });

        let names: BTreeSet<String> = self.app.aws().schedule_names().await.into_iter().collect();
        let expected = self
            .tasks
            .iter()
            .map(|task| format!("task-{}-{}", task.id, DUE.1));
        findings.check(names == expected.collect(), || {
            format!("{when}: the schedules are not one for each task")
        });
        let promises = "SELECT count(*) FROM outbox";
        let left = self.app.database().query_one(promises, &[]).await;
        let left: i64 = left.expect("the outbox can be read").get(0);
        let expected = if fixed { 0 } else { self.stuck.len() };
        findings.check(usize::try_from(left) == Ok(expected), || {
            format!("{when}: {left} promises are left, not {expected}")
        });
    }
}

/// Writes tasks and promises, as requests would have.
async fn write(app: &TestApp, world: &World, tasks: &[Task]) {
    let ids: Vec<Uuid> = tasks.iter().map(|task| task.id).collect();
    let outbox_ids: Vec<Uuid> = tasks.iter().map(|task| task.outbox_id).collect();
    let titles: Vec<&str> = tasks.iter().map(|task| task.title.as_str()).collect();
    let insert = format!(
        "INSERT INTO tasks (id, project_id, title, assignee_id, due_date)
         SELECT id, $2::text::uuid, title, $3, '{}' FROM unnest($1::uuid[], $4::text[]) AS t (id, title)",
        DUE.0
    );
    let (project, assignee) = (&world.project, &world.assignee.id);
    let written = app
        .database()
        .execute(&insert, &[&ids, project, assignee, &titles])
        .await;
    written.expect("the tasks are written");
    let insert = "INSERT INTO outbox (id, kind, task_id, next_attempt_at)
                  SELECT id, 'task_change', task_id, now() + interval '15 minutes'
                    FROM unnest($1::uuid[], $2::uuid[]) AS o (id, task_id)";
    let written = app.database().execute(insert, &[&outbox_ids, &ids]).await;
    written.expect("the promises are written");
}

/// The title of the task that a mail is about.
fn title_in(subject: &str) -> &str {
    let found = [PLAIN, STUCK].iter().find_map(|prefix| {
        let start = subject.find(prefix)?;
        subject.get(start..start + prefix.len() + 32)
    });
    found.unwrap_or("something else")
}
