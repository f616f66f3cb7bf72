//! `scale`: many execution environments behind a pooler in transaction mode that has few connections to the server.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;
use cairn_dev::progress::Progress;
use cairn_dev::service::{PgBouncer, installed};
use serde::Serialize;
use serde_json::{Value, json};

use super::dataset::{SCRATCH, lead, project, task};
use super::function::Function;
use super::report::{Section, Table};
use super::request::{Asked, Expected, check};
use super::samples::{Samples, Summary, as_f64};
use super::stage::Stage;

/// How many processes of the tasks function there are at once.
const ENVIRONMENTS: [usize; 4] = [1, 8, 64, 200];
const QUICK_ENVIRONMENTS: [usize; 2] = [1, 4];
/// What all of them share.
const SERVER_CONNECTIONS: usize = 20;
const TIME: Duration = Duration::from_secs(10);
const QUICK_TIME: Duration = Duration::from_millis(300);

/// The pooler, and whether it follows prepared statements.
struct Pooler {
    pgbouncer: PgBouncer,
    prepared_statements: bool,
    version: String,
}

/// What came of so many environments.
#[derive(Serialize)]
struct Run {
    environments: usize,
    requests_per_second: f64,
    errors: usize,
    first_error: Option<String>,
    /// Of the environment that got least, and of the median one.
    fewest: usize,
    median: usize,
    #[serde(flatten)]
    summary: Summary,
}

/// Lets ever more environments work at once, each as fast as it can.
pub async fn run(stage: &Stage) -> anyhow::Result<Section> {
    if !stage.wants("tasks behind a pooler") {
        return Ok(Section::new("scale", Vec::new(), Value::Null));
    }
    let Some(pooler) = Pooler::start(stage).await? else {
        let mut table = Table::new(
            "Many environments behind a pooler",
            vec!["pooler".to_owned()],
        );
        table.push(vec!["not installed: PgBouncer".to_owned()]);
        return Ok(Section::new("scale", vec![table], Value::Null));
    };
    let counts: &[usize] = if stage.quick {
        &QUICK_ENVIRONMENTS
    } else {
        &ENVIRONMENTS
    };
    let mut step = Progress::new().step("Running many environments behind a pooler");
    let mut runs = Vec::new();
    for &environments in counts {
        step.tell(&format!("{environments} environments"));
        runs.push(pooler.run(stage, environments)?);
    }
    step.done();
    let figures = json!({
        "pooler": pooler.version,
        "prepared_statements": pooler.prepared_statements,
        "server_connections": SERVER_CONNECTIONS,
        "runs": runs,
    });
    Ok(Section::new("scale", vec![pooler.table(&runs)], figures))
}

impl Pooler {
    /// `None` where it is not installed.
    async fn start(stage: &Stage) -> anyhow::Result<Option<Self>> {
        let Some(program) = installed("pgbouncer") else {
            return Ok(None);
        };
        let version = std::process::Command::new(&program)
            .arg("--version")
            .output()?;
        let version = String::from_utf8_lossy(&version.stdout);
        let version = version.lines().next().unwrap_or_default().to_owned();
        let prepared_statements = follows_prepared_statements(&version);
        let mut settings = "max_client_conn = 1000\n".to_owned();
        if prepared_statements {
            settings.push_str("max_prepared_statements = 200\n");
        }
        let server = stage.server.postgres();
        Ok(Some(Self {
            pgbouncer: PgBouncer::start(&program, server, SERVER_CONNECTIONS, &settings).await?,
            prepared_statements,
            version,
        }))
    }

    fn run(&self, stage: &Stage, environments: usize) -> anyhow::Result<Run> {
        let mut started: Vec<Function> = (0..environments)
            .map(|_| stage.spawn_pooled("tasks", self.pgbouncer.port(), self.prepared_statements))
            .collect::<anyhow::Result<_>>()?;
        for function in &mut started {
            function.wait_until_ready()?;
        }
        let prepared: Vec<Vec<Prepared>> = (0..environments)
            .map(|number| requests(stage, number))
            .collect::<anyhow::Result<_>>()?;
        let over = Arc::new(AtomicBool::new(false));
        let beginning = Arc::new(Barrier::new(environments + 1));
        let threads: Vec<_> = started
            .into_iter()
            .zip(prepared)
            .map(|(function, requests)| {
                let (over, beginning) = (Arc::clone(&over), Arc::clone(&beginning));
                thread::spawn(move || {
                    beginning.wait();
                    drive(function, &requests, &over)
                })
            })
            .collect();
        beginning.wait();
        let began = Instant::now();
        thread::sleep(if stage.quick { QUICK_TIME } else { TIME });
        over.store(true, Ordering::Relaxed);
        let mut outcomes = Vec::new();
        for thread in threads {
            match thread.join() {
                Ok(outcome) => outcomes.push(outcome),
                Err(_) => bail!("A thread of the benchmark panicked"),
            }
        }
        Ok(Run::of(&outcomes, began.elapsed()))
    }

