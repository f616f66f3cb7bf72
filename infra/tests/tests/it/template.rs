//! What template.yaml must hold and no validator knows.

use std::collections::BTreeSet;
use std::path::Path;

use serde_yaml_ng::Value;

/// Parameters that functions name but that change nothing in a version of one: names of things, and how versions roll out.
const NOT_CONFIGURATION: [&str; 2] = ["StageName", "GradualDeployment"];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn template() -> Value {
    let text = std::fs::read_to_string(root().join("template.yaml")).expect("template.yaml");
    serde_yaml_ng::from_str(&text).expect("template.yaml is YAML")
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
