//! The `OpenAPI` document: that it is current, and true.

mod examples;
mod refusals;

use serde_json::{Map, Value};

#[test]
fn the_committed_document_is_what_the_code_describes() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.json");
    let committed = std::fs::read_to_string(file).expect("infra/openapi.json is there");
    assert!(
        committed == cairn_tests::openapi::document(),
        "infra/openapi.json is not current: run `cargo dev openapi` and commit what it writes"
    );
}

#[test]
fn the_newest_entry_of_the_changelog_is_about_the_version_of_the_document() {
    let document = document();
    let version = document["info"]["version"].as_str().expect("a version");
    let parts: Vec<_> = version.split('.').map(str::parse::<u32>).collect();
    assert!(
        parts.len() == 3 && parts.iter().all(Result::is_ok),
        "{version} is not like 1.2.3"
    );
    let newest = shared::openapi::CHANGELOG
        .lines()
        .find_map(|line| line.strip_prefix("### "))
        .expect("an entry");
    assert!(
        newest.starts_with(&format!("{version} (")),
        "docs/api-changelog.md begins with {newest}, and shared/src/openapi says {version}: say in the changelog what is new, \
         and give both the same version"
    );
    let description = document["info"]["description"].as_str().expect("a text");
    assert!(
        description.contains(newest),
        "the changelog is in the document"
    );
}

/// The document.
fn document() -> Value {
    serde_json::from_str(&cairn_tests::openapi::document()).expect("JSON")
}

/// An operation of the document.
struct Operation<'d> {
    /// As in the tables of rights and of round trips: `METHOD /path/{parameter}`.
    name: String,
    described: &'d Value,
}

/// All operations of the document.
fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object().expect("paths");
    let operations: Vec<_> = paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flat_map(Map::iter);
            methods.map(move |(method, described)| Operation {
                name: format!("{} {path}", method.to_uppercase()),
                described,
            })
        })
        .collect();
    assert!(
        operations.len() > 30,
        "only {} operations",
        operations.len()
    );
    operations
}

impl<'d> Operation<'d> {
    fn parameters(&self) -> impl Iterator<Item = &'d Value> {
        self.described["parameters"]
            .as_array()
            .into_iter()
            .flatten()
    }

    /// What is described of the JSON body that it takes.
    fn body(&self) -> Option<&'d Value> {
        let body = self.described.get("requestBody")?;
        Some(&body["content"]["application/json"])
    }

    /// What is described of its answers, by status: their content by its type.
    fn answers(&self, document: &'d Value) -> Vec<(&'d str, &'d Map<String, Value>)> {
        let responses = self.described["responses"].as_object().expect("responses");
        responses
            .iter()
            .map(|(status, response)| {
                let response = match response["$ref"].as_str() {
                    Some(reference) => document
                        .pointer(reference.trim_start_matches('#'))
                        .unwrap_or_else(|| panic!("{reference} leads nowhere")),
                    None => response,
                };
                let content = response["content"].as_object();
                let content =
                    content.unwrap_or_else(|| panic!("{}: {status} has no content", self.name));
                (status.as_str(), content)
            })
            .collect()
    }
}

/// The examples of a body or an answer: its only one, or several with their names.
fn examples(content: &Value) -> Vec<&Value> {
    let several = content["examples"]
        .as_object()
        .into_iter()
        .flat_map(Map::values);
    content
        .get("example")
        .into_iter()
        .chain(several.map(|example| &example["value"]))
        .collect()
}
