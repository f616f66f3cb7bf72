//! `events`: what a webhook costs, and a batch of the worker.

mod cases;

use cairn_dev::progress::Progress;
use serde_json::json;

use super::measure::{Case, Measured, measure};
use super::report::{Section, Table};
use super::stage::Stage;
use super::targets::{self, judged};

/// Measures webhooks and batches.
pub async fn run(stage: &Stage) -> anyhow::Result<Section> {
    let mut step = Progress::new().step("Measuring events");
    let mut rows = Vec::new();
    for case in cases::all(stage)? {
        if !stage.wants(&case.name) {
            continue;
        }
        step.tell(&case.name);
        let measured = measure(stage, &[&case]).await?;
        rows.push((case, measured.into_iter().flatten().collect::<Vec<_>>()));
    }
    step.done();
    let tables = (0..stage.sides.len())
        .map(|side| table(stage, side, &rows))
        .collect();
    let figures: Vec<_> = rows
        .iter()
        .map(|(case, sides)| json!({"event": case.name, "sides": sides}))
        .collect();
    Ok(Section::new("events", tables, json!(figures)))
}

fn table(stage: &Stage, side: usize, rows: &[(Case, Vec<Measured>)]) -> Table {
    let columns = [
        "invocation",
        "p50, ms",
        "p99, ms",
        "CPU, ms",
        "CPU beside SQS, ms",
        "PostgreSQL's CPU, ms",
        "round trips, first",
        "later",
        "calls of AWS",
        "memory, MB",
        "target",
    ];
    let suffix = stage.sides[side].suffix(&stage.sides);
    let head = columns.map(str::to_owned).to_vec();
    let mut table = Table::new(format!("Events{suffix}"), head);
    for (case, sides) in rows {
        let measured = &sides[side];
        let webhook = case.name == cases::WEBHOOK;
        let beside = measured
            .limit
            .filter(|_| webhook)
            .map(|limit| measured.plain.cpu_ms - limit.cpu_ms);
        let [first, later] = measured.flights;
        let target = match beside {
            Some(cpu_ms) => judged(cpu_ms, targets::WEBHOOK_CPU_MS, 1),
            None => judged(
                f64::from(first.max(later)),
                f64::from(targets::BATCH_FLIGHTS),
                0,
            ),
        };
        table.push(vec![
            case.name.clone(),
            format!("{:.2}", measured.plain.p50_ms),
            format!("{:.2}", measured.plain.p99_ms),
            format!("{:.3}", measured.plain.cpu_ms),
            beside.map_or_else(|| "–".to_owned(), |cpu_ms| format!("{cpu_ms:.3}")),
            format!("{:.3}", measured.plain.database_cpu_ms),
            first.to_string(),
            later.to_string(),
            measured.calls.to_string(),
            format!("{:.1}", super::report::megabytes(measured.memory.now)),
            target,
        ]);
    }
    table.note(
        "AWS is a stand-in that answers at once. Beside SQS: less the CPU of a bare SendMessage through the SDK, in the same run. \
         Targets: CPU for a webhook, round trips for a batch.",
    );
    table
}
