//! What follows a change of a task: the mail of an assignment, the schedule of the reminder, the reminder; and the relay, which
//! makes good what was lost on the way.

use cairn_tests::{Mail, TestApp, TestAppBuilder, User, World};
use serde_json::{Value, json};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

mod assignments;
mod batches;
mod flights;
mod metrics;
mod nightly;
mod nights;
mod outbox;
mod reminders;
mod schedules;

/// When tasks are due that are not to become due: as clients write it, and in seconds since the epoch.
const LATER: (&str, i64) = ("2040-05-04T12:00:00Z", 2_219_745_600);

/// The functions that work on changes of tasks, and a project whose members get mail.
struct Scene {
    app: TestApp,
    world: World,
}

impl Scene {
    async fn start() -> Self {
        Self::start_as(|builder| builder).await
    }

    /// With functions that are started in another way than most.
    async fn start_as(change: impl FnOnce(TestAppBuilder) -> TestAppBuilder) -> Self {
        let builder = TestApp::builder()
            .only(&["workspaces", "tasks", "worker", "reminders", "relay"])
            .environments(1);
        let app = change(builder).start().await;
        let world = World::create(app.database()).await;
        Self { app, world }
    }

    /// The lead gives somebody a task, which is due one day. Its id.
    async fn task(&self, assignee: &User) -> Uuid {
        self.task_due(assignee, LATER.0).await
    }

    async fn task_due(&self, assignee: &User, due_date: &str) -> Uuid {
        let path = format!("/api/tasks/project/{}/tasks", self.world.project);
        let body = json!({"title": "Paint it", "assigneeId": assignee.id, "due_date": due_date});
        let made = self.app.post(&self.world.lead, &path, &body).await;
        id(&made.data(201)["id"])
    }

    /// The lead changes a task.
    async fn change(&self, task: Uuid, change: &Value) {
        let path = format!("/api/tasks/{task}");
        self.app
            .patch(&self.world.lead, &path, change)
            .await
            .data(200);
    }

    /// The worker does all that there is to do.
    async fn follow_up(&self) {
        self.app.drain("worker", &self.app.aws().task_queue).await;
    }

    /// The row that promises the follow-up of the last change of a task.
    async fn promise(&self, task: Uuid) -> Uuid {
        let newest = "SELECT id FROM outbox WHERE task_id = $1 ORDER BY created_at DESC LIMIT 1";
        let row = self.app.database().query_one(newest, &[&task]).await;
        row.expect("the change left a promise").get(0)
    }

    async fn mails_to(&self, user: &User) -> Vec<Mail> {
        self.app.aws().mails_to(&user.email).await
    }

    /// The names of all schedules.
    async fn schedules(&self) -> Vec<String> {
        let schedules = self.app.aws().schedules().await;
        schedules
            .into_iter()
            .map(|schedule| schedule.name)
            .collect()
    }

    /// All messages in the queue of the reminders.
    async fn reminder_messages(&self) -> Vec<Value> {
        let aws = self.app.aws();
        aws.messages(&aws.reminder_queue.url).await
    }

    /// Changes the database behind the functions' back.
    async fn execute(&self, statement: &str, params: &[&(dyn ToSql + Sync)]) {
        self.app
            .database()
            .execute(statement, params)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    }

    async fn count(&self, query: &str) -> i64 {
        let counted = self.app.database().query_one(query, &[]).await;
        counted.expect("the rows are counted").get(0)
    }

    /// The values of a metric that a function wrote.
    fn metric(&self, function: &str, name: &str) -> Vec<u64> {
        let lines = self.app.logs_of(function).into_iter();
        lines
            .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
            .filter_map(|line| line[name].as_u64())
            .collect()
    }
}

fn id(value: &Value) -> Uuid {
    value
        .as_str()
        .and_then(|id| id.parse().ok())
        .unwrap_or_else(|| panic!("{value} is no id"))
}

/// The name of the schedule of a task that is due [`LATER`].
fn schedule_of(task: Uuid) -> String {
    format!("task-{task}-{}", LATER.1)
}

fn reminder(task: Uuid, remind_at: i64) -> Value {
    json!({"reminder": {"task_id": task, "remind_at": remind_at}})
}

fn task_change(outbox_id: Uuid) -> Value {
    json!({"task_change": {"outbox_id": outbox_id}})
}
