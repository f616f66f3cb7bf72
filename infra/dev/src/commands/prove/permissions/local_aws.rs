//! What the story asks of the local AWS itself, as somebody who may do everything.

use anyhow::Context as _;
use cairn_dev::aws_client::AwsClient;
use cairn_dev::system::STAGE;
use reqwest::Method;
use serde_json::{Value, json};

/// The account of everything local.
const ACCOUNT: &str = "000000000000";

/// The queues of the stage, without their dead letters.
const QUEUES: [&str; 3] = ["webhooks", "tasks", "reminders"];

/// SQS and Scheduler of the local AWS.
pub struct LocalServices {
    pub aws: AwsClient,
}

impl LocalServices {
    pub fn new(endpoint: String) -> anyhow::Result<Self> {
        Ok(Self {
            aws: AwsClient::new(endpoint)?,
        })
    }

    /// Puts a message on a queue.
    pub async fn send(&self, queue: &str, message: &Value) -> anyhow::Result<()> {
        let request =
            json!({"QueueUrl": self.queue_url(queue), "MessageBody": message.to_string()});
        self.aws
            .sqs("SendMessage", &request)
            .await
            .map(|_: Value| ())
    }

    /// How many messages are in all queues, those included that are being worked off.
    pub async fn messages(&self) -> anyhow::Result<u64> {
        let mut messages = 0;
        for queue in QUEUES {
            let names = [
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed",
            ];
            let request = json!({"QueueUrl": self.queue_url(queue), "AttributeNames": names});
            let answer: Value = self.aws.sqs("GetQueueAttributes", &request).await?;
            for name in names {
                let number = answer["Attributes"][name].as_str();
                messages += number
                    .and_then(|number| number.parse::<u64>().ok())
                    .with_context(|| format!("SQS does not say {name}"))?;
            }
        }
        Ok(messages)
    }

    /// Empties all queues.
    pub async fn purge_queues(&self) -> anyhow::Result<()> {
        for queue in QUEUES {
            let request = json!({"QueueUrl": self.queue_url(queue)});
            let _: Value = self.aws.sqs("PurgeQueue", &request).await?;
        }
        Ok(())
    }

    /// The schedules of a task, each with its group.
    pub async fn schedules_of(&self, task: &str) -> anyhow::Result<Vec<(String, String)>> {
        let prefix = format!("task-{task}");
        let query = [("NamePrefix", prefix.as_str())];
        let listed: Option<Value> = self
            .aws
            .scheduler(Method::GET, "/schedules", &query, None)
            .await?;
        let listed = listed.context("Scheduler lists nothing")?;
        let schedules = listed["Schedules"]
            .as_array()
            .context("a list of schedules")?;
        let text =
            |schedule: &Value, field: &str| schedule[field].as_str().unwrap_or_default().to_owned();
        Ok(schedules
            .iter()
            .map(|schedule| (text(schedule, "Name"), text(schedule, "GroupName")))
            .filter(|(name, _)| name.contains(task))
            .collect())
    }

    /// Deletes the schedules of a task.
    pub async fn delete_schedules(&self, task: &str) -> anyhow::Result<()> {
        for (name, group) in self.schedules_of(task).await? {
            let path = format!("/schedules/{name}");
            let query = [("groupName", group.as_str())];
            let deleted: Option<Value> = self
                .aws
                .scheduler(Method::DELETE, &path, &query, None)
                .await?;
            deleted.with_context(|| format!("There is no schedule {name}"))?;
        }
        Ok(())
    }

    fn queue_url(&self, queue: &str) -> String {
        format!("{}/{ACCOUNT}/cairn-{STAGE}-{queue}", self.aws.endpoint())
    }
}
