//! Who is to be reminded of what, told from the history alone: between two steps nothing changes, and a reminder whose time
//! comes then is sent if it is wanted then.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::clocks::reminds_at;
use super::history::{History, Lateness};
use super::system::Reminded;
use super::world::{TIMES, World};

/// What is late by less than this in all is sent all the same.
const LATEST: i64 = 24 * 60 * 60;

/// A time in which nothing changes, in milliseconds since the epoch.
struct Period {
    from: i64,
    to: i64,
    world: World,
}

/// The history, in periods.
pub struct Oracle(Vec<Period>);

/// A reminder at its time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Due {
    reminded: Reminded,
    at: i64,
}

impl Period {
    /// The reminder of a task, whenever it comes: who would get it if it came in this period, if anybody.
    fn reminder(&self, task: usize) -> Option<(Due, bool)> {
        let row = (*self.world.tasks.get(task)?)?;
        let at = reminds_at(row.due, self.world.zone, TIMES[self.world.time]);
        let wanted = !row.done && !self.world.project_over && self.world.members[row.assignee];
        let reminded = (task, row.assignee, row.due.as_second());
        Some((Due { reminded, at }, wanted))
    }

    fn holds(&self, second: i64) -> bool {
        self.from < second * 1000 && second * 1000 < self.to
    }
}

impl Oracle {
    pub fn of(history: &History) -> Self {
        let mut world = World::new();
        let mut periods: Vec<Period> = Vec::new();
        for (now, what) in history.dated() {
            let from = now.as_millisecond();
            if let Some(last) = periods.last_mut() {
                last.to = from;
            }
            world.change(what, now);
            periods.push(Period {
                from,
                to: i64::MAX,
                world: world.clone(),
            });
        }
        Self(periods)
    }

    fn tasks(&self) -> usize {
        self.0.last().map_or(0, |last| last.world.tasks.len())
    }

    /// What comes in the very moment in which it is due.
    fn on_time(&self) -> Vec<Due> {
        let mut due = Vec::new();
        for period in &self.0 {
            for task in 0..self.tasks() {
                if let Some((reminder, true)) = period.reminder(task)
                    && period.holds(reminder.at)
                {
                    due.push(reminder);
                }
            }
        }
        due
    }

    /// Whether nothing that matters to this reminder changes for a day, the workspace's settings included: they may be set to
    /// others that give the same time, and it counts as set then.
    fn stays(&self, reminder: Due) -> bool {
        let (from, to) = (reminder.at * 1000, (reminder.at + LATEST) * 1000);
        self.0
            .iter()
            .filter(|period| period.from < to && period.to > from)
            .all(|period| {
                let settings = (period.world.zone, period.world.time);
                settings == self.settings_at(reminder.at)
                    && period.reminder(reminder.reminded.0) == Some((reminder, true))
            })
    }

    fn settings_at(&self, second: i64) -> (usize, usize) {
        let mut periods = self.0.iter();
        let then = periods.find(|period| period.holds(second));
        then.map_or((0, 0), |period| (period.world.zone, period.world.time))
    }

    /// Whether a mail that was sent then was right: wanted at that moment, not early, at most a day late, and its time had not
    /// passed already when it was set.
    fn allows(&self, reminded: Reminded, sent: Timestamp) -> bool {
        let moment = sent.as_millisecond();
        let mut now = self
            .0
            .iter()
            .filter(|period| period.from <= moment && moment <= period.to);
        now.any(|period| {
            let Some((due, true)) = period.reminder(reminded.0) else {
                return false;
            };
            let late = SignedDuration::from_millis(moment - due.at * 1000);
            let known_before = self.0.iter().any(|before| {
                before.from < due.at * 1000
                    && before.reminder(reminded.0).is_some_and(|(known, _)| {
                        known.at == due.at && known.reminded.2 == reminded.2
                    })
            });
            due.reminded == reminded
                && !late.is_negative()
                && late.as_secs() <= LATEST
                && known_before
        })
    }

    /// What is wrong with what was sent, if anything.
    pub fn judge(
        &self,
        lateness: Lateness,
        sent: &BTreeMap<Reminded, Timestamp>,
    ) -> Result<(), String> {
        let on_time = self.on_time();
        for reminder in &on_time {
            let must = match lateness {
                Lateness::None => true,
                Lateness::Hours => self.stays(*reminder),
                Lateness::Days => false,
            };
            if must && !sent.contains_key(&reminder.reminded) {
                return Err(format!("not sent: {reminder:?}"));
            }
        }
        for (&reminded, &at) in sent {
            let right = match lateness {
                Lateness::None => on_time
                    .iter()
                    .any(|due| due.reminded == reminded && due.at * 1000 == at.as_millisecond()),
                Lateness::Hours | Lateness::Days => self.allows(reminded, at),
            };
            if !right {
                return Err(format!("sent at {at}, and should not be: {reminded:?}"));
            }
        }
        Ok(())
    }
}