    fn table(&self, runs: &[Run]) -> Table {
        let head = [
            "environments",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "max ms",
            "errors",
            "requests of an environment, least (median)",
            "target",
        ];
        let mut table = Table::new(
            format!(
                "Environments behind a transaction-mode pooler with {SERVER_CONNECTIONS} server connections"
            ),
            head.map(str::to_owned).to_vec(),
        );
        for run in runs {
            table.push(vec![
                run.environments.to_string(),
                format!("{:.0}", run.requests_per_second),
                format!("{:.2}", run.summary.p50_ms),
                format!("{:.1}", run.summary.p99_ms),
                format!("{:.1}", run.summary.max_ms),
                run.errors.to_string(),
                format!("{} ({})", run.fewest, run.median),
                format!(
                    "no error, all served: {}",
                    if run.serves_all() { "met" } else { "missed" }
                ),
            ]);
        }
        let how = if self.prepared_statements {
            "on"
        } else {
            "off"
        };
        table.note(format!(
            "{}; DATABASE_PREPARED_STATEMENTS={how}. Each environment is a process of the tasks function that is always busy: \
             reads of a task and of a project's 50 tasks, and a change of a task. Clients, functions, pooler and server share \
             this machine's cores.",
            self.version
        ));
        for run in runs {
            if let Some(error) = &run.first_error {
                table.note(format!("The first error of {}: {error}", run.environments));
            }
        }
        table
    }
}

/// An event, and what is expected of the answer.
type Prepared = (axum::body::Bytes, Expected);

/// The events of one environment: of other projects than those of its neighbours.
fn requests(stage: &Stage, number: usize) -> anyhow::Result<Vec<Prepared>> {
    let some = number % (SCRATCH * 20);
    let token = stage.token(&lead(some));
    let asked = |method, path, body| Asked {
        method,
        path,
        token: Some(token.clone()),
        body,
    };
    let (ok, list) = (Expected::success(), Expected::list("/data", 50));
    let one = format!("/api/tasks/{}", task(some, number % 50));
    let all = format!("/api/tasks/project/{}/tasks", project(some));
    [
        (asked("GET", one.clone(), Value::Null), ok),
        (asked("GET", all, Value::Null), list),
        (
            asked(
                "PATCH",
                one,
                json!({"title": format!("Renamed by {number}")}),
            ),
            ok,
        ),
    ]
    .into_iter()
    .map(|(asked, expected)| Ok((asked.event(true)?.json, expected)))
    .collect()
}

/// What came of one environment.
struct Outcome {
    nanoseconds: Vec<u64>,
    errors: Vec<String>,
}

/// Sends the requests round and round until it is `over`.
fn drive(mut function: Function, requests: &[Prepared], over: &AtomicBool) -> Outcome {
    let mut outcome = Outcome {
        nanoseconds: Vec::new(),
        errors: Vec::new(),
    };
    for (event, expected) in requests.iter().cycle() {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let answered = function.invoke(event).and_then(|answered| {
            check(&answered.body, *expected)?;
            Ok(answered.took)
        });
        match answered {
            Ok(took) => outcome.nanoseconds.extend(u64::try_from(took.as_nanos())),
            Err(error) => {
                outcome.errors.push(format!("{error:#}"));
                // A process that is gone answers nothing any more.
                if outcome.errors.len() >= 10 {
                    break;
                }
            }
        }
    }
    outcome
}

impl Run {
    /// Nobody failed, and nobody got less than a third of what the median one did.
    fn serves_all(&self) -> bool {
        self.errors == 0 && self.fewest > 0 && self.fewest * 3 >= self.median
    }

    fn of(outcomes: &[Outcome], elapsed: Duration) -> Self {
        let mut samples = Samples::default();
        for outcome in outcomes {
            samples.add(&outcome.nanoseconds, 0, 0);
        }
        let summary = samples.summary();
        let mut counts: Vec<usize> = outcomes
            .iter()
            .map(|outcome| outcome.nanoseconds.len())
            .collect();
        counts.sort_unstable();
        let errors = outcomes.iter().flat_map(|outcome| &outcome.errors);
        Self {
            environments: outcomes.len(),
            requests_per_second: as_f64(summary.count) / elapsed.as_secs_f64(),
            errors: errors.clone().count(),
            first_error: errors.clone().next().cloned(),
            fewest: counts.first().copied().unwrap_or_default(),
            median: counts.get(counts.len() / 2).copied().unwrap_or_default(),
            summary,
        }
    }
}

/// `PgBouncer` does from 1.21 on.
fn follows_prepared_statements(version: &str) -> bool {
    let mut numbers = version
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .split('.')
        .map(|number| number.parse::<u32>().unwrap_or_default());
    (numbers.next(), numbers.next()) >= (Some(1), Some(21))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_poolers_lose_prepared_statements() {
        assert!(!follows_prepared_statements("PgBouncer 1.18.0"));
        assert!(follows_prepared_statements("PgBouncer 1.21.0"));
        assert!(follows_prepared_statements("PgBouncer 1.25.1"));
        assert!(!follows_prepared_statements(""));
    }

    #[test]
    fn who_gets_least_is_seen() {
        let outcome = |count| Outcome {
            nanoseconds: vec![1_000_000; count],
            errors: Vec::new(),
        };
        let run = Run::of(
            &[outcome(5), outcome(1), outcome(3)],
            Duration::from_secs(3),
        );
        assert_eq!((run.fewest, run.median, run.environments), (1, 3, 3));
        assert!((run.requests_per_second - 3.0).abs() < 1e-9);
    }
}
