//! How much one person can make the system keep, send and tell in a day, so that a stranger who signed up can neither fill the
//! database, nor have mails sent to others for ever, nor try out who has an account. Far beyond what people do by hand.
//!
//! The statements that write count it in `daily_use`, and refuse when a day's share is used up; a day is one of UTC. What is
//! refused for another reason does not count, and neither does a repetition with the same `Idempotency-Key`.

use jiff::Timestamp;

/// Workspaces made. Whoever deletes one has made it all the same: a deletion leaves a trace.
pub const WORKSPACES: i32 = 20;
/// Addresses looked up to add somebody, to a workspace or from outside of it to a project. Also those that nobody has: the
/// answer tells whether there is an account.
pub const ADDITIONS: i32 = 200;
/// Projects, tasks and comments written.
pub const WRITINGS: i32 = 2_000;
/// Tasks given to somebody, put off or taken up again: each may mean two mails, one of them by way of a schedule.
pub const FOLLOW_UPS: i32 = 2_000;
/// Changes of a workspace's time zone or reminder time: each has all its tasks looked at again.
pub const MOVES: i32 = 20;

/// Seconds in a day of UTC.
const DAY: i64 = 24 * 60 * 60;

/// How long until the next day begins, and with it another share: 1 to 86,400 seconds.
pub(crate) fn seconds_to_tomorrow(now: Timestamp) -> i64 {
    DAY - now.as_second().rem_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use super::seconds_to_tomorrow;

    #[test]
    fn a_share_comes_back_when_the_day_is_over() {
        let left = |at: &str| seconds_to_tomorrow(at.parse().expect("a time"));
        assert_eq!(left("2026-02-28T00:00:00Z"), 86_400);
        assert_eq!(left("2026-02-28T23:59:59.999Z"), 1);
        assert_eq!(left("1969-12-31T23:00:00Z"), 3_600);
    }
}
