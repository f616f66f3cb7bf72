//! The database is killed, restarted, paused, cut off, made read-only, filled up and slowed down while clients read and write. They
//! get what they ask for or a 503 that says when to come back, and soon after the end of it all is as before; nothing is half
//! written, no connection is left over, no function is stuck.

mod aftermath;
mod disk;
mod fault;
mod site;
mod traffic;

use std::time::Duration;

use self::fault::{FAULTS, Fault};
use self::site::Site;
use self::traffic::{Answered, Phase};
use crate::findings::Findings;
use crate::settings::Settings;

/// API Gateway and the functions give up after 10 s: an answer of the function's own has to come before.
const IN_TIME: Duration = Duration::from_secs(9);
/// How soon after the end of a fault every function works again.
const RECOVERED: Duration = Duration::from_secs(2);

/// What was seen over all faults.
#[derive(Default)]
struct Sums {
    answers: usize,
    unavailable: usize,
    slowest: Duration,
    recovery: Duration,
}

pub async fn run(settings: Settings) -> Findings {
    let mut findings = Findings::new();
    let mut place = match Site::start().await {
        Ok(place) => place,
        Err(error) => {
            findings.fail(format!("{error:#}"));
            return findings;
        }
    };
    let mut sums = Sums::default();
    let rounds = settings.pick(1, 5);
    for _ in 0..rounds {
        for fault in FAULTS {
            if fault == Fault::DiskFull && place.disk.is_none() {
                continue;
            }
            let (answers, recovery) = place.suffer(fault).await;
            judge(fault, &answers, recovery, &mut sums, &mut findings);
            let left = place.connections_left().await;
            findings.check(left.is_none(), || {
                format!("{fault:?}: {} connections", left.unwrap_or_default())
            });
        }
    }
    place.compare(&mut findings).await;
    let without_disk = if place.disk.is_none() {
        " (a full disk was left out: it takes the right to mount one)"
    } else {
        ""
    };
    findings.did(format!(
        "{rounds} × the database killed (SIGKILL), restarted, paused for 2 s and for 8 s (SIGSTOP), connections cut, read-only, disk full, \
         slow by 0.3 s and by 7 s, under reads and writes of all functions{without_disk}"
    ));
    findings.figure(format!(
        "{} answers, of which {} were 503 with Retry-After and the others as always",
        sums.answers, sums.unavailable
    ));
    findings.figure(format!(
        "the slowest answer after {:.1} s",
        sums.slowest.as_secs_f64()
    ));
    findings.figure(format!(
        "all functions work {:.2} s after the end of a fault at the latest",
        sums.recovery.as_secs_f64()
    ));
    findings
}

fn judge(
    fault: Fault,
    answers: &[Answered],
    recovery: Option<Duration>,
    sums: &mut Sums,
    findings: &mut Findings,
) {
    for answer in answers {
        sums.answers += 1;
        sums.unavailable += usize::from(answer.unavailable());
        sums.slowest = sums.slowest.max(answer.took);
        let told = || format!("{fault:?}: {answer:?}");
        findings.check(answer.succeeded() || answer.unavailable(), told);
        findings.check(answer.took < IN_TIME, told);
        if answer.begun == Phase::During && answer.ended == Phase::During {
            match fault.allows(answer.writes) {
                Some(true) => findings.check(answer.succeeded(), told),
                Some(false) => findings.check(answer.unavailable(), told),
                None => {}
            }
        }
    }
    let refused = answers.iter().any(Answered::unavailable);
    findings.check(refused || !fault.refuses_something(), || {
        format!("{fault:?} was not noticed by anybody")
    });
    match recovery {
        Some(recovery) if recovery <= RECOVERED => sums.recovery = sums.recovery.max(recovery),
        late => findings.fail(format!("{fault:?}: all functions work after {late:?} only")),
    }
}
