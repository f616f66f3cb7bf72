//! What the database holds of it: tasks of one project, its workspace's settings, and who is in the workspace.

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};

use super::history::What;

/// Quarter hours, the farthest, half an hour of daylight saving time, changes at midnight, a day that may be skipped.
pub const ZONES: [&str; 10] = [
    "UTC",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Australia/Lord_Howe",
    "Europe/Prague",
    "America/New_York",
    "Africa/Cairo",
    "Pacific/Chatham",
    "America/St_Johns",
    "Pacific/Pago_Pago",
];
/// Times that clocks skip or show twice in one of these zones, and others.
pub const TIMES: [&str; 9] = [
    "00:00", "00:30", "01:30", "01:45", "02:00", "02:15", "02:30", "08:00", "23:45",
];
pub const PEOPLE: usize = 3;
/// How far back a change of settings looks for tasks whose reminders it moves: shared/src/queries/workspaces/update.sql.
const MOVED: SignedDuration = SignedDuration::from_hours(48);

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Task {
    pub due: Timestamp,
    pub due_set_at: Timestamp,
    pub done: bool,
    pub assignee: usize,
}

impl Task {
    /// Whether it is due without a time of day.
    pub fn whole_day(&self) -> bool {
        self.due.as_millisecond() % (24 * 60 * 60 * 1000) == 0
    }
}

#[derive(Clone, Debug)]
pub struct World {
    pub tasks: Vec<Option<Task>>,
    pub members: [bool; PEOPLE],
    pub project_over: bool,
    pub zone: usize,
    pub time: usize,
    /// When zone or time last changed.
    pub moved_at: Option<Timestamp>,
}

impl World {
    pub fn new() -> Self {
        Self {
            tasks: Vec::new(),
            members: [true; PEOPLE],
            project_over: false,
            zone: 0,
            time: 0,
            moved_at: None,
        }
    }

    pub fn reminder_time(&self) -> Time {
        TIMES[self.time].parse().expect("a time of day")
    }

    /// Makes a change. Answers the tasks that are to be followed up, as the statements promise it in the outbox.
    pub fn change(&mut self, what: &What, now: Timestamp) -> Vec<usize> {
        match *what {
            What::Create { due, assignee } => {
                self.tasks.push(Some(Task {
                    due: due.on(now),
                    due_set_at: now,
                    done: false,
                    assignee,
                }));
                return vec![self.tasks.len() - 1];
            }
            What::Reschedule { task, due } => {
                let due = due.on(now);
                return self.with(task, |task| {
                    let moved = task.due != due;
                    if moved {
                        task.due_set_at = now;
                    }
                    task.due = due;
                    moved
                });
            }
            What::Done { task, done } => {
                return self.with(task, |task| {
                    std::mem::replace(&mut task.done, done) && !done
                });
            }
            What::Give { task, to } => {
                return self.with(task, |task| std::mem::replace(&mut task.assignee, to) != to);
            }
            What::Delete { task } => {
                if let Some(number) = self.number(task) {
                    self.tasks[number] = None;
                }
            }
            What::Member { person, is } => self.members[person] = is,
            What::Project { over } => self.project_over = over,
            What::Settings { zone, time } => {
                let moved = (zone, time) != (self.zone, self.time);
                (self.zone, self.time) = (zone, time);
                if moved {
                    self.moved_at = Some(now);
                    return self.moved(now);
                }
            }
            What::Night => {}
        }
        Vec::new()
    }

    /// The task that is meant by a number out of a history; none while there are none.
    fn number(&self, task: usize) -> Option<usize> {
        task.checked_rem(self.tasks.len())
    }

    fn with(&mut self, task: usize, change: impl FnOnce(&mut Task) -> bool) -> Vec<usize> {
        let number = self.number(task);
        let found = number.and_then(|number| Some((number, self.tasks[number].as_mut()?)));
        let followed = found.and_then(|(number, task)| change(task).then_some(number));
        followed.into_iter().collect()
    }

    fn moved(&self, now: Timestamp) -> Vec<usize> {
        let is_moved = |task: &Task| !task.done && task.due > now - MOVED && task.whole_day();
        let tasks = self.tasks.iter().enumerate();
        tasks
            .filter(|(_, task)| task.as_ref().is_some_and(is_moved))
            .map(|(number, _)| number)
            .collect()
    }
}
