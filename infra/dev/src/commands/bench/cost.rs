//! `cost`: what Lambda asks for a month, computed from the figures of an earlier run.

use std::path::Path;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::Value;

use super::report::Table;

/// A function with this memory has one processor to itself, with less its share of one.
/// Source: "Configure Lambda function memory" in Lambda's developer guide.
const MEMORY_OF_A_PROCESSOR_MB: f64 = 1769.0;
const MB_OF_A_GB: f64 = 1024.0;
/// Days in a month on which people work, hours in which they do, and how often each of them opens the client.
const DAYS: f64 = 21.0;
const HOURS: f64 = 10.0;
const VISITS: f64 = 6.0;
/// How long an environment lives without work, in hours. Lambda promises nothing; this is what is usually seen.
const IDLE_HOURS: f64 = 0.15;
/// How often a busy environment is replaced in a day.
const REPLACEMENTS: f64 = 6.0;
/// What the relay is invoked in a month without anybody working.
const RELAY_INVOCATIONS: f64 = 60.0 * 24.0 * 30.4;

/// What an active user does in a day.
const DAY: [(&str, f64); 12] = [
    ("GET /api/workspace", 6.0),
    ("GET /api/workspace/{workspaceId}/members", 2.0),
    ("GET /api/projects/workspace/{workspaceId}", 6.0),
    ("GET /api/projects/{projectId}", 6.0),
    ("GET /api/tasks/project/{projectId}/tasks", 18.0),
    ("GET /api/tasks/mine", 6.0),
    ("GET /api/tasks/{taskId}", 12.0),
    ("GET /api/comments/task/{taskId}/comments", 12.0),
    ("POST /api/tasks/project/{projectId}/tasks", 2.0),
    ("PATCH /api/tasks/{taskId}", 8.0),
    ("POST /api/tasks/{taskId}/comments", 4.0),
    ("PATCH /api/projects/{projectId}", 0.5),
];
/// The functions that answer these, each with environments of its own.
const FUNCTIONS: f64 = 4.0;
/// The one of these requests that sends a message to SQS.
const SENDING: &str = "POST /api/tasks/project/{projectId}/tasks";
/// What the worker and the reminders function hear of in a day for each user: a task given, a task moved, a reminder. Each takes
/// three round trips to the database and two calls of AWS.
const MESSAGES: f64 = 4.0;
/// A small request, about what the relay and each step of a message take.
const SMALL: &str = "GET /api/tasks/{taskId}";

/// What a computation rests on beside the measured figures.
#[derive(Debug, Args)]
pub struct Prices {
    /// Memory of a function, in MB: `FunctionMemory`
    #[arg(long, default_value_t = 256.0)]
    memory_mb: f64,
    /// Dollars for a GB-second (arm64 in us-east-1; x86-64 has 0.0000166667)
    #[arg(long, default_value_t = 0.000_013_333_4)]
    gb_second: f64,
    /// Dollars for a million requests
    #[arg(long, default_value_t = 0.2)]
    million_requests: f64,
    /// One round trip between a function and its database, in ms
    #[arg(long, default_value_t = 1.0)]
    round_trip_ms: f64,
    /// A call of SQS, SES or Scheduler, in ms: the bench's stand-in answers at once
    #[arg(long, default_value_t = 15.0)]
    aws_call_ms: f64,
    /// Numbers of active users
    #[arg(long, value_delimiter = ',', default_values_t = [1.0, 100.0, 10_000.0])]
    users: Vec<f64>,
}

/// What was measured, as far as the computation needs it, in milliseconds.
struct Figures {
    /// Of each request of a day: how often, its time and its CPU, and how often it calls AWS.
    requests: Vec<(f64, Took, f64)>,
    small: Took,
    start: Took,
}

#[derive(Clone, Copy)]
struct Took {
    ms: f64,
    cpu_ms: f64,
}

/// A month.
struct Month {
    users: f64,
    invocations: f64,
    cold_starts: f64,
    gb_seconds: f64,
    dollars: f64,
}

