//! The refusals that the document names: those that there are, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cairn_tests::operations::request;
use cairn_tests::{TestApp, World};
use regex::Regex;
use serde_json::Value;
use shared::Refusal;

use super::{Operation, document, examples, operations};

#[test]
fn every_rule_that_a_groups_statements_know_is_named_by_an_operation_of_the_group() {
    let document = document();
    let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for operation in operations(&document) {
        let group = operation.described["tags"][0].as_str().expect("a tag");
        let responses = operation.described["responses"].as_object();
        for response in responses
            .into_iter()
            .flatten()
            .map(|(_, response)| response)
        {
            let content = &response["content"]["application/json"];
            let rules = content["examples"].as_object().into_iter().flatten();
            named
                .entry(group)
                .or_default()
                .extend(rules.map(|(rule, _)| rule.as_str()));
        }
    }
    let mut missing = Vec::new();
    let mut known = 0;
    for (group, named) in &named {
        for (file, rule) in rules_of(group) {
            known += 1;
            if !named.contains(rule.as_str()) {
                missing.push(format!("{rule} of {file}"));
            }
        }
    }
    assert!(
        known > 40,
        "only {known} rules were found in the statements"
    );
    assert!(
        missing.is_empty(),
        "add them to the `examples` of the responses of the operations that they may refuse: {missing:?}"
    );
}

/// The rules that stand in the statements of a group.
fn rules_of(group: &str) -> Vec<(String, String)> {
    let queries = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/src/queries");
    let Ok(folder) = std::fs::read_dir(queries.join(group)) else {
        return Vec::new();
    };
    let word = Regex::new("'([a-z_]+)'").expect("a pattern");
    let files = folder.map(|entry| entry.expect("a file").path());
    let statements = files.filter(|path| path.extension().is_some_and(|end| end == "sql"));
    statements
        .flat_map(|path| {
            let text = std::fs::read_to_string(&path).expect("a statement");
            let rules: BTreeSet<String> = word
                .captures_iter(&text)
                .map(|found| found[1].to_owned())
                // The answer to somebody who was deleted is that of a wrong token, which all operations share.
                .filter(|name| Refusal::named(name).is_some() && name != "unauthorized")
                .collect();
            rules
                .into_iter()
                .map(move |rule| (path.display().to_string(), rule))
        })
        .collect()
}

#[tokio::test]
async fn whoever_is_refused_reads_what_the_document_says() {
    let document = document();
    let app = TestApp::shared().await;
    let (world, other) = (
        World::create(app.database()).await,
        World::create(app.database()).await,
    );
    let people = [
        None,
        Some(&other.lead),
        Some(&world.workspace_member),
        Some(&world.project_member),
    ];
    let mut problems = Vec::new();
    let mut refused = 0;
    for operation in operations(&document) {
        // A comment is its author's to delete, and then nobody else's to be refused.
        if operation.name.starts_with("DELETE /api/comments") {
            continue;
        }
        for person in people {
            let mut request = request(&app, &world, &operation.name);
            if let Some(person) = person {
                request = request.token(&app.token(person));
            }
            let answer = request.await;
            if answer.status.is_success() {
                continue;
            }
            refused += 1;
            let body = answer.json();
            if !shown(&operation, answer.status.as_str(), &document).contains(&&body) {
                problems.push(format!("is not in the document: {answer}"));
            }
        }
    }
    assert!(refused > 80, "only {refused} were refused");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn shown<'d>(operation: &Operation<'d>, status: &str, document: &'d Value) -> Vec<&'d Value> {
    let answers = operation.answers(document);
    let of_status = answers
        .into_iter()
        .filter(|(described, _)| *described == status);
    of_status
        .flat_map(|(_, content)| content.values())
        .flat_map(examples)
        .collect()
}
