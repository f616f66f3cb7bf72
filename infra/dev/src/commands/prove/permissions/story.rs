//! A story that needs every grant of every role: from Clerk's events to mails and reminders, and the ways back from trouble. Its
//! parts run side by side, and the first that fails ends it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail, ensure};
use cairn_dev::aws::invoke_later;
use cairn_dev::clerk_events::{self, Organization, Person};
use cairn_dev::instance::Status;
use cairn_dev::mails;
use cairn_dev::settings::DEVELOPMENT_ISSUER;
use cairn_dev::system::STAGE;
use cairn_dev::tokens::SigningKey;
use cairn_dev::webhooks::{self, WebhookSecret};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio_postgres::NoTls;
use uuid::Uuid;

use super::local_aws::LocalServices;

/// How long anything may take that is not waited for on purpose.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(200);
/// The relay comes by itself once a minute.
const ROUND_OF_THE_RELAY: Duration = Duration::from_secs(75);

/// Until a reminder: long enough for the task's schedule to be there before.
const SOON: SignedDuration = SignedDuration::from_secs(8);
/// How long somebody else seems to be sending a mail: a record that meets this fails, and is called back after five seconds.
const BUSY: SignedDuration = SignedDuration::from_secs(3);
/// Longer than a statement may take, so that the record of an event fails.
const LOCKED: Duration = Duration::from_secs(8);

const ANNA: (&str, &str) = ("Anna", "anna");
const BEN: (&str, &str) = ("Ben", "ben");
const CARL: (&str, &str) = ("Carl", "carl");

/// The running system, as the story meets it.
pub struct Teller {
    pub status: Status,
    pub key: SigningKey,
    pub webhook_secret: WebhookSecret,
    pub services: LocalServices,
    http: reqwest::Client,
    database: tokio_postgres::Client,
}

impl Teller {
    pub async fn new(
        status: Status,
        key: SigningKey,
        webhook_secret: WebhookSecret,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            services: LocalServices::new(status.aws_endpoint.clone())?,
            http: reqwest::Client::builder()
                .no_proxy()
                .timeout(PATIENCE)
                .build()?,
            database: connect(&status.database_url).await?,
            status,
            key,
            webhook_secret,
        })
    }

    /// Tells the story once, with new people. `with_the_clock` also waits for the relay to come by itself.
    pub async fn tell(&self, with_the_clock: bool) -> anyhow::Result<()> {
        let functions = self.every_function_is_invoked();
        let team = Team::found(self).await?;
        tokio::try_join!(
            functions,
            team.reminded_in_time(),
            team.reminded_of_what_came_late(),
            team.reminded_once_it_is_time(),
            team.assigned_after_a_busy_moment(),
            team.reminded_after_a_busy_moment(),
            team.renamed_after_a_locked_moment(),
            team.schedules_repaired_at_night(),
        )?;
        self.every_message_is_deleted().await?;
        // Last, when nobody invokes the relay any more.
        if with_the_clock {
            team.relayed_by_the_clock().await?;
        }
        Ok(())
    }

    /// What an interrupted story leaves must not meet the next one.
    pub async fn forget(&self) -> anyhow::Result<()> {
        self.services.purge_queues().await?;
        self.database
            .batch_execute("DELETE FROM outbox; DELETE FROM tasks")
            .await?;
        Ok(())
    }

    /// Those that the rest of the story has no need of.
    async fn every_function_is_invoked(&self) -> anyhow::Result<()> {
        let health = self.http.get(format!("{}/api/health", self.status.api_url));
        ensure!(
            health.send().await?.status().is_success(),
            "docs does not answer"
        );
        self.invoke("migrate", &json!({})).await
    }

    /// What was worked off does not come back.
    async fn every_message_is_deleted(&self) -> anyhow::Result<()> {
        eventually("every message is deleted", PATIENCE, async || {
            Ok((self.services.messages().await? == 0).then_some(()))
        })
        .await
    }

    async fn invoke(&self, function: &str, event: &Value) -> anyhow::Result<()> {
        let name = format!("cairn-{STAGE}-{function}");
        invoke_later(&self.status.aws_endpoint, &name, event).await
    }

    async fn event(&self, event: &Value) -> anyhow::Result<()> {
        let body = event.to_string().into_bytes();
        let (status, _) =
            webhooks::deliver(&self.status.webhook_url, &self.webhook_secret, body).await?;
        ensure!(status == 200, "the webhook answers {status} to an event");
        Ok(())
    }

    async fn count(
        &self,
        query: &str,
        parameter: &(dyn tokio_postgres::types::ToSql + Sync),
    ) -> anyhow::Result<i64> {
        Ok(self.database.query_one(query, &[parameter]).await?.get(0))
    }
}