/// Computes the table from the report at `path`.
pub fn run(path: &Path, prices: &Prices) -> anyhow::Result<Table> {
    let report = std::fs::read(path).with_context(|| {
        format!(
            "Cannot read {}: run `cargo dev bench` first",
            path.display()
        )
    })?;
    let report: Value = serde_json::from_slice(&report)?;
    let figures = Figures::from_report(&report["sections"])
        .context("The report holds no whole run: run `cargo dev bench` first")?;
    ensure!(prices.memory_mb > 0.0, "A function needs memory.");
    let months: Vec<Month> = prices
        .users
        .iter()
        .map(|users| figures.month(*users, prices))
        .collect();
    Ok(table(&months, prices))
}

impl Figures {
    fn from_report(sections: &Value) -> Option<Self> {
        let rows = sections["routes"]["rows"].as_array()?;
        let took = |route: &str| {
            let row = rows.iter().find(|row| row["route"] == *route)?;
            let summary = &row["sides"][0]["plain"];
            Some(Took {
                ms: summary["p50_ms"].as_f64()?,
                cpu_ms: summary["cpu_ms"].as_f64()?,
            })
        };
        let requests = DAY.iter().map(|(route, times)| {
            let calls = if *route == SENDING { 1.0 } else { 0.0 };
            Some((*times, took(route)?, calls))
        });
        let requests = requests.collect::<Option<_>>()?;
        let starts = sections["start"].as_array()?;
        let tasks = starts.iter().find(|row| row["function"] == "tasks")?;
        let start = tasks["answer_with_tls_ms"]["median"].as_f64()?;
        Some(Self {
            requests,
            small: took(SMALL)?,
            // Nearly all of it is computing.
            start: Took {
                ms: start,
                cpu_ms: start,
            },
        })
    }

    fn month(&self, users: f64, prices: &Prices) -> Month {
        let each_day: f64 = self.requests.iter().map(|(times, ..)| times).sum();
        let busy_ms: f64 = self
            .requests
            .iter()
            .map(|(times, took, calls)| times * prices.billed_ms(*took, 1.0, *calls))
            .sum();
        let message_ms = prices.billed_ms(self.small.times(3.0), 3.0, 2.0);
        let relay_ms = prices.billed_ms(self.small, 1.0, 0.0);
        let cold_starts = DAYS * FUNCTIONS * cold_starts_of_a_day(users, busy_ms);
        // Connecting takes five round trips: TCP, TLS, and three of authentication.
        let start_ms = prices.billed_ms(self.start, 5.0, 0.0);
        let invocations = DAYS * users * (each_day + MESSAGES) + RELAY_INVOCATIONS;
        let ms = DAYS * users * (busy_ms + MESSAGES * message_ms)
            + RELAY_INVOCATIONS * relay_ms
            + cold_starts * start_ms;
        let gb_seconds = ms / 1000.0 * prices.memory_mb / MB_OF_A_GB;
        Month {
            users,
            invocations,
            cold_starts,
            gb_seconds,
            dollars: gb_seconds * prices.gb_second + invocations / 1e6 * prices.million_requests,
        }
    }
}

impl Took {
    fn times(self, times: f64) -> Self {
        Self {
            ms: self.ms * times,
            cpu_ms: self.cpu_ms * times,
        }
    }
}

impl Prices {
    /// What Lambda bills, in whole milliseconds: waiting takes as long as it took here, and the ways to the database and to
    /// AWS; computing takes longer with a share of a processor.
    fn billed_ms(&self, took: Took, round_trips: f64, aws_calls: f64) -> f64 {
        let slower = (MEMORY_OF_A_PROCESSOR_MB / self.memory_mb).max(1.0);
        let waited = (took.ms - took.cpu_ms).max(0.0);
        let away = round_trips * self.round_trip_ms + aws_calls * self.aws_call_ms;
        (waited + took.cpu_ms * slower + away).ceil()
    }
}

