//! Another stage on the same local AWS, deployed by a test as `cargo dev` deploys the first.

use std::collections::BTreeMap;
use std::time::Duration;

use cairn_dev::aws::{Deployed, order};
use cairn_dev::aws_client::authorization;
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use cairn_dev::python::Python;
use cairn_dev::tokens::SigningKey;
use cairn_dev::webhooks::WebhookSecret;

use super::Stack;
use crate::aws;
use crate::database::{TestDatabase, connect};
use crate::environment::required_variable;
use crate::request::Client;

/// How long a stack may take to be gone.
const DELETED_WITHIN: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(500);

/// A stage of the template beside the one that `cargo dev test` deploys, with a database of its own.
pub struct SecondStage {
    stage: String,
    database: TestDatabase,
    python: Python,
    places: Places,
    webhook_secret: String,
}

impl SecondStage {
    /// A stage that is not deployed yet, with an empty database.
    pub async fn new(stage: &str) -> Self {
        let places = Places::find();
        let mut step = Progress::new().step("Preparing Python");
        let python = Python::prepare(&places, &mut step)
            .await
            .expect("the local AWS runs in it");
        Self {
            stage: stage.to_owned(),
            database: TestDatabase::empty().await,
            python,
            places,
            webhook_secret: WebhookSecret::generate(),
        }
    }

    /// Who sends its mails.
    pub fn sender(&self) -> String {
        format!("no-reply@{}.example", self.stage)
    }

    /// Deploys the template, or updates the stack. `parameters` are those that are not as they must be anyway.
    pub async fn deploy(&self, parameters: &[(&'static str, &str)]) -> Stack {
        let endpoint = aws::endpoint();
        let all = self.parameters(parameters);
        let order = order(&endpoint, &self.places, &self.stack_name(), &all);
        let deployed: Deployed = self
            .python
            .ask("deploy.py", &order)
            .await
            .expect("the template can be deployed");
        let (api, webhooks) = (deployed.http_api(&endpoint), deployed.webhooks(&endpoint));
        Stack {
            stage: self.stage.clone(),
            client: Client::new(&api.expect("the stack has an API")),
            webhooks: Client::new(&webhooks.expect("the stack has a function URL")),
            database: connect(&self.database.url()).await,
            webhook_secret: WebhookSecret::parse(&self.webhook_secret).expect("a secret"),
            ..Stack::find().await.expect("there is a first stage")
        }
    }

    /// Deletes the stack, and waits until it is gone.
    pub async fn delete(&self) {
        let name = self.stack_name();
        let of_stack = ("StackName", name.as_str());
        let deleted = cloudformation(&[("Action", "DeleteStack"), of_stack]).await;
        assert!(deleted.is_ok(), "{deleted:?}");
        let gone = async {
            while let Ok(answer) = cloudformation(&[("Action", "DescribeStacks"), of_stack]).await {
                assert!(!answer.contains("DELETE_FAILED"), "{answer}");
                tokio::time::sleep(PAUSE).await;
            }
        };
        let in_time = tokio::time::timeout(DELETED_WITHIN, gone).await;
        assert!(in_time.is_ok(), "{name} is not gone");
    }

    fn stack_name(&self) -> String {
        format!("cairn-{}", self.stage)
    }

    fn parameters(&self, given: &[(&'static str, &str)]) -> BTreeMap<&'static str, String> {
        let key = required_variable("CAIRN_TEST_SIGNING_KEY");
        let key = SigningKey::load_or_create(key.as_ref()).expect("the stack's key can be read");
        let mut parameters = BTreeMap::from([
            ("StageName", self.stage.clone()),
            ("DatabaseUrl", self.database.url()),
            ("ClerkJwtKey", key.public_pem()),
            ("ClerkIssuer", required_variable("CAIRN_TEST_ISSUER")),
            ("ClerkWebhookSecret", self.webhook_secret.clone()),
            ("MailFrom", format!("Cairn <{}>", self.sender())),
            ("FrontendUrl", "https://app.example.com".to_owned()),
            ("AllowedOrigins", "https://app.example.com".to_owned()),
        ]);
        parameters.extend(given.iter().map(|&(name, value)| (name, value.to_owned())));
        parameters
    }
}

/// Asks CloudFormation; the error is what it answered.
async fn cloudformation(form: &[(&str, &str)]) -> Result<String, String> {
    // Nothing in it needs to be escaped.
    let form = form.iter().map(|(name, value)| format!("{name}={value}&"));
    let client = reqwest::Client::builder().no_proxy().build();
    let answer = client
        .expect("an HTTP client")
        .post(aws::endpoint())
        .header("authorization", authorization("cloudformation"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.collect::<String>() + "Version=2010-05-15")
        .send()
        .await
        .expect("the local AWS answers");
    let succeeded = answer.status().is_success();
    let text: String = answer.text().await.expect("a text");
    if succeeded { Ok(text) } else { Err(text) }
}
