//! What a proof found, and the table of all of them.

use std::fmt::Write as _;
use std::time::Duration;

/// After so many failures of one proof more tell nothing new.
const FAILURES_KEPT: usize = 20;

/// What was done and seen, and what does not hold.
#[derive(Debug, Default)]
pub struct Findings {
    done: String,
    figures: Vec<String>,
    failures: Vec<String>,
    more_failures: usize,
}

impl Findings {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A proof that did not come to its end.
    pub fn broken_off(why: &str) -> Self {
        let mut findings = Self::new();
        findings.fail(format!("broken off: {why}"));
        findings
    }

    /// Says what was done, for the table.
    pub fn did(&mut self, what: impl Into<String>) {
        self.done = what.into();
    }

    /// Adds a figure, for the table.
    pub fn figure(&mut self, figure: impl Into<String>) {
        self.figures.push(figure.into());
    }

    /// Something that does not hold.
    pub fn fail(&mut self, what: impl Into<String>) {
        if self.failures.len() < FAILURES_KEPT {
            self.failures.push(what.into());
        } else {
            self.more_failures += 1;
        }
    }

    /// Fails unless something holds.
    pub fn check(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.fail(otherwise());
        }
    }

    /// Whether everything holds.
    pub fn hold(&self) -> bool {
        self.failures.is_empty()
    }

    /// What does not.
    pub fn failures(&self) -> impl Iterator<Item = String> {
        let more = self.more_failures;
        let rest = (more > 0).then(|| format!("and {more} more"));
        self.failures.iter().cloned().chain(rest)
    }

    fn verdict(&self) -> String {
        match self.failures.len() + self.more_failures {
            0 => "holds".to_owned(),
            failures => format!("**refuted**: {failures}"),
        }
    }
}

/// All findings, as a table in Markdown.
pub fn table(results: &[(String, Findings, Duration)]) -> String {
    let mut text = "| proof | what was done | figures | verdict |\n|---|---|---|---|\n".to_owned();
    for (name, findings, took) in results {
        let Findings { done, figures, .. } = findings;
        let figures = figures.join(", ");
        let (verdict, seconds) = (findings.verdict(), took.as_secs());
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {name} | {done} | {figures} ({seconds} s) | {verdict} |"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_refutes_a_proof_and_is_told() {
        let mut findings = Findings::new();
        findings.did("counted");
        findings.figure("2 apples");
        findings.check(true, || unreachable!("it holds"));
        assert!(findings.hold());
        findings.check(false, || "a pear".to_owned());
        for _ in 0..FAILURES_KEPT {
            findings.fail("another");
        }
        assert!(!findings.hold());
        assert_eq!(findings.failures().last().as_deref(), Some("and 1 more"));
        let table = table(&[("fruit".to_owned(), findings, Duration::from_secs(3))]);
        assert!(
            table.ends_with("| fruit | counted | 2 apples (3 s) | **refuted**: 21 |\n"),
            "{table}"
        );
    }
}