/// Of one function: visits that come when its environment is gone (visits come at random, so after a pause of
/// [`IDLE_HOURS`] with a chance that falls exponentially), and the replacements of those that are always busy.
fn cold_starts_of_a_day(users: f64, busy_ms_of_a_user: f64) -> f64 {
    let visits = users * VISITS;
    let pause = (-visits / HOURS * IDLE_HOURS).exp();
    // Environments in use at once, three times the mean for the peaks.
    let at_once = 3.0 * users * busy_ms_of_a_user / FUNCTIONS / (HOURS * 3_600_000.0);
    let replaced = at_once.ceil() * REPLACEMENTS * (1.0 - pause);
    (visits * pause + replaced).min(visits)
}

fn table(months: &[Month], prices: &Prices) -> Table {
    let head = [
        "active users",
        "invocations",
        "of them cold",
        "GB-seconds",
        "dollars",
    ];
    let mut table = Table::new("Lambda in a month", head.map(str::to_owned).to_vec());
    for month in months {
        table.push(vec![
            format!("{:.0}", month.users),
            format!("{:.0}", month.invocations),
            format!("{:.0}", month.cold_starts),
            format!("{:.0}", month.gb_seconds),
            format!("{:.2}", month.dollars),
        ]);
    }
    let each_day: f64 = DAY.iter().map(|(_, times)| times).sum();
    table.note(format!(
        "Functions of {:.0} MB, {} dollars for a GB-second and {} for a million requests, before what is free each month (a million \
         requests, 400,000 GB-seconds); {each_day} requests a day of each user on {DAYS} days, {:.1} ms to the database and back, {:.0} ms for a call of AWS. The \
         relay looks after lost messages every minute, whoever works: {RELAY_INVOCATIONS:.0} invocations.",
        prices.memory_mb,
        prices.gb_second,
        prices.million_requests,
        prices.round_trip_ms,
        prices.aws_call_ms
    ));
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices() -> Prices {
        Prices {
            memory_mb: 256.0,
            gb_second: 0.000_013_333_4,
            million_requests: 0.2,
            round_trip_ms: 1.0,
            aws_call_ms: 15.0,
            users: vec![1.0],
        }
    }

    fn figures() -> Figures {
        let took = Took {
            ms: 0.5,
            cpu_ms: 0.1,
        };
        Figures {
            requests: vec![(100.0, took, 0.0)],
            small: took,
            start: Took {
                ms: 10.0,
                cpu_ms: 10.0,
            },
        }
    }

    #[test]
    fn what_is_billed_is_whole_milliseconds_of_waiting_and_slower_computing() {
        let took = Took {
            ms: 0.5,
            cpu_ms: 0.1,
        };
        // 0.4 ms of waiting, 0.1 × 6.9 of computing, 1 ms on the way.
        assert!((prices().billed_ms(took, 1.0, 0.0) - 3.0).abs() < 1e-9);
        let fast = Prices {
            memory_mb: 3538.0,
            ..prices()
        };
        assert!((fast.billed_ms(took, 1.0, 1.0) - 17.0).abs() < 1e-9);
    }

    #[test]
    fn a_month_without_users_is_the_relay() {
        let month = figures().month(0.0, &prices());
        assert!((month.invocations - RELAY_INVOCATIONS).abs() < 1e-6);
        assert!((month.gb_seconds - RELAY_INVOCATIONS * 0.003 * 0.25).abs() < 1e-6);
        assert!(month.cold_starts.abs() < 1e-9);
    }

    #[test]
    fn few_users_find_cold_functions_and_many_do_not() {
        let one = cold_starts_of_a_day(1.0, 100.0);
        assert!(one > VISITS * 0.9 && one <= VISITS, "{one}");
        let crowd = cold_starts_of_a_day(10_000.0, 100.0);
        assert!(crowd / (10_000.0 * VISITS) < 0.001, "{crowd}");
    }
}