/// Two people in a workspace with a project, and one who is in none.
struct Team<'t> {
    teller: &'t Teller,
    anna: String,
    ben: String,
    carl: String,
    mailbox: String,
    workspace: String,
    project: String,
}

impl<'t> Team<'t> {
    async fn found(teller: &'t Teller) -> anyhow::Result<Self> {
        let unique = Uuid::now_v7().simple().to_string();
        let id = |(_, name): (&str, &str)| format!("user_{name}_{unique}");
        let (anna, ben, carl) = (id(ANNA), id(BEN), id(CARL));
        let mailbox = format!("ben.{unique}@example.com");
        let workspace = format!("org_{unique}");
        let annas = format!("anna.{unique}@example.com");
        let organization = Organization {
            id: &workspace,
            name: "Grantham",
            slug: "grantham",
            created_by: &anna,
        };
        let carls = format!("carl.{unique}@example.com");
        let people = [
            person(&anna, ANNA.0, &annas),
            person(&ben, BEN.0, &mailbox),
            person(&carl, CARL.0, &carls),
        ];
        for person in &people {
            teller
                .event(&clerk_events::user("user.created", now_ms(), person))
                .await?;
        }
        teller
            .event(&clerk_events::organization(
                "organization.created",
                now_ms(),
                &organization,
            ))
            .await?;
        for (person, role) in people.iter().zip(["org:admin", "org:member"]) {
            let kind = "organizationMembership.created";
            teller
                .event(&clerk_events::membership(
                    kind,
                    now_ms(),
                    &organization,
                    person,
                    role,
                ))
                .await?;
        }
        eventually(
            "the people of Clerk's events are members",
            PATIENCE,
            async || {
                let members = teller
                    .count(include_str!("story/members.sql"), &workspace)
                    .await?;
                Ok((members == 2).then_some(()))
            },
        )
        .await?;
        let mut team = Self {
            teller,
            anna,
            ben,
            carl,
            mailbox,
            workspace,
            project: String::new(),
        };
        let path = format!("/api/workspace/{}", team.workspace);
        let shown = team.api("GET", &path, &Value::Null).await?;
        ensure!(shown["name"] == "Grantham", "the workspace cannot be read");
        let project = json!({
            "workspaceId": team.workspace, "name": "Grants", "team_lead": annas, "team_members": [team.mailbox],
        });
        let made = team.api("POST", "/api/projects", &project).await?;
        team.project = id_of(&made)?;
        let task = team.task("Commented", far()).await?;
        let comments = format!("/api/tasks/{task}/comments");
        team.api("POST", &comments, &json!({"message": "Granted"}))
            .await?;
        Ok(team)
    }

    /// Scheduled, delivered by its schedule, mailed.
    async fn reminded_in_time(&self) -> anyhow::Result<()> {
        self.task("In time", Timestamp::now() + SOON).await?;
        self.mails("In time", 1).await?;
        self.mails("In time", 2).await
    }

