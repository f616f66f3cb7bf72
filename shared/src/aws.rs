//! What the clients of all AWS services share.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
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
