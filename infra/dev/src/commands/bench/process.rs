//! What the kernel counts of a process: CPU in nanoseconds, and memory.

use anyhow::Context as _;

/// The CPU that a process has used since its start, all its present threads together, in nanoseconds. While it sleeps
/// the figure is exact.
pub fn cpu_ns(process: u32) -> anyhow::Result<u64> {
    let threads = format!("/proc/{process}/task");
    let mut sum = 0;
    for thread in std::fs::read_dir(&threads).with_context(|| format!("Cannot read {threads}"))? {
        let file = thread?.path().join("schedstat");
        // A thread may end meanwhile.
        if let Ok(text) = std::fs::read_to_string(file) {
            sum += running_ns(&text).context("This kernel does not count CPU by nanoseconds")?;
        }
    }
    Ok(sum)
}

/// The first of the three numbers: time on a CPU. (The others: time waiting for one, and how often.)
fn running_ns(schedstat: &str) -> Option<u64> {
    schedstat.split_whitespace().next()?.parse().ok()
}

/// Resident memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Memory {
    /// Now.
    pub now: u64,
    /// At its highest.
    pub peak: u64,
}

/// The memory of a process.
pub fn memory(process: u32) -> anyhow::Result<Memory> {
    let file = format!("/proc/{process}/status");
    let text = std::fs::read_to_string(&file).with_context(|| format!("Cannot read {file}"))?;
    read_memory(&text).with_context(|| format!("{file} tells no memory"))
}

fn read_memory(status: &str) -> Option<Memory> {
    let bytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kibibytes * 1024)
    };
    Some(Memory {
        now: bytes("VmRSS:")?,
        peak: bytes("VmHWM:")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_the_kernel_are_read() {
        assert_eq!(running_ns("215582 7314693 2\n"), Some(215_582));
        assert_eq!(running_ns(""), None);
        let status = "Name:\ttasks\nVmHWM:\t   9000 kB\nVmRSS:\t    8000 kB\n";
        let memory = Memory {
            now: 8_192_000,
            peak: 9_216_000,
        };
        assert_eq!(read_memory(status), Some(memory));
        assert_eq!(read_memory("Name:\tzombie\n"), None);
    }
}
