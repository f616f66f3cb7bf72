//! What the functions' processes take, looked at again and again.

use std::collections::{BTreeMap, BTreeSet};

use cairn_tests::TestApp;

use crate::findings::Findings;

/// The first and the last of the samples that are compared, as one part of so many.
const PART: usize = 4;

#[derive(Default)]
pub struct Samples {
    /// The memory of each process in KiB, in the order of time.
    memory: BTreeMap<u32, Vec<u64>>,
    connections: Vec<i64>,
    processes: BTreeSet<Vec<u32>>,
}

impl Samples {
    pub async fn take(&mut self, app: &TestApp) {
        let mut processes = app.process_ids();
        processes.sort_unstable();
        for id in &processes {
            if let Some(memory) = resident(*id) {
                self.memory.entry(*id).or_default().push(memory);
            }
        }
        self.processes.insert(processes);
        let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let counted = app.database().query_one(count, &[]).await;
        let connections = counted.expect("the connections are counted").get(0);
        self.connections.push(connections);
    }

    pub fn judge(&self, growth: f64, findings: &mut Findings) {
        findings.check(self.processes.len() == 1, || {
            "processes of functions have ended".to_owned()
        });
        let (mut smallest, mut largest, mut worst) = (u64::MAX, 0, 0.0_f64);
        for (id, memory) in &self.memory {
            let part = memory.len().div_ceil(PART);
            let first = median(&memory[..part]);
            let last = median(&memory[memory.len() - part..]);
            smallest = smallest.min(last);
            largest = largest.max(last);
            // Kibibytes of a process are far from what a float cannot hold.
            #[expect(clippy::cast_precision_loss)]
            let grown = last as f64 / first as f64;
            worst = worst.max(grown);
            findings.check(grown <= growth, || {
                format!("process {id} grew from {first} to {last} KiB")
            });
        }
        findings.check(!self.memory.is_empty(), || "no samples".to_owned());
        findings.figure(format!(
            "{} processes of {:.1} to {:.1} MiB, grown by {:.1} % at most",
            self.memory.len(),
            mebibytes(smallest),
            mebibytes(largest),
            (worst - 1.0) * 100.0
        ));
        let connections = self.connections.iter().max().copied().unwrap_or_default();
        findings.check(
            usize::try_from(connections).is_ok_and(|count| count <= self.memory.len()),
            || format!("{connections} connections"),
        );
        findings.figure(format!("{connections} connections at most"));
    }
}

#[expect(clippy::cast_precision_loss, reason = "it is for people")]
fn mebibytes(kibibytes: u64) -> f64 {
    kibibytes as f64 / 1024.0
}

fn median(values: &[u64]) -> u64 {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The memory that a process occupies, in KiB; nothing if it has ended.
fn resident(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
