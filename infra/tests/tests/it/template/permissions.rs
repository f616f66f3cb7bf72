//! What roles may do, and who may take them.

use std::collections::BTreeSet;

use serde_yaml_ng::Value;

use super::{resources, template, texts};

/// The statements of all policies of a role. Those under a condition count as well.
fn statements(role: &Value) -> Vec<&Value> {
    let policies = role["Policies"].as_sequence().into_iter().flatten();
    policies
        .filter_map(|policy| policy["PolicyDocument"]["Statement"].as_sequence())
        .flatten()
        .map(|statement| match statement {
            // !If [condition, statement, nothing]
            Value::Tagged(tagged) => &tagged.value[1],
            plain => plain,
        })
        .collect()
}

/// A permission to do anything, or anything to everything, is more than a function needs.
#[test]
fn roles_name_actions_and_resources() {
    /// What AWS cannot restrict to resources, or to ones that are known beforehand.
    const ANYWHERE: [&str; 3] = ["xray:", "ec2:", "scheduler:ListSchedules"];
    let template = template();
    let roles = resources(&template, "AWS::IAM::Role");
    assert!(roles.len() > 8, "a role for each function");
    for (name, role) in roles {
        for statement in statements(role) {
            let mut words = BTreeSet::new();
            texts(&statement["Action"], &mut words);
            assert!(!words.is_empty(), "{name} has a statement without actions");
            assert!(
                !words.iter().any(|action| action.contains('*')),
                "{name} may do {words:?}"
            );
            let everywhere = statement["Resource"] == "*";
            let may = words
                .iter()
                .all(|action| ANYWHERE.iter().any(|known| action.starts_with(known)));
            assert!(!everywhere || may, "{name} may do {words:?} to anything");
        }
    }
}

#[test]
fn the_code_of_a_function_cannot_touch_network_interfaces() {
    let template = template();
    for (name, role) in resources(&template, "AWS::IAM::Role") {
        for statement in statements(role) {
            let mut words = BTreeSet::new();
            texts(&statement["Action"], &mut words);
            let of_lambda_alone =
                statement["Condition"]["Null"]["lambda:SourceFunctionArn"] == "true";
            assert!(
                of_lambda_alone || !words.iter().any(|action| action.starts_with("ec2:")),
                "{name}: what Lambda does to attach a function to a VPC is not for the function"
            );
        }
    }
}

#[test]
fn only_the_schedules_role_is_passed_and_only_to_scheduler() {
    let template = template();
    let mut passing = 0;
    for (name, role) in resources(&template, "AWS::IAM::Role") {
        for statement in statements(role) {
            if statement["Action"] == "iam:PassRole" {
                passing += 1;
                let mut passed = BTreeSet::new();
                texts(&statement["Resource"], &mut passed);
                assert_eq!(passed, ["ReminderScheduleRole.Arn".to_owned()].into());
                let to = &statement["Condition"]["StringEquals"]["iam:PassedToService"];
                assert_eq!(to, "scheduler.amazonaws.com", "{name}");
            }
        }
    }
    assert_eq!(passing, 2, "worker and relay make schedules");
}

#[test]
fn scheduler_takes_a_role_for_one_group_of_this_account_only() {
    let template = template();
    let mut taken = 0;
    for (name, role) in resources(&template, "AWS::IAM::Role") {
        let statement = &role["AssumeRolePolicyDocument"]["Statement"][0];
        if statement["Principal"]["Service"] == "scheduler.amazonaws.com" {
            taken += 1;
            let source = &statement["Condition"]["StringEquals"];
            let limited =
                ["aws:SourceAccount", "aws:SourceArn"].map(|key| source.get(key).is_some());
            assert_eq!(limited, [true, true], "{name}");
        }
    }
    assert_eq!(taken, 2, "reminders and the relay");
}
