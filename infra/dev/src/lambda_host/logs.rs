//! What the functions write to standard output and standard error.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

/// Enough for any test, and no burden for a benchmark that logs a line for each of a million requests.
const LINES_KEPT: usize = 20_000;

/// The newest lines of a function.
#[derive(Default)]
pub(super) struct Logs(Mutex<VecDeque<String>>);

impl Logs {
    pub(super) fn lines(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().cloned().collect()
    }

    /// Keeps what `source` says until it ends.
    pub(super) async fn follow(&self, source: impl AsyncRead + Unpin) {
        let mut source = BufReader::new(source);
        let mut line = Vec::new();
        // A line that is no UTF-8 must not end the reading: the process would block on a full pipe.
        while matches!(source.read_until(b'\n', &mut line).await, Ok(length) if length > 0) {
            self.push(String::from_utf8_lossy(line.trim_ascii_end()).into_owned());
            line.clear();
        }
    }

    fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES_KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }
}
