//! The system: promises, the worker, schedules, the reminders' queue and the nightly comparison, on a virtual clock. What is
//! decided is decided by the functions' own code (`shared::reminders`); only what carries it is imitated.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use jiff::{SignedDuration, Timestamp};
use shared::queue::LONGEST_DELAY;
use shared::reminders::{
    Arrangement, Facts, Verdict, is_to_be_scheduled, may_be_deleted, remind_at,
};

use super::history::{History, Lateness, What};
use super::world::{World, ZONES};

/// Whom a mail reminds of what: the task, the person, and the due date in seconds since the epoch.
pub type Reminded = (usize, usize, i64);

/// Which schedule, by its task and time: its name.
type Schedule = (usize, Timestamp);

/// What happens next. The order of the variants decides nothing: no two fall on one moment by chance, but for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The worker is told of a change.
    Change { task: usize, made_at: Timestamp },
    /// A schedule fires.
    Fires(Schedule),
    /// The reminders function is told of a reminder.
    Reminder(Schedule),
}

/// The system, as a history goes on.
pub struct System<'a> {
    history: &'a History,
    world: World,
    coming: BinaryHeap<Reverse<(Timestamp, u32, Event)>>,
    count: u32,
    weather: usize,
    schedules: BTreeSet<Schedule>,
    sent: BTreeMap<Reminded, Timestamp>,
    dropped: u64,
}

impl<'a> System<'a> {
    /// Runs a history to its end. Answers what was sent and when, and how many reminders were dropped.
    pub fn live(history: &'a History) -> (BTreeMap<Reminded, Timestamp>, u64) {
        let mut system = System {
            history,
            world: World::new(),
            coming: BinaryHeap::new(),
            count: 0,
            weather: 0,
            schedules: BTreeSet::new(),
            sent: BTreeMap::new(),
            dropped: 0,
        };
        for (now, what) in history.dated() {
            system.until(now);
            for task in system.world.change(what, now) {
                let change = Event::Change { task, made_at: now };
                system.deliver(now, change);
            }
            if matches!(what, What::Night) {
                system.night(now);
            }
        }
        system.until(Timestamp::MAX);
        (system.sent, system.dropped)
    }

    /// What comes of itself until then.
    fn until(&mut self, end: Timestamp) {
        while let Some(Reverse((now, _, event))) = self.coming.peek().copied()
            && now <= end
        {
            self.coming.pop();
            match event {
                Event::Change { task, made_at } => self.follow_up(task, made_at, now),
                // One that was deleted does not fire.
                Event::Fires(schedule) => {
                    if self.schedules.remove(&schedule) {
                        self.deliver(now, Event::Reminder(schedule));
                    }
                }
                Event::Reminder(schedule) => self.remind(schedule, now),
            }
        }
    }

    fn next_weather(&mut self) -> u8 {
        let weather = self.history.weather[self.weather % self.history.weather.len()];
        self.weather += 1;
        weather
    }

    /// How late something is, this time.
    fn delay(&mut self) -> SignedDuration {
        let weather = self.next_weather();
        match (self.history.lateness, weather % 8) {
            (Lateness::None, _) | (_, 0..4) => SignedDuration::ZERO,
            (_, 4) => SignedDuration::from_secs(1),
            (_, 5) => SignedDuration::from_mins(5),
            (_, 6) => SignedDuration::from_hours(3),
            (Lateness::Hours, _) => SignedDuration::from_hours(7),
            (Lateness::Days, _) => SignedDuration::from_hours(30),
        }
    }

    fn comes(&mut self, at: Timestamp, event: Event) {
        self.count += 1;
        self.coming.push(Reverse((at, self.count, event)));
    }

    /// A message, sometimes twice.
    fn deliver(&mut self, now: Timestamp, event: Event) {
        let delay = self.delay();
        self.comes(now + delay, event);
        if self.next_weather().is_multiple_of(5) {
            let delay = self.delay();
            self.comes(now + delay, event);
        }
    }

    /// Scheduler may be a little early, and late.
    fn schedule(&mut self, schedule: Schedule, now: Timestamp) {
        if self.schedules.insert(schedule) {
            let fires = match self.next_weather() % 6 {
                0 => schedule.1 - SignedDuration::from_secs(20),
                _ => schedule.1 + self.delay(),
            };
            self.comes(fires.max(now), Event::Fires(schedule));
        }
    }

    fn reminder_of(&self, task: usize) -> Option<Timestamp> {
        let row = self.world.tasks[task]?;
        let zone = ZONES[self.world.zone];
        Some(remind_at(row.due, zone, self.world.reminder_time()))
    }

    fn facts(&self, task: usize) -> Option<Facts<'static>> {
        let row = self.world.tasks[task]?;
        Some(Facts {
            done: row.done,
            project_over: self.world.project_over,
            // As shared/src/queries/task_now/select.sql says it.
            due_set_at: match self.world.moved_at {
                Some(moved) if row.whole_day() => row.due_set_at.max(moved),
                _ => row.due_set_at,
            },
            remind_at: self.reminder_of(task)?,
            address: self.world.members[row.assignee].then_some("somebody@example.com"),
        })
    }

    fn follow_up(&mut self, task: usize, made_at: Timestamp, now: Timestamp) {
        let Some(facts) = self.facts(task) else {
            return;
        };
        let schedule = (task, facts.remind_at);
        match facts.arrangement(made_at, now) {
            Arrangement::Nothing => {}
            Arrangement::Schedule => self.schedule(schedule, now),
            Arrangement::AtOnce => self.deliver(now, Event::Reminder(schedule)),
        }
    }

    fn remind(&mut self, schedule: Schedule, now: Timestamp) {
        let (task, at) = schedule;
        match (self.facts(task), self.world.tasks[task]) {
            (Some(facts), Some(row)) => match facts.verdict(at, now) {
                Verdict::Send(_) => {
                    let reminded = (task, row.assignee, row.due.as_second());
                    self.sent.entry(reminded).or_insert(now);
                }
                Verdict::Wait(remaining) => {
                    let pause = remaining.min(LONGEST_DELAY);
                    let pause = SignedDuration::try_from(pause).expect("minutes");
                    self.comes(now + pause, Event::Reminder(schedule));
                }
                Verdict::TooLate | Verdict::Drop(_) => self.dropped += 1,
            },
            _ => self.dropped += 1,
        }
    }

    fn night(&mut self, now: Timestamp) {
        let open = (0..self.world.tasks.len())
            .filter(|&task| self.world.tasks[task].is_some_and(|row| !row.done));
        let wanted: BTreeSet<Schedule> = open
            .filter_map(|task| Some((task, self.reminder_of(task)?)))
            .collect();
        let wrong: Vec<_> = self.schedules.difference(&wanted).copied().collect();
        let missing: Vec<_> = wanted.difference(&self.schedules).copied().collect();
        for schedule in missing {
            if is_to_be_scheduled(schedule.1, now) {
                self.schedule(schedule, now);
            }
        }
        for schedule in wrong {
            if may_be_deleted(schedule.1, now) {
                self.schedules.remove(&schedule);
            }
        }
    }
}
