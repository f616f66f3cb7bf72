//! What the clients of all AWS services share.

use std::error::Error;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use tokio::sync::OnceCell;

/// AWS is in the same Region: who does not accept a connection in this time is away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// One attempt of one call.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// One call with all its attempts.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);

/// Region, credentials and time-outs, read from the environment when first asked for: functions that call no AWS service
/// in a request do not pay for it.
pub async fn sdk_config() -> &'static SdkConfig {
    static CONFIG: OnceCell<SdkConfig> = OnceCell::const_new();
    CONFIG
        .get_or_init(|| async {
            let timeouts = TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .operation_timeout(CALL_TIMEOUT)
                .build();
            aws_config::defaults(BehaviorVersion::latest())
                .timeout_config(timeouts)
                .load()
                .await
        })
        .await
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
