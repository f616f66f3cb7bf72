//! Sending mail through SES, each at most once for each call: SES has no idempotency token, so nothing is repeated here but
//! what SES certainly did not take.

mod outcome;

use std::fmt;
use std::time::Duration;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::interceptors::InterceptorContext;
use aws_sdk_sesv2::config::retry::{ClassifyRetry, RetryAction, RetryConfig};
use aws_sdk_sesv2::config::timeout::TimeoutConfig;
use aws_sdk_sesv2::error::BuildError;
use aws_sdk_sesv2::operation::send_email::builders::SendEmailFluentBuilder;
use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag,
};
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::timeout;

use super::{MailKind, Rendered};
use crate::aws::{self, CONNECT_TIMEOUT, Transport};
use crate::config::MailConfig;

pub use outcome::Unsent;

/// One attempt. SES rarely takes a second; giving up earlier would only leave more mails of unknown fate.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(6);
/// All attempts, of which there is more than one only where SES asks for less haste.
const CALL_TIMEOUT: Duration = Duration::from_secs(9);
/// How long a connection is kept for the next mail. An environment is frozen between two batches, and a connection that died
/// meanwhile would swallow a request without a word of whether it arrived.
const CONNECTION_IDLE: Duration = Duration::from_secs(4);

/// How many mails an environment sends at the same time. SES lets a new account send 14 a second and takes about a tenth of a
/// second for each; and each needs a connection, which costs more than a mail does.
const AT_ONCE: usize = 2;
/// How long a mail may wait for its turn. Whoever waited longer would begin to send when the function's time is nearly over.
const LONGEST_WAIT: Duration = Duration::from_secs(6);

/// Sends mail.
#[derive(Debug)]
pub struct Mailer {
    config: MailConfig,
    client: OnceCell<Client>,
    turns: Semaphore,
}

impl Mailer {
    /// Sends as `config` says. Nothing is called yet.
    pub fn new(config: MailConfig) -> Self {
        Self {
            config,
            client: OnceCell::new(),
            turns: Semaphore::new(AT_ONCE),
        }
    }

    /// Sends one mail to `address` and answers with SES's id of it.
    pub async fn send(
        &self,
        kind: MailKind,
        address: &str,
        mail: Rendered,
    ) -> Result<String, Unsent> {
        let request = self
            .request(kind, address, mail)
            .await
            .map_err(|error| Unsent::Refused(error.to_string()))?;
        let Ok(_turn) = timeout(LONGEST_WAIT, self.turns.acquire()).await else {
            return Err(Unsent::Later(
                "SES is slow with the mails before".to_owned(),
            ));
        };
        match request.send().await {
            Ok(answer) => Ok(answer.message_id.unwrap_or_default()),
            Err(error) => Err(Unsent::of(&error, address)),
        }
    }

    async fn request(
        &self,
        kind: MailKind,
        address: &str,
        mail: Rendered,
    ) -> Result<SendEmailFluentBuilder, BuildError> {
        let text = |data: String| Content::builder().data(data).charset("UTF-8").build();
        let body = Body::builder()
            .text(text(mail.text)?)
            .html(text(mail.html)?)
            .build();
        // So that no vacation responder answers (RFC 3834).
        let automatic = MessageHeader::builder()
            .name("Auto-Submitted")
            .value("auto-generated")
            .build()?;
        let message = Message::builder()
            .subject(text(mail.subject)?)
            .body(body)
            .headers(automatic)
            .build();
        let tag = MessageTag::builder()
            .name("kind")
            .value(kind.as_str())
            .build()?;
        // The address alone, without a name: SES's errors quote it, and only an address is found and taken out of them.
        Ok(self
            .client()
            .await
            .send_email()
            .from_email_address(&self.config.from)
            .set_reply_to_addresses(self.config.reply_to.clone().map(|address| vec![address]))
            .set_configuration_set_name(self.config.configuration_set.clone())
            .destination(Destination::builder().to_addresses(address).build())
            .content(EmailContent::builder().simple(message).build())
            .email_tags(tag))
    }

    async fn client(&self) -> &Client {
        self.client
            .get_or_init(|| async {
                let timeouts = TimeoutConfig::builder()
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .operation_timeout(CALL_TIMEOUT)
                    .build();
                let config = aws_sdk_sesv2::config::Builder::from(aws::sdk_config())
                    .timeout_config(timeouts)
                    .http_client(Transport::new(CONNECT_TIMEOUT, CONNECTION_IDLE))
                    .retry_config(RetryConfig::standard())
                    .retry_classifier(OnlyWhenThrottled)
                    .build();
                Client::from_conf(config)
            })
            .await
    }
}

/// Lets the SDK repeat what SES refused for its haste, and nothing else.
struct OnlyWhenThrottled;

impl fmt::Debug for OnlyWhenThrottled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl ClassifyRetry for OnlyWhenThrottled {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else {
            return RetryAction::NoActionIndicated;
        };
        let throttled = error
            .as_operation_error()
            .is_some_and(|error| error.downcast_ref().is_some_and(outcome::is_throttling));
        if throttled {
            RetryAction::throttling_error()
        } else {
            RetryAction::RetryForbidden
        }
    }

    fn name(&self) -> &'static str {
        "only when throttled"
    }
}
