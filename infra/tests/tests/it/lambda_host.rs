//! The Lambda host itself, with a function that misbehaves on demand.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use cairn_dev::lambda_host::{FunctionSettings, Invoked, LambdaHost, Outcome, RouteTable};
use serde_json::{Value, json};

/// The function's script, where it can be executed. Removed at the end.
struct Script(PathBuf);

impl Script {
    fn write() -> Self {
        let path = std::env::temp_dir().join(format!("cairn-function-{}", uuid::Uuid::now_v7()));
        std::fs::write(&path, include_str!("lambda_host/function.py"))
            .expect("the script can be written");
        let executable = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&path, executable).expect("the script can be made executable");
        Self(path)
    }

    async fn host(&self, variables: &[(&str, &str)]) -> LambdaHost {
        let mut environment =
            BTreeMap::from([("PATH".to_owned(), std::env::var("PATH").unwrap_or_default())]);
        environment.extend(
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let settings = FunctionSettings {
            name: "function".to_owned(),
            binary: self.0.clone(),
            environment,
            environments: 1,
            timeout: Duration::from_secs(2),
        };
        let routes = RouteTable::default().with("$default", "function");
        LambdaHost::start(vec![settings], routes)
            .await
            .expect("the host starts")
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

async fn invoke(host: &LambdaHost, what: &str) -> Invoked {
    let event = json!({"do": what}).to_string().into_bytes().into();
    host.invoke("function", event)
        .await
        .expect("there is such a function")
}

async fn process_of(host: &LambdaHost) -> u64 {
    let Outcome::Answer(answer) = invoke(host, "answer").await.outcome else {
        panic!("no answer")
    };
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    answer["pid"].as_u64().expect("a process id")
}

#[tokio::test]
async fn one_process_serves_one_invocation_after_the_other() {
    let script = Script::write();
    let host = script.host(&[]).await;
    let process = process_of(&host).await;
    assert_eq!(process_of(&host).await, process);
    let invoked = invoke(&host, "answer").await;
    let Outcome::Answer(answer) = invoked.outcome else {
        panic!("no answer")
    };
    assert!(String::from_utf8_lossy(&answer).contains(&invoked.request_id));
    assert!(
        host.logs("function")
            .expect("logs")
            .contains(&"serving answer".to_owned())
    );
}

#[tokio::test]
async fn an_error_of_the_function_leaves_its_process_alone() {
    let script = Script::write();
    let host = script.host(&[]).await;
    let process = process_of(&host).await;
    let failed = invoke(&host, "fail").await.outcome;
    assert_eq!(
        failed,
        Outcome::Failed(br#"{"errorType": "Failed"}"#.as_slice().into())
    );
    assert_eq!(process_of(&host).await, process);
}

#[tokio::test]
async fn a_process_that_dies_or_hangs_is_replaced() {
    let script = Script::write();
    let host = script.host(&[]).await;
    let first = process_of(&host).await;
    assert_eq!(invoke(&host, "die").await.outcome, Outcome::Died);
    let second = process_of(&host).await;
    assert_ne!(first, second);
    assert_eq!(invoke(&host, "sleep").await.outcome, Outcome::TimedOut);
    let third = process_of(&host).await;
    assert_ne!(second, third);
    host.replace_environments("function")
        .expect("there is such a function");
    assert_ne!(third, process_of(&host).await);
}

#[tokio::test]
async fn a_function_that_cannot_start_fails_its_invocations() {
    let script = Script::write();
    let host = script.host(&[("DIE_AT_START", "yes")]).await;
    assert_eq!(invoke(&host, "answer").await.outcome, Outcome::Died);
    assert_eq!(invoke(&host, "answer").await.outcome, Outcome::Died);
    assert!(
        host.logs("function")
            .expect("logs")
            .contains(&"no good".to_owned())
    );
}

#[tokio::test]
async fn an_answer_over_lambdas_limit_is_an_error() {
    let script = Script::write();
    let host = script.host(&[]).await;
    let failed = invoke(&host, "large").await.outcome;
    assert!(matches!(failed, Outcome::Failed(_)), "{failed:?}");
}
