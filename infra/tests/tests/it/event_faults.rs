//! SES, Scheduler, the database and the functions themselves fail while mails are sent and reminders scheduled. Nothing is
//! lost, and nothing is sent twice but in the one case that is documented and counted.

use std::sync::Arc;

use cairn_tests::kills::Promised;
use cairn_tests::{AwsProxy, Mail, Queue, TestApp, TestAppBuilder, World};
use serde_json::{Value, json};
use uuid::Uuid;

mod database;
mod interleavings;
mod kills;
mod scheduler;
mod ses;
mod storm;
mod together;

/// When the tasks are due that are not to become due: as clients write it, and as schedules are named by it.
const LATER: (&str, i64) = ("2040-05-04T12:00:00Z", 2_219_745_600);

/// The functions that work on events, with a proxy between them and AWS, and a project whose members get mail.
struct Scene {
    app: TestApp,
    aws: Arc<AwsProxy>,
    world: World,
}

/// A task that somebody was just given through the API.
struct Task {
    id: String,
    title: String,
    /// The row that promises the mail and the schedule.
    outbox_id: Uuid,
}

impl Task {
    fn promised(&self) -> Promised<'_> {
        Promised {
            task: &self.id,
            title: &self.title,
            outbox_id: self.outbox_id,
        }
    }
}

impl Scene {
    async fn start() -> Self {
        Self::start_as(|builder| builder).await
    }

    /// With functions that are started in another way than most.
    async fn start_as(change: impl FnOnce(TestAppBuilder) -> TestAppBuilder) -> Self {
        let aws = AwsProxy::start();
        let builder = TestApp::builder()
            .only(&["tasks", "worker", "reminders"])
            .environments(1)
            .aws_through("worker", &aws)
            .aws_through("reminders", &aws);
        let app = change(builder).start().await;
        let world = World::create(app.database()).await;
        Self { app, aws, world }
    }

    /// The lead gives the assignee a task that is due one day.
    async fn task(&self) -> Task {
        self.task_due(LATER.0).await
    }

    async fn task_due(&self, due_date: &str) -> Task {
        // Of these letters only, so that it stands in a request as it is here.
        let title = format!("Task {}", Uuid::now_v7().simple());
        let path = format!("/api/tasks/project/{}/tasks", self.world.project);
        let body =
            json!({"title": title, "assigneeId": self.world.assignee.id, "due_date": due_date});
        let made = self.app.post(&self.world.lead, &path, &body).await;
        let id = made.data(201)["id"].as_str().expect("an id").to_owned();
        let outbox_id = self.newest_promise(&id).await;
        Task {
            id,
            title,
            outbox_id,
        }
    }

    /// A task whose reminder is due now, and is on its queue.
    async fn task_with_reminder(&self) -> Task {
        let task = self.task().await;
        let due = "UPDATE tasks SET due_date = date_trunc('second', now()) - interval '10 seconds', due_set_at = now() - interval '1 hour'
                    WHERE id::text = $1 RETURNING extract(epoch FROM due_date)::bigint";
        let seconds: i64 = self
            .app
            .database()
            .query_one(due, &[&task.id])
            .await
            .expect("the task is due now")
            .get(0);
        let reminder = json!({"reminder": {"task_id": task.id, "remind_at": seconds}});
        let queue = &self.app.aws().reminder_queue.url;
        self.app.aws().send(queue, &reminder).await;
        task
    }

    /// The newest row of the outbox for a task.
    async fn newest_promise(&self, task: &str) -> Uuid {
        let newest =
            "SELECT id FROM outbox WHERE task_id::text = $1 ORDER BY created_at DESC LIMIT 1";
        let row = self.app.database().query_one(newest, &[&task]).await;
        row.expect("the change left a promise").get(0)
    }

    /// How many promises were not kept yet.
    async fn promises(&self) -> i64 {
        self.count("SELECT count(*) FROM outbox").await
    }

    async fn count(&self, query: &str) -> i64 {
        let counted = self.app.database().query_one(query, &[]).await;
        counted.expect("the rows are counted").get(0)
    }

    /// A minute passes: no claim on a mail holds longer.
    async fn a_minute_passes(&self) {
        self.app
            .database()
            .execute(
                "UPDATE deliveries SET claimed_until = now() WHERE sent_at IS NULL",
                &[],
            )
            .await
            .expect("the claims run out");
    }

    fn task_queue(&self) -> &Queue {
        &self.app.aws().task_queue
    }

    fn reminder_queue(&self) -> &Queue {
        &self.app.aws().reminder_queue
    }

    /// What was sent to whoever is given the tasks here: all mails about one task.
    async fn mails_about(&self, task: &Task) -> Vec<Mail> {
        let mut mails = self.app.aws().mails_to(&self.world.assignee.email).await;
        mails.retain(|mail| mail.subject.contains(&task.title));
        mails
    }

    /// The names of the schedules there are for a task.
    async fn schedules_of(&self, task: &Task) -> Vec<String> {
        let schedules = self.app.aws().schedules().await.into_iter();
        schedules
            .map(|schedule| schedule.name)
            .filter(|name| name.contains(&task.id))
            .collect()
    }

    /// The sum of a metric over all that a function wrote.
    fn metric(&self, function: &str, name: &str) -> u64 {
        self.app.metric(function, name)
    }

    /// Checks what holds in the end whatever happened: the promise is kept, the mail was sent this often, and the reminder is
    /// scheduled once.
    async fn all_is_well(&self, task: &Task, mails: usize, case: &str) {
        assert_eq!(self.mails_about(task).await.len(), mails, "mails, {case}");
        let name = format!("task-{}-{}", task.id, LATER.1);
        assert_eq!(self.schedules_of(task).await, [name], "schedules, {case}");
        let query = format!("SELECT count(*) FROM outbox WHERE task_id = '{}'", task.id);
        assert_eq!(self.count(&query).await, 0, "promises, {case}");
        let unsettled = format!(
            "SELECT count(*) FROM deliveries WHERE task_id = '{}' AND sent_at IS NULL",
            task.id
        );
        assert_eq!(self.count(&unsettled).await, 0, "unsettled mails, {case}");
        assert_eq!(
            self.app
                .aws()
                .messages(&self.task_queue().dead_letters)
                .await,
            Vec::<Value>::new(),
            "dead letters, {case}"
        );
    }
}
