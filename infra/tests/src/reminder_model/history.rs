//! What happens to the tasks of a project, and when.

use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

use super::world::{PEOPLE, TIMES, ZONES};

/// Shortly before clocks change in one of the zones, in either direction, and an ordinary day.
const STARTS: [&str; 9] = [
    "2026-03-06T20:00:00.5Z",
    "2026-03-27T20:00:00.5Z",
    "2026-04-03T20:00:00.5Z",
    "2026-04-22T20:00:00.5Z",
    "2026-06-10T09:00:00.5Z",
    "2026-09-25T06:00:00.5Z",
    "2026-10-02T06:00:00.5Z",
    "2026-10-23T20:00:00.5Z",
    "2026-10-30T20:00:00.5Z",
];
const STEPS: std::ops::Range<usize> = 1..25;
const HOUR: i64 = 60 * 60;

/// A due date, from the moment in which it is set.
#[derive(Clone, Copy, Debug)]
pub enum Due {
    /// So many days from today, without a time of day.
    Day(i64),
    /// So many milliseconds from the last full minute.
    At(i64),
}

impl Due {
    pub fn on(self, now: Timestamp) -> Timestamp {
        let now = now.as_second();
        let millis = match self {
            Self::Day(days) => (now.div_euclid(24 * HOUR) + days) * 24 * HOUR * 1000,
            Self::At(millis) => now.div_euclid(60) * 60 * 1000 + millis,
        };
        Timestamp::from_millisecond(millis).expect("an instant of this century")
    }
}

/// A change. The numbers of tasks are taken modulo how many there are.
#[derive(Clone, Copy, Debug)]
pub enum What {
    Create {
        due: Due,
        assignee: usize,
    },
    Reschedule {
        task: usize,
        due: Due,
    },
    Done {
        task: usize,
        done: bool,
    },
    Give {
        task: usize,
        to: usize,
    },
    Delete {
        task: usize,
    },
    Member {
        person: usize,
        is: bool,
    },
    Project {
        over: bool,
    },
    Settings {
        zone: usize,
        time: usize,
    },
    /// Nothing changes; schedules are compared with the database.
    Night,
}

/// How late queues and schedules are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lateness {
    /// Not at all: who is reminded of what follows exactly from the history.
    None,
    /// By hours, and less than a day in all: what stays as it is for a day must remind.
    Hours,
    /// By more than a day: then there may be no reminder.
    Days,
}

#[derive(Clone, Debug)]
pub struct History {
    pub start: Timestamp,
    pub lateness: Lateness,
    /// What queues and schedules make of each message, one after the other and from the start again.
    pub weather: Vec<u8>,
    /// Seconds after the step before it, and what happens then.
    pub steps: Vec<(i64, What)>,
}

impl History {
    /// When each step happens. Always half a second past: nothing falls together with a reminder.
    pub fn dated(&self) -> impl Iterator<Item = (Timestamp, &What)> {
        self.steps.iter().scan(self.start, |now, (after, what)| {
            *now += SignedDuration::from_secs(*after);
            Some((*now, what))
        })
    }
}

fn dues() -> impl Strategy<Value = Due> {
    let past_the_minute = prop_oneof![Just(0_i64), Just(1), Just(500), Just(30_000)];
    prop_oneof![
        4 => (-1_i64..4).prop_map(Due::Day),
        3 => (-60_i64..5 * 24 * 60, past_the_minute.clone()).prop_map(|(minutes, past)| Due::At(minutes * 60_000 + past)),
        2 => (-2_i64..30, past_the_minute).prop_map(|(minutes, past)| Due::At(minutes * 60_000 + past)),
    ]
}

fn changes() -> impl Strategy<Value = What> {
    let (task, person) = (0_usize..3, 0..PEOPLE);
    prop_oneof![
        4 => (dues(), person.clone()).prop_map(|(due, assignee)| What::Create { due, assignee }),
        4 => (task.clone(), dues()).prop_map(|(task, due)| What::Reschedule { task, due }),
        4 => (task.clone(), any::<bool>()).prop_map(|(task, done)| What::Done { task, done }),
        3 => (task.clone(), person.clone()).prop_map(|(task, to)| What::Give { task, to }),
        1 => task.prop_map(|task| What::Delete { task }),
        3 => (person, any::<bool>()).prop_map(|(person, is)| What::Member { person, is }),
        2 => any::<bool>().prop_map(|over| What::Project { over }),
        4 => (0..ZONES.len(), 0..TIMES.len()).prop_map(|(zone, time)| What::Settings { zone, time }),
        2 => Just(What::Night),
    ]
}

pub fn histories() -> impl Strategy<Value = History> {
    let start = proptest::sample::select(STARTS.as_slice())
        .prop_map(|start| start.parse::<Timestamp>().expect("an instant"));
    let lateness = prop_oneof![
        3 => Just(Lateness::None),
        2 => Just(Lateness::Hours),
        1 => Just(Lateness::Days),
    ];
    let after = prop_oneof![3 => 1_i64..120, 3 => 1..6 * HOUR, 2 => 1..48 * HOUR];
    // There is a task from the start.
    let first = (dues(), 0..PEOPLE).prop_map(|(due, assignee)| (1, What::Create { due, assignee }));
    let steps = (first, vec((after, changes()), STEPS)).prop_map(|(first, mut steps)| {
        steps.insert(0, first);
        steps
    });
    (start, lateness, vec(any::<u8>(), 13), steps).prop_map(|(start, lateness, weather, steps)| {
        History {
            start,
            lateness,
            weather,
            steps,
        }
    })
}
