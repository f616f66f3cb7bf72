//! Clients, functions and queues, and what has to be so in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use cairn_tests::{AwsProxy, Queue, TestApp, World};
use serde_json::json;
use uuid::Uuid;

use crate::findings::Findings;

/// When the tasks are due: as clients write it, and as schedules are named by it.
const DUE: (&str, i64) = ("2040-05-04T12:00:00Z", 2_219_745_600);
/// What a title begins with; a UUID follows.
const TITLE: &str = "Kill-";
const TITLE_LENGTH: usize = TITLE.len() + 32;
/// So often a client repeats a request until it gives up.
const ATTEMPTS: usize = 100;
/// So often what was lost is published again until all must be done.
const ROUNDS: usize = 10;
/// So often it is looked whether something came to be.
const LOOKS: usize = 100;
const PAUSE: Duration = Duration::from_millis(20);

pub struct Scene {
    pub app: TestApp,
    pub aws: Arc<AwsProxy>,
    world: World,
    /// All creations that were asked for.
    pub asked: Vec<Asked>,
}

/// A creation that somebody asked for.
#[derive(Debug)]
pub struct Asked {
    pub title: String,
    /// The answer was that the task was created.
    pub answered: bool,
}

impl Scene {
    pub async fn start() -> Self {
        let aws = AwsProxy::start();
        let app = TestApp::builder()
            .only(&["tasks", "worker", "relay"])
            .environments(4)
            .aws_through("tasks", &aws)
            .aws_through("worker", &aws)
            .start()
            .await;
        let world = World::create(app.database()).await;
        Self {
            app,
            aws,
            world,
            asked: Vec::new(),
        }
    }

    pub fn queue(&self) -> &Queue {
        &self.app.aws().task_queue
    }

    /// Asks for a task, and once more until it is answered if the client `repeats`.
    pub async fn ask_until_answered(&self, repeats: bool) -> Asked {
        let title = new_title();
        let mut attempts = 1;
        while !self.create(&title, repeats).await {
            if !repeats || attempts == ATTEMPTS {
                return Asked {
                    title,
                    answered: false,
                };
            }
            attempts += 1;
        }
        Asked {
            title,
            answered: true,
        }
    }

    /// Asks for a task once.
    pub async fn ask(&self, with_key: bool) -> Asked {
        let title = new_title();
        let answered = self.create(&title, with_key).await;
        Asked { title, answered }
    }

    /// Whether the answer was that the task is created. A function that dies has the gateway answer for it.
    async fn create(&self, title: &str, with_key: bool) -> bool {
        let path = format!("/api/tasks/project/{}/tasks", self.world.project);
        let body = json!({"title": title, "assigneeId": self.world.assignee.id, "due_date": DUE.0});
        let mut request = self.app.post(&self.world.lead, &path, &body);
        if with_key {
            request = request.header("idempotency-key", title);
        }
        let answer = request.await;
        let answered = answer.status.as_u16() == 201;
        let died = answer.status.as_u16() == 500 && answer.json().get("success").is_none();
        assert!(answered || died, "{answer}");
        answered
    }

    /// Whether a task of this title is there or not, as expected: a statement that nobody waits for takes its time.
    pub async fn comes_to_be(&self, title: &str, expected: bool) -> bool {
        for _ in 0..LOOKS {
            let query = "SELECT FROM tasks WHERE title = $1";
            let found = self.app.database().query_opt(query, &[&title]).await;
            if found.expect("the tasks can be read").is_some() == expected {
                return true;
            }
            tokio::time::sleep(PAUSE).await;
        }
        false
    }

    /// The id of a task, and the row of the outbox that promises what follows.
    pub async fn promise(&self, title: &str) -> Option<(String, Uuid)> {
        let query = "SELECT t.id::text, o.id FROM tasks t JOIN outbox o ON o.task_id = t.id WHERE t.title = $1";
        let found = self.app.database().query_opt(query, &[&title]).await;
        let row = found.expect("the outbox can be read")?;
        Some((row.get(0), row.get(1)))
    }

