//! The least that a request can take: what the function sent, sent again without it (`floor-calls`).

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, ensure};
use cairn_dev::aws::REGION;
use cairn_floor_order::Order;
use serde::de::DeserializeOwned;

/// A process with one connection, on which the statements are prepared. Dropping it kills it.
pub struct Limit {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    server_process: u32,
}

impl Limit {
    /// Starts it. `variables` are for its calls of AWS.
    pub fn start(
        floor: &Path,
        order: &Order,
        variables: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let mut child = spawn(floor, "replay", variables)?;
        let input = child.stdin.take().context("it has a standard input")?;
        let output = child.stdout.take().context("it has a standard output")?;
        let mut limit = Self {
            child,
            input,
            output: BufReader::new(output),
            server_process: 0,
        };
        limit.server_process = limit.ask(&serde_json::to_string(order)?)?;
        Ok(limit)
    }

    /// Works off all requests, and answers with the nanoseconds of each.
    pub fn run(&mut self) -> anyhow::Result<Vec<u64>> {
        self.ask("")
    }

    /// The id of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// The id of the PostgreSQL process that serves it.
    pub fn server_process(&self) -> u32 {
        self.server_process
    }

    fn ask<Answer: DeserializeOwned>(&mut self, line: &str) -> anyhow::Result<Answer> {
        writeln!(self.input, "{line}").context("floor-calls ended; what it said stands above")?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        ensure!(
            !answer.is_empty(),
            "floor-calls ended; what it said stands above"
        );
        Ok(serde_json::from_str(&answer)?)
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In a new process: the nanoseconds of connecting and of the first request together.
pub fn connect(floor: &Path, order: &Order) -> anyhow::Result<u64> {
    let mut child = spawn(floor, "connect", &[])?;
    let mut input = child.stdin.take().context("it has a standard input")?;
    writeln!(input, "{}", serde_json::to_string(order)?)?;
    drop(input);
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "floor-calls failed; what it said stands above"
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn spawn(floor: &Path, mode: &str, variables: &[(&str, String)]) -> anyhow::Result<Child> {
    let program = floor.join("floor-calls");
    Command::new(&program)
        .arg(mode)
        .env_clear()
        .env("AWS_REGION", REGION)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("Cannot start {}", program.display()))
}
