//! Parameters: described, grouped, and refused where they cannot be right.

use regex::Regex;
use serde_yaml_ng::Value;

use super::{root, template};

fn parameters(template: &Value) -> Vec<(&str, &Value)> {
    let parameters = template["Parameters"].as_mapping().expect("parameters");
    parameters
        .iter()
        .map(|(name, parameter)| (name.as_str().expect("a name"), parameter))
        .collect()
}

#[test]
fn every_parameter_says_what_it_is_and_refuses_what_it_cannot_be() {
    for (name, parameter) in parameters(&template()) {
        let described = parameter["Description"].as_str().unwrap_or_default();
        assert!(described.len() > 20, "{name} needs a description");
        let has = |property: &str| parameter.get(property).is_some();
        let limited = match parameter["Type"].as_str() {
            Some("Number") => has("MinValue") && has("MaxValue"),
            _ => has("AllowedPattern") && has("ConstraintDescription"),
        };
        assert!(
            limited || has("AllowedValues"),
            "{name} in template.yaml needs AllowedValues, MinValue and MaxValue, or an AllowedPattern with a \
             ConstraintDescription that says in words what it wants"
        );
    }
}

#[test]
fn every_parameter_is_in_one_group() {
    let template = template();
    let groups = &template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"];
    let mut grouped: Vec<&str> = groups
        .as_sequence()
        .expect("groups")
        .iter()
        .flat_map(|group| group["Parameters"].as_sequence().expect("parameters"))
        .filter_map(Value::as_str)
        .collect();
    grouped.sort_unstable();
    let mut all: Vec<&str> = parameters(&template)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    all.sort_unstable();
    assert_eq!(
        grouped, all,
        "ParameterGroups (left) and Parameters (right)"
    );
}

/// For each pattern what is right and what is not.
const EXAMPLES: [(&str, &[&str], &[&str]); 22] = [
    (
        "StageName",
        &["dev", "eu-prod-2"],
        &["Dev", "2nd", "a-name-that-is-far-too-long"],
    ),
    ("DatabaseSecret", &["cairn/prod", SECRET], &["my secret"]),
    ("DatabaseSecretVersion", &[VERSION_ID], &["AWS CURRENT"]),
    (
        "DatabaseUrl",
        &[
            "postgresql://u:p%40ss@db.example.com:5432/cairn?sslmode=verify-full",
            "postgres://h/d",
            "none",
        ],
        &["mysql://h/d", "db.example.com", "postgresql://h/d and more"],
    ),
    ("DirectUrl", &["postgresql://h/d", "none"], &["h/d"]),
    (
        "SubnetIds",
        &["subnet-0a1b", "subnet-0a1b,subnet-2c3d"],
        &["subnet-0a1b, subnet-2c3d", "vpc-1"],
    ),
    (
        "SecurityGroupIds",
        &["sg-0a1b", "sg-0a1b,sg-2c3d"],
        &["0a1b", "sg-0a1b,"],
    ),
    (
        "ClerkJwtKey",
        &[KEY, KEY_IN_ONE_LINE, TWO_KEYS],
        &["pk_live_abc", "MIIBIjANBgkq", PRIVATE_KEY],
    ),
    (
        "ClerkJwksUrl",
        &["https://clerk.example.com/.well-known/jwks.json"],
        &["clerk.example.com"],
    ),
    (
        "ClerkIssuer",
        &["https://clerk.example.com"],
        &["", "clerk.example.com", "https://"],
    ),
    (
        "ClerkAuthorizedParties",
        &[
            "https://app.example.com",
            "https://a.example.com, http://localhost:5173",
            "capacitor://localhost",
        ],
        &[
            "app.example.com",
            "https://app.example.com/",
            "https://a.example.com;https://b.example.com/",
        ],
    ),
    ("ClerkSecret", &["cairn-clerk", SECRET], &["whsec abc"]),
    ("ClerkSecretVersion", &[VERSION_ID], &["v1:2"]),
    (
        "ClerkWebhookSecret",
        &["whsec_MfKQ9r8G+/=", "whsec_a,whsec_b", "none"],
        &["MfKQ9r8G", "whsec_"],
    ),
    (
        "MailFrom",
        &[
            "no-reply@example.com",
            "Cairn <no-reply@example.com>",
            "\"Cairn, Inc.\" <no-reply@example.com>",
        ],
        &["", "Cairn", "Cairn <no-reply>", "a@b@c"],
    ),
    (
        "MailReplyTo",
        &["help@example.com", "Help <help@example.com>"],
        &["help"],
    ),
    ("MailConfigurationSet", &["cairn_mails-1"], &["my set"]),
    (
        "FrontendUrl",
        &["https://app.example.com"],
        &["", "app.example.com"],
    ),
    (
        "TaskUrlPattern",
        &[
            "{frontend}/tasks/{taskId}",
            "https://app.example.com/t?w={workspaceId}&t={taskId}",
        ],
        &["{frontend}/tasks", "/tasks/{taskId}"],
    ),
    (
        "AllowedOrigins",
        &["https://app.example.com", "*"],
        &["app.example.com", "https://app.example.com/"],
    ),
    (
        "RelayRate",
        &["rate(10 minutes)", "rate(1 hour)", "cron(0/5 6-22 * * ? *)"],
        &["rate(1 minutes)", "rate(2 hours)", "1 minute"],
    ),
    (
        "AlarmTopicArn",
        &["arn:aws:sns:eu-central-1:111122223333:alarms"],
        &["alarms", "arn:aws:sqs:eu-central-1:111122223333:alarms"],
    ),
];

