//! Where lines go: standard output, where Lambda picks them up.

use std::cell::RefCell;
use std::io::Write as _;

thread_local! {
    static KEPT: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Writes a line, with its end, in one piece, so that lines do not mix. There is nobody to tell that it cannot be written.
pub(crate) fn write(line: &[u8]) {
    let kept = KEPT.with_borrow_mut(|kept| {
        let kept = kept.as_mut().map(|lines| lines.extend_from_slice(line));
        kept.is_some()
    });
    if !kept {
        let _ = std::io::stdout().write_all(line);
    }
}

/// Lets the lines that follow leave together, once what this answers with is dropped: each write is a system call.
#[must_use]
pub(crate) fn together() -> Together {
    KEPT.set(Some(Vec::with_capacity(1024)));
    Together
}

/// Lines are kept as long as it lives. Not to be held while something is waited for: what dies then leaves no line.
pub(crate) struct Together;

impl Drop for Together {
    fn drop(&mut self) {
        if let Some(lines) = KEPT.take() {
            let _ = std::io::stdout().write_all(&lines);
        }
    }
}
