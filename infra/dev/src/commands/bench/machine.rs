//! Where figures come from: without it they mean nothing.

use std::path::Path;

use serde_json::{Value, json};

use super::sides::git;

/// The machine, and the state of the tree.
pub async fn describe(root: &Path) -> Value {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let commit = git(root, &["rev-parse", "--short", "HEAD"])
        .await
        .unwrap_or_else(|_| "unknown".to_owned());
    let changed = git(root, &["status", "--porcelain", "--untracked-files=no"])
        .await
        .map_or(true, |changes| !changes.is_empty());
    json!({"cpu": model, "cores": cores, "commit": commit, "changed": changed})
}

/// The same in a line.
pub fn line(machine: &Value) -> String {
    format!(
        "{} cores of {}, commit {}{}",
        machine["cores"],
        machine["cpu"].as_str().unwrap_or("unknown"),
        machine["commit"].as_str().unwrap_or("unknown"),
        if machine["changed"] == true {
            " with changes"
        } else {
            ""
        },
    )
}