const VERSION_ID: &str = "6357eeee-c67e-47fd-957a-44bdf4d68d7f";
const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:cairn/prod-AbCdEf";
const KEY: &str =
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq+hki\nG9w0B/A=\n-----END PUBLIC KEY-----\n";
const KEY_IN_ONE_LINE: &str =
    r"-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq+hki\nG9w0B/A=\n-----END PUBLIC KEY-----\n";
const TWO_KEYS: &str = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n\
     -----BEGIN RSA PUBLIC KEY-----\nMIIC\n-----END RSA PUBLIC KEY-----";
const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----";

#[test]
fn patterns_know_right_from_wrong() {
    for (name, parameter) in parameters(&template()) {
        let Some(pattern) = parameter["AllowedPattern"].as_str() else {
            continue;
        };
        // CloudFormation matches the whole value.
        let pattern = Regex::new(&format!("^(?:{pattern})$")).expect("a pattern");
        let example = EXAMPLES.iter().find(|(example, ..)| *example == name);
        let (_, right, wrong) = example.unwrap_or_else(|| panic!("give EXAMPLES of {name}"));
        for value in *right {
            assert!(pattern.is_match(value), "{name} refuses {value}");
        }
        for value in *wrong {
            assert!(!pattern.is_match(value), "{name} takes {value}");
        }
        if let Some(default) = parameter["Default"].as_str() {
            assert!(pattern.is_match(default), "{name} refuses its default");
        }
    }
}

/// CloudFormation resolves a secret again only where the words that name it change.
#[test]
fn a_new_value_of_a_secret_can_be_deployed() {
    let template = std::fs::read_to_string(root().join("template.yaml")).expect("template.yaml");
    let secrets: Vec<_> = template
        .split("{{resolve:secretsmanager:")
        .skip(1)
        .collect();
    assert_eq!(secrets.len(), 3, "two URLs and a signing secret");
    for secret in secrets {
        let (named, _) = secret.split_once("}}}").expect("it ends");
        assert!(
            named.contains("::${") && named.ends_with("SecretVersion"),
            "{named} in template.yaml needs the parameter with the version of its secret"
        );
    }
}
