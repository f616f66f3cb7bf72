//! Queues and their dead letters.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml_ng::Value;

use super::{functions, named_resource, resources, template, texts};

/// The names of all that alarms of a metric watch.
fn watched(template: &Value, metric: &str) -> BTreeSet<String> {
    resources(template, "AWS::CloudWatch::Alarm")
        .into_iter()
        .filter(|(_, alarm)| alarm["MetricName"] == metric)
        .map(|(_, alarm)| named_resource(&alarm["Dimensions"][0]["Value"]))
        .collect()
}

#[test]
fn every_queue_has_watched_dead_letters_and_time_enough() {
    let template = template();
    let functions: BTreeMap<_, _> = functions(&template).into_iter().collect();
    let mappings = resources(&template, "AWS::Lambda::EventSourceMapping");
    assert_eq!(mappings.len(), 3, "webhooks, tasks, reminders");
    for (name, mapping) in mappings {
        let (queue, function) = (
            named_resource(&mapping["EventSourceArn"]),
            named_resource(&mapping["FunctionName"]),
        );
        let mut alias = BTreeSet::new();
        texts(&mapping["FunctionName"], &mut alias);
        assert!(
            alias.contains(&format!("{function}.Alias")),
            "{name}: {alias:?}"
        );
        let reported = mapping["FunctionResponseTypes"][0].as_str();
        assert_eq!(reported, Some("ReportBatchItemFailures"), "{name}");

        let properties = &template["Resources"][queue.as_str()]["Properties"];
        let visibility = properties["VisibilityTimeout"].as_u64().unwrap_or_default();
        let timeout = functions[function.as_str()]["Properties"]["Timeout"].as_u64();
        assert!(
            timeout.is_some_and(|timeout| visibility >= 6 * timeout),
            "{queue} hides messages for {visibility} s, less than six times the time-out of {function}"
        );
        let redrive = &properties["RedrivePolicy"];
        assert_eq!(redrive["maxReceiveCount"].as_u64(), Some(5), "{queue}");
        let dead_letters = named_resource(&redrive["deadLetterTargetArn"]);
        let kept = &template["Resources"][dead_letters.as_str()]["Properties"];
        assert_eq!(
            kept["MessageRetentionPeriod"].as_u64(),
            Some(14 * 24 * 3600)
        );
        assert!(
            watched(&template, "ApproximateNumberOfMessagesVisible").contains(&dead_letters)
                && watched(&template, "ApproximateAgeOfOldestMessage").contains(&queue),
            "{queue} and {dead_letters} need alarms"
        );
    }
}

#[test]
fn nobody_reads_or_writes_a_queue_but_over_tls() {
    let template = template();
    let policies = resources(&template, "AWS::SQS::QueuePolicy");
    for (queue, properties) in resources(&template, "AWS::SQS::Queue") {
        assert_eq!(properties["SqsManagedSseEnabled"], true, "{queue}");
        let protects = |policy: &Value| {
            let statement = &policy["PolicyDocument"]["Statement"][0];
            named_resource(&policy["Queues"][0]) == queue
                && named_resource(&statement["Resource"]) == queue
                && statement["Effect"] == "Deny"
                && statement["Principal"] == "*"
                && statement["Action"] == "sqs:*"
                && statement["Condition"]["Bool"]["aws:SecureTransport"] == "false"
        };
        assert!(
            policies.iter().any(|(_, policy)| protects(policy)),
            "{queue} needs a policy like those of the queues beside it in template.yaml"
        );
    }
    for (name, policy) in policies {
        let queues = policy["Queues"].as_sequence().map(Vec::len);
        assert_eq!(queues, Some(1), "{name}: SQS takes a policy of one queue");
    }
}
