//! The local AWS with the stack of template.yaml.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::aws_client::authorization;
use crate::launched::{Launched, last_words};
use crate::places::Places;
use crate::python::Python;

/// The Region of everything local.
pub const REGION: &str = "eu-central-1";

/// The name of the stack.
pub const STACK: &str = "cairn-local";

/// Who sends the mails. There is no way out of the local AWS, so it need not exist.
pub const SENDER: &str = "Cairn <no-reply@cairn.example>";

/// What was deployed.
#[derive(Debug, Deserialize)]
pub struct Deployed {
    /// The stack's outputs.
    pub outputs: BTreeMap<String, String>,
    /// The environment variables of all functions together.
    pub variables: BTreeMap<String, String>,
}

/// MiniStack, which stops when this value is stopped or dropped, or when this process dies.
#[derive(Debug)]
pub struct LocalAws {
    launched: Launched,
    port: u16,
}

#[derive(Debug, Deserialize)]
struct Facts {
    port: u16,
}

impl LocalAws {
    /// Starts MiniStack without any stack. Its log and the unpacked functions are in `folder`.
    pub async fn start(python: &Python, folder: &Path) -> anyhow::Result<Self> {
        // The functions of the last run: MiniStack does not remove them when it is killed.
        let temporary = folder.join("tmp");
        let _ = std::fs::remove_dir_all(&temporary);
        std::fs::create_dir_all(&temporary)
            .with_context(|| format!("Cannot create {}", temporary.display()))?;
        let mut command = python.script("aws.py");
        // Functions inherit this environment: they shall see nothing of the developer's own.
        for (name, _) in std::env::vars_os() {
            if !["HOME", "LANG", "PATH", "USER"]
                .iter()
                .any(|kept| name == *kept)
            {
                command.env_remove(name);
            }
        }
        command
            .arg(folder)
            .env("TMPDIR", &temporary)
            .env("MINISTACK_REGION", REGION)
            .env("AWS_REGION", REGION)
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local");
        let (launched, Facts { port }) =
            Launched::start("the local AWS", &mut command, &folder.join("log")).await?;
        Ok(Self { launched, port })
    }

    /// Where AWS clients find it.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Deploys template.yaml with the built functions.
    pub async fn deploy(
        &self,
        python: &Python,
        places: &Places,
        parameters: &BTreeMap<&str, String>,
        folder: &Path,
    ) -> anyhow::Result<Deployed> {
        let log = folder.join("deploy.log");
        let order = order(&self.endpoint(), places, STACK, parameters);
        let mut child = python
            .script("deploy.py")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log)?)
            .kill_on_drop(true)
            .spawn()
            .context("Cannot run deploy.py")?;
        let mut input = child
            .stdin
            .take()
            .context("deploy.py has no standard input")?;
        input.write_all(order.to_string().as_bytes()).await?;
        drop(input);
        let output = child.wait_with_output().await?;
        if !output.status.success() {
            bail!("{}", last_words(&log));
        }
        serde_json::from_slice(&output.stdout).context("deploy.py did not print what it deployed")
    }

    /// The base URL of an HTTP API.
    pub fn http_api(&self, api_id: &str) -> String {
        http_api(&self.endpoint(), api_id)
    }

    /// The launcher, to notice that MiniStack ended by itself.
    pub fn launched(&mut self) -> &mut Launched {
        &mut self.launched
    }

    /// Stops MiniStack and all functions. Nothing of the stack is kept.
    pub async fn stop(self) {
        self.launched.stop().await;
    }
}

fn http_api(endpoint: &str, api_id: &str) -> String {
    format!("{endpoint}/_aws/execute-api/{api_id}/$default")
}

/// What deploy.py is asked for: to make the stack of this name, or to update it.
pub fn order(
    endpoint: &str,
    places: &Places,
    stack: &str,
    parameters: &BTreeMap<&str, String>,
) -> Value {
    json!({
        "endpoint": endpoint,
        "region": REGION,
        "template": places.template(),
        "functions": places.functions(),
        "stack": stack,
        "parameters": parameters,
    })
}

impl Deployed {
    /// The base URL of the HTTP API, on the AWS at `endpoint`.
    pub fn http_api(&self, endpoint: &str) -> anyhow::Result<String> {
        Ok(http_api(endpoint, self.output("ApiId")?))
    }

    /// The base URL of the webhooks' function URL, which on AWS has a host of its own.
    pub fn webhooks(&self, endpoint: &str) -> anyhow::Result<String> {
        let url = self.output("WebhookUrl")?;
        let id = url
            .strip_prefix("https://")
            .and_then(|rest| rest.split('.').next())
            .with_context(|| format!("{url} is no function URL"))?;
        Ok(format!("{endpoint}/_aws/lambda-url/{id}"))
    }

    fn output(&self, name: &str) -> anyhow::Result<&String> {
        let value = self.outputs.get(name);
        value.with_context(|| format!("template.yaml has no output {name}"))
    }
}

/// Invokes a function of the AWS at `endpoint` with `event`, without waiting for what comes of it.
pub async fn invoke_later(endpoint: &str, function: &str, event: &Value) -> anyhow::Result<()> {
    let url = format!("{endpoint}/2015-03-31/functions/{function}/invocations");
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client
        .post(url)
        .header("authorization", authorization("lambda"))
        .header("x-amz-invocation-type", "Event")
        .json(event)
        .send()
        .await
        .with_context(|| format!("Cannot invoke {function}"))?;
    answer
        .error_for_status()
        .with_context(|| format!("Cannot invoke {function}"))?;
    Ok(())
}
