//! One process of a function, driven through a Lambda Runtime API of its own.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail, ensure};
use cairn_dev::aws::REGION;
use cairn_dev::lambda_host::trace_id;
use cairn_dev::launched::last_words;

use super::http_server::{HttpServer, Request, json_answer};

/// How long a function may take to start, or to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running function. Dropping it kills its process.
pub struct Function {
    child: Child,
    server: HttpServer,
    spawned: Instant,
    /// The connection on which the function waits for its next invocation.
    waiting: Option<usize>,
    log: std::path::PathBuf,
}

/// What came of an invocation.
pub struct Answered {
    /// The answer, as the function posted it.
    pub body: Vec<u8>,
    /// From the moment the event was written to the moment the answer had been read.
    pub took: Duration,
    /// That moment.
    pub at: Instant,
}

impl Function {
    /// Starts a binary with only `environment` and what Lambda sets. What it writes goes to `log`.
    pub fn spawn(
        binary: &Path,
        environment: &BTreeMap<String, String>,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let server = HttpServer::bind()?;
        let name = binary
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.context("a function has a name")?;
        let output =
            File::create(log).with_context(|| format!("Cannot write {}", log.display()))?;
        let mut command = Command::new(binary);
        command
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", server.address()?)
            .env("AWS_LAMBDA_FUNCTION_NAME", &name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
            .env("AWS_LAMBDA_LOG_LEVEL", "INFO")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}"))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
            .env("AWS_REGION", REGION)
            .env("TZ", ":UTC")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let spawned = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("Cannot start {}", binary.display()))?;
        Ok(Self {
            child,
            server,
            spawned,
            waiting: None,
            log: log.to_owned(),
        })
    }

    /// The id of the process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// When the process was started.
    pub fn spawned(&self) -> Instant {
        self.spawned
    }

    /// Waits until the function asks for work.
    pub fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        while self.waiting.is_none() {
            let request = self.request("ask for work")?;
            ensure!(
                request.path().ends_with("/invocation/next"),
                "A function that should ask for work sent something else: {}",
                request.path()
            );
            self.waiting = Some(request.from);
        }
        Ok(())
    }

    /// Hands an event over and waits for the answer, and then for the function to ask for more.
    pub fn invoke(&mut self, event: &[u8]) -> anyhow::Result<Answered> {
        self.wait_until_ready()?;
        let connection = self.waiting.take().context("it waits")?;
        let message = invocation(event);
        let began = Instant::now();
        self.server.answer(connection, &message)?;
        let request = self.request("answer")?;
        let at = Instant::now();
        if !request.path().ends_with("/response") {
            bail!(
                "A function failed: {} {}",
                request.path(),
                String::from_utf8_lossy(&request.body)
            );
        }
        self.server.answer(
            request.from,
            &json_answer("202 Accepted", "{\"status\":\"OK\"}"),
        )?;
        self.wait_until_ready()?;
        Ok(Answered {
            body: request.body,
            took: at - began,
            at,
        })
    }

    fn request(&mut self, what: &str) -> anyhow::Result<Request> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            // A function that ended is not waited for to the end.
            let soon = Instant::now() + Duration::from_millis(500);
            if let Some(request) = self.server.next(soon)? {
                return Ok(request);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("A function ended ({status}): {}", last_words(&self.log));
            }
        }
        bail!("A function did not {what}: {}", last_words(&self.log))
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Runtime API's answer to a function that asks for work, as AWS's reads.
fn invocation(event: &[u8]) -> Vec<u8> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let id = uuid::Uuid::now_v7();
    let deadline = (now + PATIENCE).as_millis();
    let trace = trace_id();
    let mut message = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: {id}\r\n\
         Lambda-Runtime-Deadline-Ms: {deadline}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:{REGION}:123456789012:function:cairn-prod-bench:live\r\n\
         Lambda-Runtime-Trace-Id: {trace}\r\nDate: Mon, 02 Nov 2026 08:00:00 GMT\r\nContent-Length: {}\r\n\r\n",
        event.len()
    )
    .into_bytes();
    message.extend_from_slice(event);
    message
}
