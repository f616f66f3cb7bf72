//! Alarms: whom they tell, what they watch, and what they undo.

use std::collections::BTreeSet;

use serde_yaml_ng::Value;

use super::{counted_metrics, functions, named_resource, resources, root, template, texts};

/// The metrics of an alarm: its own, or those that its expression is made of.
fn metrics(alarm: &Value) -> Vec<&Value> {
    match alarm["Metrics"].as_sequence() {
        None => vec![alarm],
        Some(metrics) => metrics
            .iter()
            .map(|metric| &metric["MetricStat"]["Metric"])
            .filter(|metric| !metric.is_null())
            .collect(),
    }
}

/// The name of an alarm without the stage.
fn kind(alarm: &Value) -> String {
    let mut name = BTreeSet::new();
    texts(&alarm["AlarmName"], &mut name);
    let name = name.first().expect("a name");
    let kind = name.strip_prefix("cairn-${StageName}-");
    kind.unwrap_or_else(|| panic!("{name} is no name of an alarm"))
        .to_owned()
}

#[test]
fn every_alarm_tells_the_topic_and_keeps_still_without_data() {
    let template = template();
    let alarms = resources(&template, "AWS::CloudWatch::Alarm");
    assert!(alarms.len() > 30);
    let topic: BTreeSet<String> = ["AlarmTopicArn".to_owned()].into();
    for (name, alarm) in alarms {
        let condition = template["Resources"][name]["Condition"].as_str();
        for actions in ["AlarmActions", "OKActions"] {
            let actions = match &alarm[actions] {
                // An alarm that also undoes deployments may be there without a topic.
                Value::Tagged(choice) => {
                    assert_eq!(choice.value[0], "HasAlarms", "{name}");
                    assert_eq!(condition, Some("HasFailingAlarms"), "{name}");
                    &choice.value[1]
                }
                actions => {
                    assert_eq!(condition, Some("HasAlarms"), "{name}");
                    actions
                }
            };
            let mut told = BTreeSet::new();
            texts(actions, &mut told);
            assert_eq!(told, topic, "{name}");
        }
        let missing = alarm["TreatMissingData"].as_str();
        // What watches for silence goes off without data, everything else does not.
        let wanted = if kind(alarm).ends_with("-silent") {
            "breaching"
        } else {
            "notBreaching"
        };
        assert_eq!(missing, Some(wanted), "{name}");
        assert!(alarm["AlarmDescription"].is_string(), "{name}");
    }
}

/// What a metric is called stands in two places: where it is counted, and where an alarm watches it.
#[test]
fn alarms_watch_metrics_that_are_counted() {
    let counted = counted_metrics();
    let template = template();
    let mut ours = 0;
    for (name, alarm) in resources(&template, "AWS::CloudWatch::Alarm") {
        for metric in metrics(alarm) {
            if metric["Namespace"] == "Cairn" {
                ours += 1;
                let metric = metric["MetricName"].as_str().expect("a metric's name");
                assert!(
                    counted(metric),
                    "{name} in template.yaml watches {metric}, which nothing counts"
                );
            }
        }
    }
    assert!(ours > 10, "{ours}");
}

/// Whatever somebody waits for is rolled out gradually, and back if the new version fails.
#[test]
fn what_answers_requests_is_undone_when_its_new_version_fails() {
    let template = template();
    let mut answering: BTreeSet<String> = resources(&template, "AWS::ApiGatewayV2::Integration")
        .into_iter()
        .map(|(_, integration)| named_resource(&integration["IntegrationUri"]))
        .collect();
    for (name, function) in functions(&template) {
        if function["Properties"].get("FunctionUrlConfig").is_some() {
            answering.insert(name.to_owned());
        }
    }
    assert_eq!(answering.len(), 6, "{answering:?}");
    for function in answering {
        let properties = &template["Resources"][function.as_str()]["Properties"];
        let preference = &properties["DeploymentPreference"];
        assert_eq!(
            named_resource(&preference["Enabled"]),
            "GradualDeployment",
            "{function}"
        );
        let Value::Tagged(alarms) = &preference["Alarms"] else {
            panic!("{function} has no alarms that undo its deployment");
        };
        let alarm = named_resource(&alarms.value[1]);
        let alarm = &template["Resources"][alarm.as_str()]["Properties"];
        let of_the_version = metrics(alarm)
            .into_iter()
            .filter(|metric| {
                let mut named = BTreeSet::new();
                texts(&metric["Dimensions"], &mut named);
                named.contains(&format!("{function}.Version.Version"))
            })
            .count();
        assert_eq!(
            of_the_version, 2,
            "{function}: its answers and its invocations, of the new version alone"
        );
    }
}

#[test]
fn every_alarm_is_explained_in_the_runbook() {
    let runbook = root().join("infra/runbook/alarms.md");
    let runbook = std::fs::read_to_string(runbook).expect("infra/runbook/alarms.md");
    let template = template();
    for (_, alarm) in resources(&template, "AWS::CloudWatch::Alarm") {
        let kind = kind(alarm);
        // `docs-slow` stands there itself, or among all `…-slow`.
        let of_all = kind.split_once('-').map(|(_, of_all)| of_all);
        let explained = runbook.contains(&format!("`{kind}`"))
            || of_all.is_some_and(|of_all| runbook.contains(&format!("`…-{of_all}`")));
        assert!(
            explained,
            "say in infra/runbook/alarms.md what to do when `{kind}` goes off"
        );
    }
}
