//! Two stages in one account share no name.

use serde_yaml_ng::Value;

use super::template;

/// Properties that end in `Name` and name nothing that an account has only one of.
const NOT_UNIQUE: [(&str, &str); 2] = [
    ("AWS::ApiGatewayV2::Stage", "StageName"),
    ("AWS::CloudWatch::Alarm", "MetricName"),
];

/// A reference to something else of the stack, which has its own name.
fn is_reference(value: &Value) -> bool {
    matches!(value, Value::Tagged(tagged) if tagged.tag == "Ref" || tagged.tag == "GetAtt")
}

fn is_of_one_stage(value: &Value) -> bool {
    matches!(value, Value::Tagged(tagged)
        if tagged.tag == "Sub" && tagged.value.as_str().is_some_and(|text| text.contains("${StageName}")))
}

#[test]
fn every_name_is_of_one_stage() {
    let template = template();
    let mut named = 0;
    for (id, resource) in template["Resources"].as_mapping().expect("resources") {
        let (id, kind) = (
            id.as_str().expect("an id"),
            resource["Type"].as_str().expect("a type"),
        );
        for (property, value) in resource["Properties"].as_mapping().into_iter().flatten() {
            let property = property.as_str().expect("a property");
            if !property.ends_with("Name")
                || NOT_UNIQUE.contains(&(kind, property))
                || is_reference(value)
            {
                continue;
            }
            named += 1;
            assert!(
                is_of_one_stage(value),
                "{property} of {id} in template.yaml needs ${{StageName}}: two stages could not live in one account"
            );
        }
    }
    assert!(named > 60, "only {named} names");
}

#[test]
fn nothing_is_exported_to_other_stacks() {
    let template = template();
    for (name, output) in template["Outputs"].as_mapping().expect("outputs") {
        let export = output.get("Export");
        assert!(
            export.is_none(),
            "{name:?}: exported names are an account's, not a stack's"
        );
    }
}
