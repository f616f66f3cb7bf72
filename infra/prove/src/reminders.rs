//! Reminders over random histories of tasks: see `cairn_tests::reminder_model`.

use cairn_tests::reminder_model;
use uuid::Uuid;

use crate::findings::{Findings, Size};

pub async fn run(size: Size) -> Findings {
    let mut findings = Findings::new();
    let histories = size.pick(10_000, 1_000_000);
    let seed = Uuid::now_v7();
    let ran = tokio::task::spawn_blocking(move || reminder_model::run(histories, seed)).await;
    match ran {
        Ok(Ok(tally)) => {
            findings.did(format!(
                "{histories} random histories of tasks, people, settings and late queues on a virtual clock, through the functions' \
                 own decisions, in ten time zones around their changes of the clock"
            ));
            findings.figure(format!("{} reminders sent", tally.sent));
            findings.figure(format!(
                "{} of them the exact set of an oracle",
                tally.exact
            ));
            findings.figure(format!("{} not wanted any more and dropped", tally.dropped));
            findings.check(tally.exact * 2 > u64::from(histories), || {
                format!("the histories remind too seldom to show anything: {tally:?}")
            });
        }
        Ok(Err(failure)) => findings.fail(format!(
            "CAIRN_HISTORIES_SEED={seed} CAIRN_HISTORIES={histories}: {failure}"
        )),
        Err(error) => findings.fail(error.to_string()),
    }
    findings
}
