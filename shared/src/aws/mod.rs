//! What the clients of all AWS services share.

mod transport;

use std::env;
use std::error::Error;
use std::sync::OnceLock;
use std::time::Duration;

use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_types::SdkConfig;

pub(crate) use transport::Transport;

/// AWS is in the same Region: who does not accept a connection in this time is away.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a connection is kept for the next call.
const CONNECTION_IDLE: Duration = Duration::from_secs(90);
/// One attempt of one call.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// One call with all its attempts.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);

/// Region, credentials and time-outs, read from the environment when first asked for: functions that call no AWS service
/// in a request do not pay for it.
///
/// Lambda hands all of them over in variables, so only those are read. `aws-config` looks at files, other services and
/// other roles as well, with code that would be a tenth of the binary.
pub fn sdk_config() -> &'static SdkConfig {
    static CONFIG: OnceLock<SdkConfig> = OnceLock::new();
    CONFIG.get_or_init(|| {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(CALL_TIMEOUT)
            .build();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(Transport::new(CONNECT_TIMEOUT, CONNECTION_IDLE))
            .retry_config(RetryConfig::standard())
            .timeout_config(timeouts)
            .region(variable("AWS_REGION").map(Region::new));
        config.set_endpoint_url(variable("AWS_ENDPOINT_URL"));
        config.set_credentials_provider(credentials().map(SharedCredentialsProvider::new));
        config.build()
    })
}

/// Those of the function's role. They last longer than any environment lives.
fn credentials() -> Option<Credentials> {
    Some(Credentials::new(
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
        variable("AWS_SESSION_TOKEN"),
        None,
        "environment",
    ))
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// What went wrong with a call to any service, for the log: what the service answered, or why it did not. (The SDK's own
/// account of an error shows the whole answer.)
pub(crate) fn describe<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let SdkError::ServiceError(refused) = error {
        let status = refused.raw().status().as_u16();
        let code = refused.err().code().unwrap_or("no code");
        let said = refused.err().message().unwrap_or("no message");
        return format!("{status} {code}: {said}");
    }
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
