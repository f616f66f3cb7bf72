//! Reminders over random histories of tasks: see `cairn_tests::reminder_model`.

use cairn_tests::reminder_model;
use uuid::Uuid;

use crate::findings::Findings;
use crate::settings::Settings;

pub async fn run(settings: Settings) -> Findings {
    let mut findings = Findings::new();
    let histories = settings.pick(10_000, 1_000_000);
    let seed = Uuid::from_u128(settings.seed.into());
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
        Ok(Err(failure)) => findings.fail(failure),
        Err(error) => findings.fail(error.to_string()),
    }
    findings
}