    /// The due time passes before the worker's turn: it puts the reminder on the queue itself. The worker is called by the relay,
    /// which finds what was not published.
    async fn reminded_of_what_came_late(&self) -> anyhow::Result<()> {
        let task = self.task("Late", far()).await?;
        self.mails("Late", 1).await?;
        let id: Uuid = task.parse()?;
        let database = &self.teller.database;
        database
            .execute(include_str!("story/due_has_passed.sql"), &[&id])
            .await?;
        self.promise(id).await?;
        self.teller
            .invoke("relay", &json!({"job": "outbox"}))
            .await?;
        self.mails("Late", 2).await
    }

    /// A reminder that comes too early is put back for a while.
    async fn reminded_once_it_is_time(&self) -> anyhow::Result<()> {
        let due = Timestamp::from_second((Timestamp::now() + SOON).as_second())?;
        let task = self.task("Early", due).await?;
        self.mails("Early", 1).await?;
        let message = json!({"reminder": {"task_id": task, "remind_at": due.as_second()}});
        self.teller.services.send("reminders", &message).await?;
        self.mails("Early", 2).await
    }

    /// Somebody else seems to be sending the mail: the record fails, is called back early, and then takes over.
    async fn assigned_after_a_busy_moment(&self) -> anyhow::Result<()> {
        let task = self.task("Busy", far()).await?;
        self.mails("Busy", 1).await?;
        let id: Uuid = task.parse()?;
        let database = &self.teller.database;
        let again = "UPDATE tasks SET assignment = 2 WHERE id = $1";
        database.execute(again, &[&id]).await?;
        self.claim("assignment", id, 2, Timestamp::now() + BUSY)
            .await?;
        let promise = self.promise(id).await?;
        let message = json!({"task_change": {"outbox_id": promise}});
        self.teller.services.send("tasks", &message).await?;
        self.mails("Busy", 2).await
    }

    /// The same for a reminder.
    async fn reminded_after_a_busy_moment(&self) -> anyhow::Result<()> {
        let due = Timestamp::from_second((Timestamp::now() + SOON).as_second())?;
        let task = self.task("Busy then", due).await?;
        let version = due.as_second();
        self.claim("reminder", task.parse()?, version, due + BUSY)
            .await?;
        self.mails("Busy then", 2).await
    }

    /// An event meets a row that is locked for longer than a statement may wait.
    async fn renamed_after_a_locked_moment(&self) -> anyhow::Result<()> {
        let mut other = connect(&self.teller.status.database_url).await?;
        let lock = other.transaction().await?;
        lock.query(include_str!("story/lock.sql"), &[&self.carl])
            .await?;
        let address = format!("renamed.{}@example.com", self.carl);
        let renamed = person(&self.carl, "Caroline", &address);
        self.teller
            .event(&clerk_events::user("user.updated", now_ms() + 1, &renamed))
            .await?;
        tokio::time::sleep(LOCKED).await;
        lock.rollback().await?;
        eventually("the event is applied after all", PATIENCE, async || {
            let known = include_str!("story/is_renamed.sql");
            let renamed = self.teller.count(known, &self.carl).await?;
            Ok((renamed == 1).then_some(()))
        })
        .await
    }

    /// One schedule is missing, another is one too many.
    async fn schedules_repaired_at_night(&self) -> anyhow::Result<()> {
        let (missing, surplus) = (
            self.task("Missing", far()).await?,
            self.task("Surplus", far()).await?,
        );
        let services = &self.teller.services;
        for task in [&missing, &surplus] {
            self.scheduled(task, true).await?;
        }
        services.delete_schedules(&missing).await?;
        self.api("DELETE", &format!("/api/tasks/{surplus}"), &Value::Null)
            .await?;
        self.teller
            .invoke("relay", &json!({"job": "nightly"}))
            .await?;
        self.scheduled(&missing, true).await?;
        self.scheduled(&surplus, false).await
    }

