//! The mails that the local AWS took. It sends none anywhere, and forgets them when it stops.

use serde::{Deserialize, Serialize};

use crate::aws_client::AwsClient;

/// A mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mail {
    /// The id that SES gave it.
    #[serde(rename(deserialize = "MessageId"))]
    pub message_id: String,
    /// When it was sent, in seconds since the epoch.
    #[serde(rename(deserialize = "Timestamp"))]
    pub timestamp: f64,
    /// The sender.
    #[serde(rename(deserialize = "Source"))]
    pub from: String,
    /// The recipients.
    #[serde(rename(deserialize = "To"))]
    pub to: Vec<String>,
    /// The subject.
    #[serde(rename(deserialize = "Subject"))]
    pub subject: String,
    /// The plain text.
    #[serde(rename(deserialize = "BodyText"))]
    pub text: String,
    /// The HTML.
    #[serde(rename(deserialize = "BodyHtml"))]
    pub html: String,
}

#[derive(Deserialize)]
struct Answer {
    messages: std::collections::BTreeMap<String, Vec<Mail>>,
}

impl Mail {
    /// When it was sent, in UTC.
    pub fn sent_at(&self) -> String {
        #[expect(clippy::cast_possible_truncation, reason = "seconds of our time fit")]
        let seconds = self.timestamp as i64;
        jiff::Timestamp::from_second(seconds).map_or_else(
            |_| self.timestamp.to_string(),
            |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        )
    }
}

/// All mails, the oldest first.
pub async fn list(aws: &AwsClient) -> anyhow::Result<Vec<Mail>> {
    let account = [("account", "000000000000")];
    let answer: Answer = aws.inspect("ses/messages", &account).await?;
    Ok(answer.messages.into_values().flatten().collect())
}
