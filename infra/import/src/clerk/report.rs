//! What a run did, in numbers and ids.

use std::fmt;

use super::Kind;

/// What became of the objects of each kind.
#[derive(Default)]
pub struct Report {
    users: Tally,
    organizations: Tally,
    memberships: Tally,
    /// Organizations that were deleted through our API and still are at Clerk.
    pub deleted_here: Vec<String>,
    /// Why nobody looked what is missing, if nobody did.
    pub not_compared: Option<String>,
}

/// What became of the objects of one kind.
#[derive(Default)]
pub struct Tally {
    /// At Clerk.
    pub seen: usize,
    /// Were news here.
    pub changed: usize,
    /// Were known as they are, or something newer.
    pub unchanged: usize,
    pub unreadable: Vec<String>,
    pub failed: Vec<String>,
    /// Are here and not at Clerk.
    pub missing: Vec<String>,
    /// Those that were deleted here.
    pub removed: usize,
    /// What Clerk counts beyond those that were seen.
    pub overlooked: usize,
}

impl Report {
    pub fn of(&mut self, kind: Kind) -> &mut Tally {
        match kind {
            Kind::User => &mut self.users,
            Kind::Organization => &mut self.organizations,
            Kind::Membership => &mut self.memberships,
        }
    }

    fn tallies(&self) -> [(Kind, &Tally); 3] {
        [
            (Kind::User, &self.users),
            (Kind::Organization, &self.organizations),
            (Kind::Membership, &self.memberships),
        ]
    }

    /// Whether the database follows Clerk now, but for what is missing there and was only to be reported.
    pub fn is_complete(&self) -> bool {
        self.not_compared.is_none()
            && self.tallies().iter().all(|(_, tally)| {
                tally.unreadable.is_empty() && tally.failed.is_empty() && tally.overlooked == 0
            })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<14}{:>9}{:>9}{:>11}{:>12}{:>8}{:>9}{:>9}",
            "", "seen", "changed", "unchanged", "unreadable", "failed", "missing", "removed"
        )?;
        for (kind, tally) in self.tallies() {
            writeln!(
                f,
                "{:<14}{:>9}{:>9}{:>11}{:>12}{:>8}{:>9}{:>9}",
                kind.plural(),
                tally.seen,
                tally.changed,
                tally.unchanged,
                tally.unreadable.len(),
                tally.failed.len(),
                tally.missing.len(),
                tally.removed
            )?;
        }
        for (kind, tally) in self.tallies() {
            let kind = kind.plural();
            for (what, lines) in [
                ("unreadable", &tally.unreadable),
                ("failed", &tally.failed),
                ("missing at Clerk", &tally.missing),
            ] {
                for line in lines {
                    writeln!(f, "{what}, {kind}: {line}")?;
                }
            }
            if tally.overlooked > 0 {
                let more = tally.overlooked;
                writeln!(f, "{kind}: Clerk counts {more} more than it lists")?;
            }
        }
        for id in &self.deleted_here {
            writeln!(f, "deleted here and still at Clerk, organizations: {id}")?;
        }
        if let Some(why) = &self.not_compared {
            writeln!(f, "{why}")?;
        }
        Ok(())
    }
}
