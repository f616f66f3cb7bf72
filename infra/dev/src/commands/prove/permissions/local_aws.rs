//! What the story asks of the local AWS itself, as somebody who may do everything.

use anyhow::Context as _;
use cairn_dev::aws::REGION;
use cairn_dev::system::STAGE;
use serde_json::{Value, json};

/// The account of everything local.
const ACCOUNT: &str = "000000000000";

/// The queues of the stage, without their dead letters.
const QUEUES: [&str; 3] = ["webhooks", "tasks", "reminders"];

/// SQS and Scheduler of the local AWS.
pub struct LocalServices {
    http: reqwest::Client,
    endpoint: String,
}

impl LocalServices {
    pub fn new(endpoint: String) -> anyhow::Result<Self> {
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().build()?,
            endpoint,
        })
    }

    /// Puts a message on a queue.
    pub async fn send(&self, queue: &str, message: &Value) -> anyhow::Result<()> {
        let request =
            json!({"QueueUrl": self.queue_url(queue), "MessageBody": message.to_string()});
        self.sqs("SendMessage", &request).await.map(drop)
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
            let answer = self.sqs("GetQueueAttributes", &request).await?;
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
            self.sqs("PurgeQueue", &request).await?;
        }
        Ok(())
    }

    /// The schedules of a task, each with its group.
    pub async fn schedules_of(&self, task: &str) -> anyhow::Result<Vec<(String, String)>> {
        let listed: Value = self
            .http
            .get(format!("{}/schedules", self.endpoint))
            .query(&[("NamePrefix", format!("task-{task}"))])
            .header("authorization", authorization("scheduler"))
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
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
            self.http
                .delete(format!("{}/schedules/{name}", self.endpoint))
                .query(&[("groupName", group)])
                .header("authorization", authorization("scheduler"))
                .send()
                .await?
                .error_for_status()?;
        }
        Ok(())
    }

    async fn sqs(&self, operation: &str, request: &Value) -> anyhow::Result<Value> {
        let answer = self
            .http
            .post(&self.endpoint)
            .header("authorization", authorization("sqs"))
            .header("x-amz-target", format!("AmazonSQS.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            .body(request.to_string())
            .send()
            .await?
            .error_for_status()
            .with_context(|| format!("SQS does not do {operation}"))?
            .bytes()
            .await?;
        // Some operations answer nothing.
        Ok(serde_json::from_slice(&answer).unwrap_or_default())
    }

    fn queue_url(&self, queue: &str) -> String {
        format!("{}/{ACCOUNT}/cairn-{STAGE}-{queue}", self.endpoint)
    }
}

/// The signatures of a key that may do everything are not checked.
fn authorization(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=local/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}