    async fn relayed_by_the_clock(&self) -> anyhow::Result<()> {
        let task = self.task("By the clock", far()).await?;
        self.mails("By the clock", 1).await?;
        let promise = self.promise(task.parse()?).await?;
        eventually(
            "the relay comes by itself",
            ROUND_OF_THE_RELAY,
            async || {
                let left = self
                    .teller
                    .count("SELECT count(*) FROM outbox WHERE id = $1", &promise)
                    .await?;
                Ok((left == 0).then_some(()))
            },
        )
        .await
    }

    /// Anna gives Ben a task.
    async fn task(&self, title: &str, due: Timestamp) -> anyhow::Result<String> {
        let path = format!("/api/tasks/project/{}/tasks", self.project);
        let task = json!({"title": title, "assigneeId": self.ben, "due_date": due.to_string()});
        id_of(&self.api("POST", &path, &task).await?)
    }

    /// A request of Anna, and the data of the answer.
    async fn api(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let teller = self.teller;
        let lifetime = Duration::from_mins(1);
        let token = teller
            .key
            .session_token(DEVELOPMENT_ISSUER, &self.anna, None, lifetime);
        let mut request = teller
            .http
            .request(method.parse()?, format!("{}{path}", teller.status.api_url))
            .bearer_auth(token);
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        ensure!(status.is_success(), "{method} {path} answers {status}");
        let mut answer: Value = answer.json().await?;
        Ok(answer["data"].take())
    }

    /// Waits until Ben has had as many mails about a task.
    async fn mails(&self, title: &str, number: usize) -> anyhow::Result<()> {
        let what = format!("mail {number} about {title:?} arrives");
        eventually(&what, PATIENCE, async || {
            let all = mails::list(&self.teller.services.aws).await?;
            let about = all.iter().filter(|mail| {
                mail.to.contains(&self.mailbox) && mail.subject.ends_with(&format!(": {title}"))
            });
            Ok((about.count() >= number).then_some(()))
        })
        .await
    }

    /// A promise that is due already. The relay publishes it in its next round, if nobody keeps it before.
    async fn promise(&self, task: Uuid) -> anyhow::Result<Uuid> {
        let promise = Uuid::now_v7();
        self.teller
            .database
            .execute(include_str!("story/promise.sql"), &[&promise, &task])
            .await?;
        Ok(promise)
    }

    /// A claim as of somebody who is just sending.
    async fn claim(
        &self,
        kind: &str,
        task: Uuid,
        version: i64,
        until: Timestamp,
    ) -> anyhow::Result<()> {
        let claim = include_str!("story/claim.sql");
        self.teller
            .database
            .execute(
                claim,
                &[&kind, &task, &self.ben, &version, &until.to_string()],
            )
            .await?;
        Ok(())
    }

    async fn scheduled(&self, task: &str, wanted: bool) -> anyhow::Result<()> {
        let what = if wanted {
            "a schedule is made"
        } else {
            "a schedule is deleted"
        };
        eventually(what, PATIENCE, async || {
            let schedules = self.teller.services.schedules_of(task).await?;
            Ok((schedules.is_empty() != wanted).then_some(()))
        })
        .await
    }
}

fn person<'a>(id: &'a str, first_name: &'a str, email: &'a str) -> Person<'a> {
    Person {
        id,
        first_name,
        last_name: "Grant",
        email,
        image_url: "",
    }
}

async fn connect(url: &str) -> anyhow::Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Asks again and again until there is an answer, for so long.
async fn eventually<T>(
    what: &str,
    patience: Duration,
    ask: impl AsyncFn() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let asking = async {
        loop {
            if let Some(answer) = ask().await? {
                return Ok(answer);
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    match tokio::time::timeout(patience, asking).await {
        Ok(answer) => answer,
        Err(_) => bail!("not within {} s: {what}", patience.as_secs()),
    }
}

fn id_of(thing: &Value) -> anyhow::Result<String> {
    let id = thing["id"].as_str().context("what was made has no id")?;
    Ok(id.to_owned())
}

fn now_ms() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or_default()
}

/// So far ahead that nobody waits for it.
fn far() -> Timestamp {
    "2040-01-01T10:00:00Z".parse().expect("a time")
}
