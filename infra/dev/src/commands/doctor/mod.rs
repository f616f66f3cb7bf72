//! `doctor`: whether this machine has what the local system needs, and whether what runs answers.

mod finding;
mod machine;
mod network;
mod pieces;
mod programs;
mod running;

use std::process::ExitCode;

use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use cairn_dev::settings::Settings;

use finding::{Finding, Group, Verdict};

/// Looks at everything and prints what was found.
pub async fn run(json: bool) -> anyhow::Result<ExitCode> {
    let places = Places::find();
    let settings = Settings::from_env();
    let step = Progress::new().step("Looking around");
    let findings = Box::pin(look(&places, &settings)).await;
    drop(step);
    if json {
        println!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        print!("{}", finding::report(&findings));
    }
    let well = findings
        .iter()
        .all(|finding| finding.verdict != Verdict::Missing);
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn look(places: &Places, settings: &anyhow::Result<Settings>) -> Vec<Finding> {
    let (programs, network, machine, running) = tokio::join!(
        programs::look(places),
        network::look(places),
        machine::look(places, settings),
        running::look(places),
    );
    let mut findings = programs;
    findings.push(network);
    findings.extend(machine);
    findings.extend(pieces::look(places).await);
    findings.extend(running);
    findings.sort_by_key(|finding| Group::ALL.iter().position(|group| *group == finding.group));
    findings
}