    /// Time passes until everything is done: claims run out, the relay publishes what was lost, an operator redrives.
    pub async fn settle(&self) {
        let time = "UPDATE deliveries SET claimed_until = now() WHERE sent_at IS NULL;
                    UPDATE outbox SET next_attempt_at = now()";
        for _ in 0..ROUNDS {
            self.app.drain("worker", self.queue()).await;
            if self.count("SELECT count(*) FROM outbox").await == 0 {
                return;
            }
            let passed = self.app.database().batch_execute(time).await;
            passed.expect("time passes");
            self.app.relay("outbox").await;
            self.app.aws().redrive(self.queue()).await;
        }
    }

    async fn count(&self, query: &str) -> i64 {
        let counted = self.app.database().query_one(query, &[]).await;
        counted.expect("the rows are counted").get(0)
    }

    /// What has to be so in the end.
    pub async fn compare(&self, findings: &mut Findings) {
        let query = "SELECT title, id::text FROM tasks WHERE title LIKE $1 || '%'";
        let rows = self.app.database().query(query, &[&TITLE]).await;
        let mut tasks = BTreeMap::new();
        for row in rows.expect("the tasks can be read") {
            let (title, id): (String, String) = (row.get(0), row.get(1));
            if let Some(other) = tasks.insert(title, id) {
                findings.fail(format!("a task was created twice: {other}"));
            }
        }
        let (answered, cut_off): (Vec<_>, Vec<_>) =
            self.asked.iter().partition(|asked| asked.answered);
        for asked in &answered {
            findings.check(tasks.contains_key(&asked.title), || {
                format!("answered 201 and not there: {}", asked.title)
            });
        }
        let wholly = cut_off
            .iter()
            .filter(|asked| tasks.contains_key(&asked.title))
            .count();
        findings.check(answered.len() + wholly == tasks.len(), || {
            "there are tasks that nobody asked for".to_owned()
        });
        findings.figure(format!(
            "{} answered 201, {} cut off (of these {wholly} wholly there, {} not at all)",
            answered.len(),
            cut_off.len(),
            cut_off.len() - wholly
        ));

        let mails = self.mails().await;
        let without = tasks.keys().filter(|title| !mails.contains_key(*title));
        let without = without.count();
        findings.check(without == 0, || format!("{without} tasks without a mail"));
        findings.check(mails.keys().all(|title| tasks.contains_key(title)), || {
            "a mail about a task that is not there".to_owned()
        });
        let second = mails.values().sum::<u64>() - mails.len() as u64;
        let counted = self.app.metric("worker", "PossibleSecondMail");
        findings.check(second <= counted, || {
            format!("{second} mails came twice and {counted} are counted")
        });
        findings.figure(format!(
            "{} tasks in the database = {} assignment mails, {second} of them sent a second time (killed between SES and the mark; \
             {counted} counted)",
            tasks.len(),
            mails.len()
        ));

        let schedules = self.app.aws().schedules().await.into_iter();
        let schedules: BTreeSet<String> = schedules.map(|schedule| schedule.name).collect();
        let expected = tasks.values().map(|id| format!("task-{id}-{}", DUE.1));
        findings.check(expected.collect::<BTreeSet<_>>() == schedules, || {
            "the schedules are not those of the tasks".to_owned()
        });
        for (query, what) in [
            ("SELECT count(*) FROM outbox", "promises that were not kept"),
            (
                "SELECT count(*) FROM deliveries WHERE sent_at IS NULL",
                "mails that are neither sent nor given up",
            ),
        ] {
            let left = self.count(query).await;
            findings.check(left == 0, || format!("{left} {what}"));
        }
        let dead = self.app.aws().messages(&self.queue().dead_letters).await;
        findings.check(dead.is_empty(), || format!("{} dead letters", dead.len()));
    }

    /// How many mails there are about each task.
    async fn mails(&self) -> BTreeMap<String, u64> {
        let mut mails = BTreeMap::new();
        for mail in self.app.aws().mails().await {
            let title = mail.subject.find(TITLE).and_then(|start| {
                let title = mail.subject.get(start..start + TITLE_LENGTH);
                title.map(str::to_owned)
            });
            let title = title.unwrap_or_else(|| panic!("a mail about something else"));
            *mails.entry(title).or_default() += 1;
        }
        mails
    }
}

/// A title that no other task has, of letters that stand in a request as they are.
fn new_title() -> String {
    format!("{TITLE}{}", Uuid::now_v7().simple())
}
