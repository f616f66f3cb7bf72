//! Where lines go: standard output, where Lambda picks them up.

use std::cell::RefCell;
use std::io::Write as _;

use serde::Serialize;

thread_local! {
    static KEPT: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Writes a line of JSON in one piece, so that lines do not mix. There is nobody to tell that it cannot be written.
pub(crate) fn write(line: &impl Serialize) {
    let mut line = serde_json::to_vec(line).expect("strings and numbers serialise");
    line.push(b'\n');
    KEPT.with_borrow_mut(|kept| match kept {
        Some(lines) => lines.extend_from_slice(&line),
        None => print(&line),
    });
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
            print(&lines);
        }
    }
}

fn print(lines: &[u8]) {
    let _ = std::io::stdout().write_all(lines);
}

/// The lines that `what` writes.
#[cfg(test)]
pub(super) fn lines_of(what: impl FnOnce()) -> Vec<u8> {
    let _together = together();
    what();
    KEPT.take().expect("they are kept")
}
