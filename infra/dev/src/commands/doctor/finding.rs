//! What was found, and how it is told.

use std::fmt::Write as _;

use console::{StyledObject, style};
use serde::Serialize;

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// `cargo dev` does nothing without it.
    Needed,
    /// Only some commands want it.
    ForMore,
    /// What was installed and built here.
    UnderTarget,
    /// The running system.
    Running,
}

impl Group {
    /// In the order in which they are told.
    pub const ALL: [Self; 4] = [
        Self::Needed,
        Self::ForMore,
        Self::UnderTarget,
        Self::Running,
    ];

    fn heading(self) -> &'static str {
        match self {
            Self::Needed => "Needed",
            Self::ForMore => "Needed for more than cargo dev",
            Self::UnderTarget => "Under target/",
            Self::Running => "What runs",
        }
    }
}

/// What is thought of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should be.
    Fine,
    /// Not there, and not missed yet.
    Absent,
    /// It works, with a restriction that one should know of.
    Limited,
    /// Nothing works without it.
    Missing,
}

/// How to get something, by system.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Get {
    /// Debian and Ubuntu.
    pub debian: &'static str,
    /// Fedora.
    pub fedora: &'static str,
    /// macOS.
    pub macos: &'static str,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What it is about.
    pub group: Group,
    /// Its name.
    pub subject: &'static str,
    /// What is thought of it.
    pub verdict: Verdict,
    /// What is there, or what is wrong and what to do.
    pub found: String,
    /// What needs it; empty where that is plain.
    pub needed_for: &'static str,
    /// How to get it, where it is something to be installed.
    pub get: Option<Get>,
}

impl Finding {
    /// A finding about something that is not to be installed by hand.
    pub fn new(
        group: Group,
        subject: &'static str,
        verdict: Verdict,
        found: impl Into<String>,
    ) -> Self {
        Self {
            group,
            subject,
            verdict,
            found: found.into(),
            needed_for: "",
            get: None,
        }
    }
}

/// All findings as text, by group.
pub fn report(findings: &[Finding]) -> String {
    let width = findings
        .iter()
        .map(|finding| finding.subject.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for group in Group::ALL {
        let of_group: Vec<_> = findings
            .iter()
            .filter(|finding| finding.group == group)
            .collect();
        if of_group.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{}", style(group.heading()).bold());
        for finding in of_group {
            tell(&mut text, finding, width);
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", verdict_of_all(findings));
    text
}

fn tell(text: &mut String, finding: &Finding, width: usize) {
    let Finding {
        subject,
        verdict,
        found,
        needed_for,
        get,
        ..
    } = finding;
    let _ = writeln!(text, "  {} {subject:width$}  {found}", mark(*verdict));
    let indent = " ".repeat(width + 6);
    if !needed_for.is_empty() {
        let _ = writeln!(text, "{indent}{}", style(format!("for {needed_for}")).dim());
    }
    if *verdict != Verdict::Fine
        && let Some(get) = get
    {
        for (system, how) in ways(get) {
            let _ = writeln!(text, "{indent}{system}: {how}");
        }
    }
}

fn mark(verdict: Verdict) -> StyledObject<&'static str> {
    match verdict {
        Verdict::Fine => style("✓").green(),
        Verdict::Absent => style("–").dim(),
        Verdict::Limited => style("!").yellow(),
        Verdict::Missing => style("✗").red().bold(),
    }
}

/// The way of this system, or all of them if it is none of these.
fn ways(get: &Get) -> Vec<(&'static str, &'static str)> {
    let all = [
        ("Debian, Ubuntu", get.debian),
        ("Fedora", get.fedora),
        ("macOS", get.macos),
    ];
    match this_system() {
        Some(index) => vec![all[index]],
        None => all.to_vec(),
    }
}

fn this_system() -> Option<usize> {
    if cfg!(target_os = "macos") {
        return Some(2);
    }
    system_of(&std::fs::read_to_string("/etc/os-release").unwrap_or_default())
}

/// Which way fits a Linux that describes itself like this.
fn system_of(os_release: &str) -> Option<usize> {
    let names = os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or(line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim_matches('"').split_whitespace());
    names.into_iter().find_map(|name| match name {
        "debian" | "ubuntu" => Some(0),
        "fedora" | "rhel" => Some(1),
        _ => None,
    })
}

fn verdict_of_all(findings: &[Finding]) -> String {
    let count = |verdict| {
        findings
            .iter()
            .filter(|finding| finding.verdict == verdict)
            .count()
    };
    match (count(Verdict::Missing), count(Verdict::Limited)) {
        (0, 0) => "Nothing is missing that cargo dev needs.".to_owned(),
        (0, 1) => {
            "Nothing is missing that cargo dev needs; one thing is worth a look (!).".to_owned()
        }
        (0, limits) => {
            format!(
                "Nothing is missing that cargo dev needs; {limits} things are worth a look (!)."
            )
        }
        (1, _) => "One thing has to be mended (✗).".to_owned(),
        (missing, _) => format!("{missing} things have to be mended (✗)."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(verdict: Verdict) -> Finding {
        Finding {
            group: Group::Needed,
            subject: "Python",
            verdict,
            found: "3.11.2, /usr/bin/python3".to_owned(),
            needed_for: "the local AWS",
            get: Some(Get {
                debian: "apt-get install python3",
                fedora: "dnf install python3",
                macos: "brew install python",
            }),
        }
    }

    #[test]
    fn what_is_there_is_told_without_how_to_get_it() {
        let text = report(&[finding(Verdict::Fine)]);
        let text = console::strip_ansi_codes(&text);
        assert!(
            text.contains("✓ Python  3.11.2") && text.contains("for the local AWS"),
            "{text}"
        );
        assert!(!text.contains("install"), "{text}");
        assert!(text.contains("Nothing is missing"), "{text}");
    }

    #[test]
    fn what_is_missing_is_told_with_how_to_get_it() {
        let text = report(&[finding(Verdict::Missing), finding(Verdict::Missing)]);
        let text = console::strip_ansi_codes(&text);
        assert!(text.contains("install python"), "{text}");
        assert!(text.contains("2 things have to be mended"), "{text}");
    }

    #[test]
    fn relatives_of_a_system_get_its_way() {
        assert_eq!(
            system_of("NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n"),
            Some(0)
        );
        assert_eq!(
            system_of("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"),
            Some(0)
        );
        assert_eq!(
            system_of("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"),
            Some(1)
        );
        assert_eq!(system_of("ID=alpine\n"), None);
    }
}
