//! What is decided about a reminder, from facts alone: nothing here asks anybody, or looks at a clock.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::LATEST;

/// How long a schedule whose time has come is left alone: Scheduler still tries to put the reminder on its queue.
const FIRING: SignedDuration = SignedDuration::from_hours(25);

/// What of a task its reminder depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Whether there is nothing left to do.
    pub done: bool,
    /// Whether the project is completed or cancelled.
    pub project_over: bool,
    /// When the due date got its present value, or the workspace's settings moved its reminder.
    pub due_set_at: Timestamp,
    /// When the reminder is due: see [`super::remind_at`].
    pub remind_at: Timestamp,
    /// The assignee's address, if mail may go there.
    pub address: Option<&'a str>,
}

/// How a change of a task sees to its reminder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// There is to be a schedule for it. Where its time passes on the way, it is sent at once instead.
    Schedule,
    /// It is sent at once: its time passed while the change was waiting for its turn.
    AtOnce,
    /// There is none, or none any more.
    Nothing,
}

/// What is to be done about a reminder whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It is wanted and due, at this address.
    Send(&'a str),
    /// It is wanted, but not yet.
    Wait(Duration),
    /// It would have been wanted long ago.
    TooLate,
    /// It is not wanted, for this reason.
    Drop(&'static str),
}

impl<'a> Facts<'a> {
    /// How the reminder is seen to after a change that was made at `changed_at`. A due time that had passed when it was set, or
    /// when the change was made, does not remind; one that passed since then, while a queue was down, still does.
    pub fn arrangement(&self, changed_at: Timestamp, now: Timestamp) -> Arrangement {
        let at = self.remind_at;
        if self.done {
            Arrangement::Nothing
        } else if at > now {
            Arrangement::Schedule
        } else if at <= changed_at.max(self.due_set_at) || now.duration_since(at) > LATEST {
            Arrangement::Nothing
        } else {
            Arrangement::AtOnce
        }
    }

    /// What becomes of a reminder for `remind_at` that fires now. The project is looked at here only: it may be opened again,
    /// and nothing else would arrange the reminders of its tasks then.
    pub fn verdict(&self, remind_at: Timestamp, now: Timestamp) -> Verdict<'a> {
        let late = now.duration_since(remind_at);
        if self.done {
            Verdict::Drop("the task is done")
        } else if self.remind_at != remind_at {
            Verdict::Drop("the task is due at another time")
        } else if late.is_negative() {
            // Before what may have changed back by then without anybody arranging the reminder again.
            Verdict::Wait(late.unsigned_abs())
        } else if self.project_over {
            Verdict::Drop("the project is over")
        } else if late > LATEST {
            Verdict::TooLate
        } else {
            self.address.map_or(
                Verdict::Drop("no mail may go to the assignee"),
                Verdict::Send,
            )
        }
    }
}

/// Whether a schedule for `at` that matches no task may be taken away: not while it may be firing.
pub fn may_be_deleted(at: Timestamp, now: Timestamp) -> bool {
    at > now || now.duration_since(at) > FIRING
}

/// Whether a reminder that has no schedule is to get one.
pub fn is_to_be_scheduled(at: Timestamp, now: Timestamp) -> bool {
    at > now
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::constant(1_800_000_000, 0);
    const SECOND: SignedDuration = SignedDuration::from_secs(1);

    fn facts() -> Facts<'static> {
        Facts {
            done: false,
            project_over: false,
            due_set_at: AT - SignedDuration::from_hours(48),
            remind_at: AT,
            address: Some("ann@example.com"),
        }
    }

    #[test]
    fn what_is_to_come_is_scheduled_and_what_just_passed_is_sent_at_once() {
        let set = facts().due_set_at;
        let arranged = |now| facts().arrangement(set, now);
        assert_eq!(arranged(AT - SECOND), Arrangement::Schedule);
        assert_eq!(arranged(AT), Arrangement::AtOnce);
        assert_eq!(arranged(AT + LATEST), Arrangement::AtOnce);
        assert_eq!(arranged(AT + LATEST + SECOND), Arrangement::Nothing);
    }

    #[test]
    fn what_had_passed_when_it_was_set_or_changed_does_not_remind() {
        let late = AT + SECOND;
        let before = AT - SECOND;
        assert_eq!(facts().arrangement(before, late), Arrangement::AtOnce);
        assert_eq!(facts().arrangement(AT, late), Arrangement::Nothing);
        let set_then = Facts {
            due_set_at: AT,
            ..facts()
        };
        assert_eq!(set_then.arrangement(before, late), Arrangement::Nothing);
        let done = Facts {
            done: true,
            ..facts()
        };
        assert_eq!(done.arrangement(before, before), Arrangement::Nothing);
    }

    #[test]
    fn a_reminder_that_fires_is_looked_at_again() {
        let verdict = |facts: Facts<'static>| facts.verdict(AT, AT);
        assert_eq!(verdict(facts()), Verdict::Send("ann@example.com"));
        let changes: [(fn(&mut Facts<'_>), _); 4] = [
            (|facts| facts.done = true, "the task is done"),
            (
                |facts| facts.remind_at += SECOND,
                "the task is due at another time",
            ),
            (|facts| facts.project_over = true, "the project is over"),
            (
                |facts| facts.address = None,
                "no mail may go to the assignee",
            ),
        ];
        for (change, reason) in changes {
            let mut other = facts();
            change(&mut other);
            assert_eq!(verdict(other), Verdict::Drop(reason));
        }
    }

    #[test]
    fn a_reminder_waits_for_its_time_and_comes_a_day_late_at_most() {
        let verdict = |now| facts().verdict(AT, now);
        assert_eq!(
            verdict(AT - SECOND * 90),
            Verdict::Wait(Duration::from_secs(90))
        );
        let over_for_now = Facts {
            project_over: true,
            address: None,
            ..facts()
        };
        assert_eq!(
            over_for_now.verdict(AT, AT - SECOND),
            Verdict::Wait(Duration::from_secs(1))
        );
        assert_eq!(verdict(AT + LATEST), Verdict::Send("ann@example.com"));
        assert_eq!(verdict(AT + LATEST + SECOND), Verdict::TooLate);
    }

    #[test]
    fn a_schedule_that_is_firing_is_left_alone() {
        assert!(may_be_deleted(AT, AT - SECOND));
        assert!(!may_be_deleted(AT, AT));
        assert!(!may_be_deleted(AT, AT + FIRING));
        assert!(may_be_deleted(AT, AT + FIRING + SECOND));
        assert!(is_to_be_scheduled(AT, AT - SECOND));
        assert!(!is_to_be_scheduled(AT, AT));
    }
}
