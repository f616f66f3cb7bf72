//! The schedules of the local EventBridge Scheduler: one for each reminder to come, and the stage's own that come again and again.

use std::time::Duration;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::aws_client::AwsClient;
use crate::system::STAGE;

/// The group of the stage's own schedules.
const DEFAULT_GROUP: &str = "default";
/// The most that is asked for in one call.
const PAGE: &str = "100";
/// How long a schedule may take to fire when its time has come: the local Scheduler looks every second.
const FIRING: Duration = Duration::from_secs(6);
const PAUSE: Duration = Duration::from_millis(100);

/// A reminder that is scheduled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// The name of the schedule.
    pub name: String,
    /// The task.
    pub task: Uuid,
    /// When it fires.
    pub at: Timestamp,
}

/// A schedule that comes again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurring {
    /// Its name.
    pub name: String,
    /// When: `rate(…)` or `cron(…)`.
    pub expression: String,
    /// What it invokes.
    pub target: String,
}

/// The group of the reminders' schedules.
pub fn reminders() -> String {
    format!("cairn-{STAGE}-reminders")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    schedules: Vec<Named>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: String,
}

/// The reminders to come, the next first.
pub async fn to_come(aws: &AwsClient) -> anyhow::Result<Vec<Scheduled>> {
    let names = names(aws, &reminders()).await?;
    let mut scheduled: Vec<Scheduled> = names.iter().filter_map(|name| read(name)).collect();
    scheduled.sort_by(|one, other| (one.at, &one.name).cmp(&(other.at, &other.name)));
    Ok(scheduled)
}

/// The stage's own schedules.
pub async fn recurring(aws: &AwsClient) -> anyhow::Result<Vec<Recurring>> {
    let mut found = Vec::new();
    for name in names(aws, DEFAULT_GROUP).await? {
        if let Some(schedule) = get(aws, DEFAULT_GROUP, &name).await? {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            found.push(Recurring {
                expression: text(&schedule["ScheduleExpression"]),
                target: text(&schedule["Target"]["Arn"]),
                name,
            });
        }
    }
    Ok(found)
}

async fn names(aws: &AwsClient, group: &str) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let mut query = vec![("ScheduleGroup", group), ("MaxResults", PAGE)];
        if let Some(token) = &next {
            query.push(("NextToken", token));
        }
        let page: Listed = aws
            .scheduler(Method::GET, "/schedules", &query, None)
            .await?
            .context("The local AWS lists no schedules")?;
        names.extend(page.schedules.into_iter().map(|schedule| schedule.name));
        next = page.next_token;
        if next.is_none() {
            return Ok(names);
        }
    }
}

/// What the name says, as the functions write it: `task-<id>-<seconds since the epoch>`.
pub fn read(name: &str) -> Option<Scheduled> {
    let (task, seconds) = name.strip_prefix("task-")?.split_at_checked(36)?;
    Some(Scheduled {
        name: name.to_owned(),
        task: task.parse().ok()?,
        at: Timestamp::from_second(seconds.strip_prefix('-')?.parse().ok()?).ok()?,
    })
}

async fn get(aws: &AwsClient, group: &str, name: &str) -> anyhow::Result<Option<Value>> {
    let query = [("groupName", group)];
    aws.scheduler(Method::GET, &format!("/schedules/{name}"), &query, None)
        .await
}

/// Lets a reminder's schedule fire now: its time becomes the present one, and the rest is what Scheduler does anyway. It sends
/// the message that the schedule holds to its queue, and deletes the schedule. Says when; nothing if there is no such schedule.
pub async fn fire(aws: &AwsClient, name: &str) -> anyhow::Result<Option<Timestamp>> {
    let group = reminders();
    if read(name).is_none() {
        return Ok(None);
    }
    let Some(schedule) = get(aws, &group, name).await? else {
        return Ok(None);
    };
    let now = Timestamp::now();
    let order = json!({
        "GroupName": group,
        "ScheduleExpression": now.strftime("at(%Y-%m-%dT%H:%M:%S)").to_string(),
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": schedule["FlexibleTimeWindow"],
        "Target": schedule["Target"],
        "State": schedule["State"],
        "ActionAfterCompletion": schedule["ActionAfterCompletion"],
    });
    let path = format!("/schedules/{name}");
    let updated: Option<Value> = aws.scheduler(Method::PUT, &path, &[], Some(&order)).await?;
    if updated.is_none() {
        // It fired by itself in that very moment.
        return Ok(Some(now));
    }
    let fired = async {
        while get(aws, &group, name).await?.is_some() {
            tokio::time::sleep(PAUSE).await;
        }
        anyhow::Ok(())
    };
    match tokio::time::timeout(FIRING, fired).await {
        Ok(fired) => fired.map(|()| Some(now)),
        Err(_) => bail!(
            "The local AWS has not let the schedule fire within {} seconds; its log is aws/log beside functions.log.",
            FIRING.as_secs()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_of_which_task_and_when() {
        let name = "task-00000000-0000-0000-0000-000000000007-1893456000";
        let scheduled = read(name).expect("it is one of ours");
        assert_eq!(scheduled.task, Uuid::from_u128(7));
        assert_eq!(scheduled.at.to_string(), "2030-01-01T00:00:00Z");
        for other in ["", "nightly", "task-7-1", "task-é"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
