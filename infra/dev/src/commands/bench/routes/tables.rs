//! The figures of the routes as tables.

use super::super::report::{Table, megabytes};
use super::super::samples::{Summary, times};
use super::super::targets::{self, judged, verdict};
use super::Row;

/// Time, CPU, and the rest; with two sides also both beside each other.
pub fn of(rows: &[Row], labels: &[&str]) -> Vec<Table> {
    let mut tables = vec![time(rows), cpu(rows), others(rows)];
    if labels.len() > 1 {
        tables.push(compared(rows, labels));
    }
    tables
}

/// An operation as one client sees it: without compression, or with it where that makes a difference.
struct Seen<'r> {
    name: String,
    summary: Summary,
    limit: Option<Summary>,
    row: &'r Row,
}

fn seen(rows: &[Row]) -> impl Iterator<Item = Seen<'_>> {
    rows.iter().flat_map(|row| {
        let measured = &row.sides[0];
        let plain = Seen {
            name: row.name.clone(),
            summary: measured.plain,
            limit: measured.limit,
            row,
        };
        let compressed = measured.compressed.map(|summary| Seen {
            name: format!("{}, gzip", row.name),
            summary,
            limit: measured.limit,
            row,
        });
        std::iter::once(plain).chain(compressed)
    })
}

fn head(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| (*column).to_owned()).collect()
}

fn dash() -> String {
    "–".to_owned()
}

fn time(rows: &[Row]) -> Table {
    let columns = [
        "route, ms",
        "p50",
        "p99",
        "max",
        "limit p50",
        "limit p99",
        "p50 / limit",
        "bare function p50",
        "least function p50",
        "target",
    ];
    let mut table = Table::new(
        "Time of a request, and of its statements alone",
        head(&columns),
    );
    for Seen {
        name,
        summary,
        limit,
        row: Row { sides, .. },
    } in seen(rows)
    {
        let (bare, least) = (sides[0].bare, sides[0].least_function);
        let mut row = vec![
            name,
            format!("{:.2}", summary.p50_ms),
            format!("{:.2}", summary.p99_ms),
            format!("{:.2}", summary.max_ms),
        ];
        row.extend(limit.map_or_else(
            || vec![dash(), dash(), dash()],
            |limit| {
                vec![
                    format!("{:.2}", limit.p50_ms),
                    format!("{:.2}", limit.p99_ms),
                    times(summary.p50_ms, limit.p50_ms),
                ]
            },
        ));
        row.push(format!("{:.2}", bare.p50_ms));
        row.push(least.map_or_else(dash, |least| format!("{:.2}", least.p50_ms)));
        let target = targets::request_ms(limit.map_or(0.0, |limit| limit.p50_ms));
        row.push(judged(summary.p50_ms, target, 2));
        table.push(row);
    }
    table.note(format!(
        "The limit is what the function sends, sent again through bare tokio-postgres on one connection, in the same run; with a \
         message to SQS where the function sends one. The bare function answers `GET /` and nothing else: what Lambda's runtime \
         itself takes. The least function does both: the very statements, and then the very answer as a constant; it reads no \
         token, makes nothing of the rows, and neither compresses nor logs. Target: {} × limit + {} ms.",
        targets::TIMES_LIMIT,
        targets::MORE_MS,
    ));
    table
}

fn cpu(rows: &[Row]) -> Table {
    let columns = [
        "route, ms of CPU",
        "function",
        "target",
        "limit's client",
        "bare function",
        "least function",
        "PostgreSQL",
        "limit's PostgreSQL",
        "least function's PostgreSQL",
    ];
    let mut table = Table::new("CPU of a request", head(&columns));
    for Seen {
        name,
        summary,
        limit,
        row,
    } in seen(rows)
    {
        let least = row.sides[0].least_function;
        // A message to SQS costs what it costs.
        let sqs = limit.filter(|_| row.sides[0].calls > 0);
        let target = targets::request_cpu_ms(row.answer)
            .map(|target| target + sqs.map_or(0.0, |limit| limit.cpu_ms));
        table.push(vec![
            name,
            format!("{:.3}", summary.cpu_ms),
            target.map_or_else(dash, |target| judged(summary.cpu_ms, target, 2)),
            limit.map_or_else(dash, |limit| format!("{:.3}", limit.cpu_ms)),
            format!("{:.3}", row.sides[0].bare.cpu_ms),
            least.map_or_else(dash, |least| format!("{:.3}", least.cpu_ms)),
            format!("{:.3}", summary.database_cpu_ms),
            limit.map_or_else(dash, |limit| format!("{:.3}", limit.database_cpu_ms)),
            least.map_or_else(dash, |least| format!("{:.3}", least.database_cpu_ms)),
        ]);
    }
    table.note(
        "Tokens are verified before: a token's first request takes the verification of its signature more. Where a function sends a \
         message to SQS, its target is more by the CPU of the limit's client, which sends the same statements and message.",
    );
    table
}

fn others(rows: &[Row]) -> Table {
    let columns = [
        "route",
        "round trips, first",
        "later",
        "calls of AWS",
        "bytes",
        "gzip",
        "memory, MB",
        "peak",
        "target",
    ];
    let mut table = Table::new("Round trips, sizes, memory", head(&columns));
    for row in rows {
        let measured = &row.sides[0];
        let [first, later] = measured.flights;
        let peak = megabytes(measured.memory.peak);
        let target = targets::memory_mb(&row.function);
        let round_trips = verdict(f64::from(first.max(later)), 1.0);
        table.push(vec![
            row.name.clone(),
            first.to_string(),
            format!("{later} {round_trips}"),
            measured.calls.to_string(),
            measured.bytes.to_string(),
            measured.compressed_bytes.to_string(),
            format!("{:.1}", megabytes(measured.memory.now)),
            format!("{peak:.1}"),
            judged(megabytes(measured.memory.now), target, 0),
        ]);
    }
    table
}

fn compared(rows: &[Row], labels: &[&str]) -> Table {
    let mut columns = vec!["route".to_owned()];
    for figure in ["p50, ms", "CPU, ms", "PostgreSQL's CPU, ms", "memory, MB"] {
        columns.extend(labels.iter().map(|label| format!("{figure}: {label}")));
        columns.push("ratio".to_owned());
    }
    let mut table = Table::new(format!("{} against {}", labels[0], labels[1]), columns);
    for row in rows {
        let mut cells = vec![row.name.clone()];
        let figures: [fn(&super::Measured) -> f64; 4] = [
            |measured| measured.plain.p50_ms,
            |measured| measured.plain.cpu_ms,
            |measured| measured.plain.database_cpu_ms,
            |measured| megabytes(measured.memory.now),
        ];
        for figure in figures {
            let values: Vec<f64> = row.sides.iter().map(figure).collect();
            cells.extend(values.iter().map(|value| format!("{value:.3}")));
            cells.push(times(values[0], values[1]));
        }
        table.push(cells);
    }
    table
}
