//! What was installed and built under `target/`.

use cairn_dev::functions;
use cairn_dev::places::Places;
use cairn_dev::python::{Installed, Python};
use cairn_dev::tokens::SigningKey;
use cairn_dev::webhooks::WebhookSecret;

use super::finding::{Finding, Group, Verdict};

/// All of it. What is not there yet is made by the next start, so nothing here is missed.
pub async fn look(places: &Places) -> Vec<Finding> {
    vec![
        python(places).await,
        functions(places),
        development_keys(places),
    ]
}

fn finding(subject: &'static str, verdict: Verdict, found: impl Into<String>) -> Finding {
    Finding::new(Group::UnderTarget, subject, verdict, found)
}

async fn python(places: &Places) -> Finding {
    let (verdict, found) = match Python::installed(places).await {
        Installed::Whole => (Verdict::Fine, "all installed"),
        Installed::Stale => (
            Verdict::Absent,
            "not as they should be; installed again by the next start",
        ),
        Installed::Not => (Verdict::Absent, "installed by the next start"),
    };
    finding("Python packages", verdict, found)
}

fn functions(places: &Places) -> Finding {
    let names = match functions::names(places) {
        Ok(names) => names,
        Err(problem) => return finding("Functions", Verdict::Missing, format!("{problem:#}")),
    };
    let built = |name: &&String| places.functions().join(name).is_file();
    let (all, built) = (names.len(), names.iter().filter(built).count());
    if built == all {
        finding("Functions", Verdict::Fine, format!("all {all} are built"))
    } else {
        let sentence = format!("{built} of {all} are built, the others by the next start");
        finding("Functions", Verdict::Absent, sentence)
    }
}

/// They are made once; a file that was damaged has to go before there can be a new one.
fn development_keys(places: &Places) -> Finding {
    let (key, secret) = (places.signing_key(), places.webhook_secret());
    let key_reads = !key.exists() || SigningKey::load_or_create(&key).is_ok();
    let secret_reads = !secret.exists()
        || std::fs::read_to_string(&secret)
            .is_ok_and(|text| WebhookSecret::parse(text.trim()).is_ok());
    let damaged = [(key_reads, &key), (secret_reads, &secret)]
        .into_iter()
        .find_map(|(reads, path)| (!reads).then_some(path));
    match damaged {
        Some(path) => finding(
            "Keys",
            Verdict::Missing,
            format!(
                "{} is damaged: remove it, and a new one is made",
                path.display()
            ),
        ),
        None if key.exists() && secret.exists() => {
            finding("Keys", Verdict::Fine, "those of development are there")
        }
        None => finding("Keys", Verdict::Absent, "made by the next start"),
    }
}
