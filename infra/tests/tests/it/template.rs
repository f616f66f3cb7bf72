//! What template.yaml must hold and no validator knows.

use std::collections::BTreeSet;
use std::path::Path;

use serde_yaml_ng::Value;

mod alarms;
mod dashboard;
mod names;
mod parameters;
mod permissions;
mod queues;

/// Parameters that functions name but that change nothing in a version of one: names of things, how versions roll out, and how
/// many requests all versions together may serve.
const NOT_CONFIGURATION: [&str; 3] = ["StageName", "GradualDeployment", "ApiConcurrency"];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn template() -> Value {
    let text = std::fs::read_to_string(root().join("template.yaml")).expect("template.yaml");
    serde_yaml_ng::from_str(&text).expect("template.yaml is YAML")
}

/// Whether a metric of this name is counted: whether its name stands somewhere in the code of the functions.
fn counted_metrics() -> impl Fn(&str) -> bool {
    let mut sources = String::new();
    let mut folders = vec![root().join("functions"), root().join("shared/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources += &std::fs::read_to_string(path).expect("a source file");
            }
        }
    }
    move |metric| sources.contains(&format!("\"{metric}\""))
}

/// The resources of SAM's type for functions, by name.
fn functions(template: &Value) -> Vec<(&str, &Value)> {
    let resources = template["Resources"].as_mapping().expect("resources");
    let functions = resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
    functions
        .map(|(name, resource)| (name.as_str().expect("a name"), resource))
        .collect()
}

/// Every text in `value`, at any depth.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Sequence(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Mapping(values) => values.values().for_each(|value| texts(value, found)),
        Value::Tagged(tagged) => texts(&tagged.value, found),
        _ => {}
    }
}

/// The parameters, and the conditions made of them, that `value` refers to.
fn parameters_in(value: &Value, template: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    texts(value, &mut found);
    let parameters = template["Parameters"]
        .as_mapping()
        .expect("parameters")
        .keys();
    let named = |name: &str| {
        let substituted = format!("${{{name}}}");
        found
            .iter()
            .any(|text| text == name || text.contains(&substituted))
    };
    parameters
        .filter_map(Value::as_str)
        .filter(|name| named(name))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_change_of_any_parameter_reaches_the_functions() {
    let template = template();
    let fingerprinted = parameters_in(
        &template["Resources"]["Migrations"]["Properties"]["Configuration"],
        &template,
    );
    let mut used = parameters_in(&template["Globals"], &template);
    for (_, function) in functions(&template) {
        used.extend(parameters_in(&function["Properties"], &template));
    }
    used.retain(|parameter| !NOT_CONFIGURATION.contains(&parameter.as_str()));
    assert!(
        used.contains("DatabaseUrl") && used.contains("ClerkIssuer"),
        "{used:?}"
    );

    let missing: Vec<_> = used.difference(&fingerprinted).collect();
    assert!(
        missing.is_empty(),
        "Add {missing:?} to the Configuration of the resource Migrations in template.yaml: without it a deployment that \
         changes only this parameter publishes no version, and the alias keeps the old configuration."
    );
}

#[test]
fn every_function_that_serves_requests_is_published_with_the_configuration() {
    for (name, function) in functions(&template()) {
        if name == "MigrateFunction" {
            continue;
        }
        let properties = &function["Properties"];
        let mut description = BTreeSet::new();
        texts(&properties["Description"], &mut description);
        let described = description
            .iter()
            .any(|text| text.contains("${Migrations.Configuration}"));
        let mut version = BTreeSet::new();
        texts(&properties["VersionDescription"], &mut version);
        assert!(
            described && version.contains("Migrations.Configuration"),
            "{name} needs Migrations.Configuration in Description (so that Lambda sees a change) and as VersionDescription (so \
             that CloudFormation does), like the functions beside it in template.yaml"
        );
    }
}

/// The resources of a type, by name.
fn resources<'t>(template: &'t Value, kind: &str) -> Vec<(&'t str, &'t Value)> {
    let resources = template["Resources"].as_mapping().expect("resources");
    let of_kind = resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == kind);
    of_kind
        .map(|(name, resource)| (name.as_str().expect("a name"), &resource["Properties"]))
        .collect()
}

/// The resource that a property like `!GetAtt TaskQueue.Arn` or `!Ref WorkerFunction.Alias` is of.
fn named_resource(property: &Value) -> String {
    let mut found = BTreeSet::new();
    texts(property, &mut found);
    let named = found.first().expect("a reference names a resource");
    named.split('.').next().unwrap_or_default().to_owned()
}

#[test]
fn every_package_of_functions_is_deployed() {
    let template = template();
    let deployed: BTreeSet<_> = functions(&template)
        .into_iter()
        .filter_map(|(_, function)| function["Metadata"]["BuildProperties"]["Binary"].as_str())
        .map(str::to_owned)
        .collect();
    let packages: BTreeSet<_> = std::fs::read_dir(root().join("functions"))
        .expect("functions/")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    assert_eq!(
        deployed, packages,
        "template.yaml (left) and functions/ (right) differ"
    );
}
