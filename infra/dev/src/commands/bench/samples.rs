//! Arithmetic on what was measured.

use serde::Serialize;

const NS_PER_MS: f64 = 1e6;

/// Repeated measurements of one thing.
#[derive(Debug, Default, Clone)]
pub struct Samples {
    nanoseconds: Vec<u64>,
    client_cpu_ns: u64,
    database_cpu_ns: u64,
}

/// What is told of them. CPU is the mean: over all of them together it is exact.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Summary {
    /// How many there were.
    pub count: usize,
    /// Half took no longer.
    pub p50_ms: f64,
    /// One in a hundred took longer.
    pub p99_ms: f64,
    /// The longest.
    pub max_ms: f64,
    /// CPU of the function, or of what is compared with it.
    pub cpu_ms: f64,
    /// CPU of its PostgreSQL process.
    pub database_cpu_ms: f64,
}

impl Samples {
    /// Adds a block of measurements, and the CPU that both sides used in it.
    pub fn add(&mut self, nanoseconds: &[u64], client_cpu_ns: u64, database_cpu_ns: u64) {
        self.nanoseconds.extend(nanoseconds);
        self.client_cpu_ns += client_cpu_ns;
        self.database_cpu_ns += database_cpu_ns;
    }

    /// What is told of them.
    pub fn summary(&self) -> Summary {
        let mut sorted: Vec<f64> = self.nanoseconds.iter().map(|ns| ms(*ns)).collect();
        sorted.sort_by(f64::total_cmp);
        let count = sorted.len();
        let each = |ns| ms(ns) / as_f64(count.max(1));
        Summary {
            count,
            p50_ms: quantile(&sorted, 50),
            p99_ms: quantile(&sorted, 99),
            max_ms: sorted.last().copied().unwrap_or_default(),
            cpu_ms: each(self.client_cpu_ns),
            database_cpu_ms: each(self.database_cpu_ns),
        }
    }
}

/// Median, least and greatest of a few measurements.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// Of measurements in any order.
    pub fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self {
            median: quantile(&sorted, 50),
            min: sorted.first().copied().unwrap_or_default(),
            max: sorted.last().copied().unwrap_or_default(),
        }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1} [{:.1}–{:.1}]", self.median, self.min, self.max)
    }
}

/// Milliseconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "2^52 ns are weeks, which nobody measures here"
)]
pub fn ms(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / NS_PER_MS
}

/// A number of measurements.
#[expect(clippy::cast_precision_loss, reason = "nobody measures so often")]
pub fn as_f64(count: usize) -> f64 {
    count as f64
}

/// The least value that `percent` of them do not exceed (nearest rank).
fn quantile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// How much more one is than the other; nothing where that says nothing.
pub fn ratio(measured: f64, base: f64) -> Option<f64> {
    (base > 0.0).then(|| measured / base)
}

/// A ratio as it stands in a table.
pub fn times(measured: f64, base: f64) -> String {
    ratio(measured, base).map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        assert!((quantile(&values, 50) - 100.0).abs() < 1e-9);
        assert!((quantile(&values, 99) - 198.0).abs() < 1e-9);
        assert!((quantile(&[7.0], 99) - 7.0).abs() < 1e-9);
        assert!(quantile(&[], 50).abs() < 1e-9);
    }

    #[test]
    fn blocks_add_up() {
        let mut samples = Samples::default();
        samples.add(&[3_000_000, 1_000_000], 400_000, 200_000);
        samples.add(&[2_000_000, 9_000_000], 600_000, 200_000);
        let summary = samples.summary();
        assert_eq!(summary.count, 4);
        for (measured, expected) in [
            (summary.p50_ms, 2.0),
            (summary.max_ms, 9.0),
            (summary.cpu_ms, 0.25),
            (summary.database_cpu_ms, 0.1),
        ] {
            assert!((measured - expected).abs() < 1e-9, "{summary:?}");
        }
    }

    #[test]
    fn a_spread_is_written_shortly() {
        assert_eq!(Spread::of(&[3.0, 1.0, 2.0]).to_string(), "2.0 [1.0–3.0]");
        assert_eq!(times(3.0, 2.0), "1.50");
        assert_eq!(times(3.0, 0.0), "–");
    }
}
