//! What the figures are to be: the one place where targets stand. A missed one is printed, not an error.

/// Functions that call AWS services: they carry an SDK.
const WITH_AWS: [&str; 5] = ["relay", "reminders", "tasks", "webhooks", "worker"];

/// A request may take this many times what its bare statements take …
pub const TIMES_LIMIT: f64 = 1.25;
/// … and this many milliseconds more, for the Runtime API, the token and the answer.
pub const MORE_MS: f64 = 0.15;

/// How much is in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// One thing, or a few.
    Small,
    /// Fifty tasks, with their comments or without.
    Fifty,
    /// More than that, or a document: no target.
    Larger,
}

/// CPU of a function for an answer, in milliseconds.
pub fn request_cpu_ms(answer: Answer) -> Option<f64> {
    match answer {
        Answer::Small => Some(0.15),
        Answer::Fifty => Some(0.35),
        Answer::Larger => None,
    }
}

/// From the start of a process to its first answer: this many times what cannot be avoided.
pub const TIMES_START: f64 = 1.3;

/// A page out of 100,000 tasks may cost this many times a page out of 1,000.
pub const TIMES_GROWTH: f64 = 1.2;

/// CPU for one webhook beside the call of SQS, in milliseconds.
pub const WEBHOOK_CPU_MS: f64 = 0.2;
/// Flights of a batch of ten events.
pub const BATCH_FLIGHTS: u32 = 3;

/// The size of a function's zip, in MB.
pub fn package_mb(function: &str) -> f64 {
    if WITH_AWS.contains(&function) {
        4.5
    } else {
        3.0
    }
}

/// The resident memory of a function, in MB.
pub fn memory_mb(function: &str) -> f64 {
    if WITH_AWS.contains(&function) {
        12.0
    } else {
        9.0
    }
}

/// What a request may take, in milliseconds.
pub fn request_ms(limit_ms: f64) -> f64 {
    TIMES_LIMIT * limit_ms + MORE_MS
}

/// `met` or `missed`.
pub fn verdict(measured: f64, target: f64) -> &'static str {
    if measured <= target { "met" } else { "missed" }
}

/// The target and whether it is met.
pub fn judged(measured: f64, target: f64, digits: usize) -> String {
    format!("≤ {target:.digits$} {}", verdict(measured, target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_met_up_to_its_value() {
        assert_eq!(judged(3.0, 3.0, 1), "≤ 3.0 met");
        assert_eq!(judged(3.01, 3.0, 1), "≤ 3.0 missed");
        assert!((request_ms(1.0) - 1.4).abs() < 1e-9);
    }
}
