//! What the roles of the deployed stack may do, grant by grant, and taking one of them away for a while.

use std::fmt;

use cairn_dev::aws::{REGION, STACK};
use cairn_dev::python::Python;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One of these resources is enough: which one, SES decides by what is verified there, the domain or the address.
const ALTERNATIVES: &str = "ses:SendEmail";

/// A policy of a role, as it is deployed.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Policy {
    /// The role's name in the template.
    #[serde(skip_serializing)]
    logical: String,
    role: String,
    #[serde(rename = "policy")]
    name: String,
    document: Value,
}

/// An action that a role may take on a resource.
#[derive(Debug, Clone)]
pub struct Grant {
    policy: Policy,
    statement: usize,
    action: String,
    resource: Option<String>,
}

/// The roles of the stack.
pub struct Roles {
    python: Python,
    endpoint: String,
}

impl Roles {
    pub fn new(python: Python, endpoint: String) -> Self {
        Self { python, endpoint }
    }

    /// All grants of all roles.
    pub async fn grants(&self) -> anyhow::Result<Vec<Grant>> {
        let policies: Vec<Policy> = self.order("stack", &json!(STACK)).await?;
        Ok(policies.iter().flat_map(Policy::grants).collect())
    }

    /// Takes a grant away, and nothing else.
    pub async fn take(&self, grant: &Grant) -> anyhow::Result<()> {
        let document = without(&grant.policy.document, grant);
        self.put(&Policy {
            document,
            ..grant.policy.clone()
        })
        .await
    }

    /// Puts a grant back.
    pub async fn put_back(&self, grant: &Grant) -> anyhow::Result<()> {
        self.put(&grant.policy).await
    }

    async fn put(&self, policy: &Policy) -> anyhow::Result<()> {
        let _: Vec<Policy> = self.order("put", &serde_json::to_value(policy)?).await?;
        Ok(())
    }

    async fn order(&self, key: &str, value: &Value) -> anyhow::Result<Vec<Policy>> {
        let order = json!({"endpoint": self.endpoint, "region": REGION, key: value});
        self.python.ask("roles.py", &order).await
    }
}

impl Policy {
    fn grants(&self) -> Vec<Grant> {
        let statements = list(&self.document["Statement"]);
        let mut grants = Vec::new();
        for (number, statement) in statements.iter().enumerate() {
            let resources = list(&statement["Resource"]);
            for action in list(&statement["Action"]) {
                let action = action.as_str().unwrap_or_default();
                let grant = |resource: Option<&Value>| Grant {
                    policy: self.clone(),
                    statement: number,
                    action: action.to_owned(),
                    resource: resource.and_then(Value::as_str).map(str::to_owned),
                };
                if action == ALTERNATIVES {
                    grants.push(grant(None));
                } else {
                    grants.extend(resources.iter().map(|resource| grant(Some(resource))));
                }
            }
        }
        grants
    }
}

impl Grant {
    /// The role's name in the template.
    pub fn logical_role(&self) -> &str {
        &self.policy.logical
    }

    pub fn action(&self) -> &str {
        &self.action
    }

    /// The end of the resource's ARN.
    pub fn resource(&self) -> &str {
        let resource = self.resource.as_deref().unwrap_or("the sender's identity");
        let name = resource.splitn(6, ':').nth(5).unwrap_or(resource);
        name.trim_end_matches(":*")
    }

    /// Whether a refusal, as the local AWS tells it, is one for want of this grant.
    pub fn is_wanted_by(&self, refusal: &Refusal) -> bool {
        let on_this = self.resource.as_deref().is_none_or(|resource| {
            let prefix = resource.strip_suffix('*').unwrap_or(resource);
            let is_pattern = prefix.len() < resource.len();
            refusal.resource == resource || is_pattern && refusal.resource.starts_with(prefix)
        });
        refusal.role == self.policy.role && refusal.action == self.action && on_this
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {}",
            self.logical_role(),
            self.action,
            self.resource()
        )
    }
}

/// What the local AWS refused.
#[derive(Debug, Deserialize)]
pub struct Refusal {
    role: String,
    action: String,
    resource: String,
}

/// The policy without one grant: the statement keeps its other actions, and the action its other resources.
fn without(document: &Value, grant: &Grant) -> Value {
    let mut statements = list(&document["Statement"]);
    let statement = statements.remove(grant.statement);
    let is_other_action = |action: &Value| action.as_str() != Some(&grant.action);
    let is_other_resource = |resource: &Value| match &grant.resource {
        None => false,
        Some(taken) => resource.as_str() != Some(taken),
    };
    let other_actions = kept(&statement["Action"], is_other_action);
    let other_resources = kept(&statement["Resource"], is_other_resource);
    for (actions, resources) in [
        (other_actions, list(&statement["Resource"])),
        (vec![json!(grant.action)], other_resources),
    ] {
        if !actions.is_empty() && !resources.is_empty() {
            let mut part = statement.clone();
            part["Action"] = Value::Array(actions);
            part["Resource"] = Value::Array(resources);
            statements.push(part);
        }
    }
    let mut document = document.clone();
    document["Statement"] = Value::Array(statements);
    document
}

fn kept(values: &Value, keep: impl Fn(&Value) -> bool) -> Vec<Value> {
    list(values).into_iter().filter(keep).collect()
}

/// IAM writes a list of one without brackets.
fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        Policy {
            logical: "WorkerRole".into(),
            role: "cairn-local-WorkerRole-1".into(),
            name: "events".into(),
            document: json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": ["sqs:A", "sqs:B"], "Resource": ["arn:aws:sqs:r:0:x", "arn:aws:sqs:r:0:y"]},
                {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": ["one", "another"]},
            ]}),
        }
    }

    #[test]
    fn an_action_on_each_resource_is_a_grant_and_a_mail_needs_one_identity() {
        let grants: Vec<_> = policy().grants().iter().map(ToString::to_string).collect();
        assert_eq!(
            grants,
            [
                "WorkerRole sqs:A x",
                "WorkerRole sqs:A y",
                "WorkerRole sqs:B x",
                "WorkerRole sqs:B y",
                "WorkerRole ses:SendEmail the sender's identity",
            ]
        );
    }

    #[test]
    fn taking_a_grant_leaves_all_others() {
        for grant in policy().grants() {
            let mut left = policy();
            left.document = without(&left.document, &grant);
            let left: Vec<_> = left.grants().iter().map(ToString::to_string).collect();
            let mut others: Vec<_> = policy().grants().iter().map(ToString::to_string).collect();
            others.retain(|other| *other != grant.to_string());
            assert_eq!(left.len(), others.len(), "{grant}");
            assert!(
                left.iter().all(|kept| others.contains(kept)),
                "{grant}: {left:?}"
            );
        }
    }

    #[test]
    fn a_refusal_belongs_to_the_grant_that_is_missing() {
        let of = |role: &str, action: &str, resource: &str| Refusal {
            role: role.into(),
            action: action.into(),
            resource: resource.into(),
        };
        let grant = &policy().grants()[1];
        let role = "cairn-local-WorkerRole-1";
        assert!(grant.is_wanted_by(&of(role, "sqs:A", "arn:aws:sqs:r:0:y")));
        assert!(!grant.is_wanted_by(&of(role, "sqs:A", "arn:aws:sqs:r:0:x")));
        assert!(!grant.is_wanted_by(&of(role, "sqs:B", "arn:aws:sqs:r:0:y")));
        assert!(!grant.is_wanted_by(&of("other", "sqs:A", "arn:aws:sqs:r:0:y")));
    }
}
