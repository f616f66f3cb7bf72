//! The traffic: tasks that come and go, people whose accounts change, and what follows from both.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cairn_dev::clerk_events::user;
use cairn_tests::{Delivered, Request, TestApp, World};
use serde_json::json;

use crate::findings::Findings;

/// How often the relay does its jobs: more often than deployed, for there is less time.
const OUTBOX: Duration = Duration::from_secs(5);
const NIGHT: Duration = Duration::from_secs(30);
const BETWEEN_EVENTS: Duration = Duration::from_millis(100);
/// A client waits so long, or the worker would not keep up on a small machine.
const BETWEEN_TASKS: Duration = Duration::from_millis(300);
/// So many tasks a client keeps: their mails are sent before they are deleted.
const KEPT: usize = 20;
const PAUSE: Duration = Duration::from_millis(20);
/// Failures of a client that are told.
const FAILURES_TOLD: usize = 5;

pub struct Load<'a> {
    app: &'a TestApp,
    world: &'a World,
}

/// What a client did.
#[derive(Default)]
pub struct Client {
    pub requests: usize,
    pub failures: Vec<String>,
}

impl<'a> Load<'a> {
    pub fn new(app: &'a TestApp, world: &'a World) -> Self {
        Self { app, world }
    }

    /// Makes tasks, works on them, looks at everything, and deletes the tasks a while later.
    pub async fn client(&self, done: &AtomicBool) -> Client {
        let (app, world) = (self.app, self.world);
        let mut client = Client::default();
        let mut kept = VecDeque::new();
        while !done.load(Ordering::Relaxed) {
            let tasks = format!("/api/tasks/project/{}/tasks", world.project);
            let new =
                json!({"title": "Soak", "assigneeId": world.assignee.id, "due_date": "2040-05-04"});
            let made = app.post(&world.lead, &tasks, &new).await;
            client.requests += 1;
            let Some(id) = made.json()["data"]["id"].as_str().map(str::to_owned) else {
                client.failed(made.to_string());
                continue;
            };
            let task = format!("/api/tasks/{id}");
            let comments = format!("{task}/comments");
            let another = json!({"assigneeId": world.project_member.id});
            let members = format!("/api/workspace/{}/members", world.workspace);
            let projects = format!("/api/projects/workspace/{}", world.workspace);
            let requests = [
                app.post(&world.assignee, &comments, &json!({"message": "Words"})),
                app.patch(&world.lead, &task, &another),
                app.get(&world.lead, &comments),
                app.get(&world.lead, &tasks),
                app.get(&world.owner, "/api/workspace"),
                app.get(&world.owner, &members),
                app.get(&world.lead, &format!("/api/projects/{}", world.project)),
                app.get(&world.owner, &projects),
                app.anonymous("GET", "/api/health"),
                app.patch(&world.lead, &task, &json!({"status": "DONE"})),
            ];
            for request in requests {
                client.send(request).await;
            }
            kept.push_back(task);
            if kept.len() > KEPT
                && let Some(oldest) = kept.pop_front()
            {
                client.send(app.delete(&world.lead, &oldest)).await;
            }
            tokio::time::sleep(BETWEEN_TASKS).await;
        }
        for task in kept {
            client.send(app.delete(&world.lead, &task)).await;
        }
        client
    }

    /// The people's accounts change all the time. Says how often.
    pub async fn clerk(&self, done: &AtomicBool) -> usize {
        let people = [&self.world.lead, &self.world.assignee, &self.world.owner];
        let mut events = 0;
        while !done.load(Ordering::Relaxed) {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            let at = i64::try_from(now.as_millis()).unwrap_or_default();
            let person = people[events % people.len()].at_clerk();
            let answer = self
                .app
                .clerk_event(&user("user.updated", at, &person))
                .await;
            assert_eq!(answer.status.as_u16(), 200, "{answer}");
            events += 1;
            tokio::time::sleep(BETWEEN_EVENTS).await;
        }
        events
    }

    /// The queues are worked off, and the relay does its jobs.
    pub async fn work_off(&self, done: &AtomicBool) {
        let aws = self.app.aws();
        let worker = async |queue| {
            while !done.load(Ordering::Relaxed) {
                if self.app.deliver("worker", queue).await == Delivered::default() {
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        let relay = async {
            let (mut outbox, mut night) = (Instant::now(), Instant::now());
            while !done.load(Ordering::Relaxed) {
                if outbox.elapsed() > OUTBOX {
                    self.app.relay("outbox").await;
                    outbox = Instant::now();
                }
                if night.elapsed() > NIGHT {
                    self.app.relay("nightly").await;
                    night = Instant::now();
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::join!(worker(&aws.task_queue), worker(&aws.webhook_queue), relay);
    }

    /// What is still on the queues is done.
    pub async fn settle(&self) {
        let aws = self.app.aws();
        for queue in [&aws.task_queue, &aws.webhook_queue] {
            while !aws.messages(&queue.url).await.is_empty() {
                self.app.deliver("worker", queue).await;
            }
        }
    }

    /// What is bounded is small: by what is there, and not by how much happened.
    pub async fn judge_tables(&self, findings: &mut Findings) {
        for (table, most, why) in [
            ("outbox", 0, "each row goes with its work"),
            (
                "clerk_objects",
                3,
                "one row for each person whom events were about",
            ),
            ("clerk_memberships", 0, "no event was about one"),
            ("tasks", 1, "all others were deleted"),
            ("comments", 1, "those went with their tasks"),
        ] {
            let count = self.count(table).await;
            findings.check(count <= most, || {
                format!("{count} rows in {table}, though {why}")
            });
            findings.figure(format!("{table} {count} rows"));
        }
        let mails = self.app.aws().mails().await.len();
        let deliveries = self.count("deliveries").await;
        findings.check(
            usize::try_from(deliveries).is_ok_and(|rows| rows <= mails),
            || format!("{deliveries} rows in deliveries for {mails} mails"),
        );
        findings.figure(format!(
            "deliveries {deliveries} rows for {mails} mails (forgotten after 30 days)"
        ));
    }

    async fn count(&self, table: &str) -> i64 {
        let query = format!("SELECT count(*) FROM {table}");
        let counted = self.app.database().query_one(&query, &[]).await;
        counted.expect("the rows are counted").get(0)
    }
}

impl Client {
    async fn send(&mut self, request: Request) {
        let answer = request.await;
        self.requests += 1;
        if !answer.status.is_success() {
            self.failed(answer.to_string());
        }
    }

    fn failed(&mut self, how: String) {
        if self.failures.len() < FAILURES_TOLD {
            self.failures.push(how);
        }
    }
}
