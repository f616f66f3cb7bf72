//! What can be seen of a deployment from outside: the stack, the API's answers, the database.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use cairn_dev::aws::{LocalAws, REGION};
use cairn_dev::python::Python;
use cairn_dev::settings::DEVELOPMENT_ISSUER;
use cairn_dev::tokens::SigningKey;
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

use crate::commands::prove::Claims;

/// Who calls the API; the first request makes the user.
const CALLER: &str = "user_prover";

/// Asks the local AWS for a stack.
pub struct Deployed {
    python: Python,
    question: Value,
}

/// A stack as it was at one time.
#[derive(Debug, Deserialize)]
pub struct Stack {
    status: Option<String>,
    outputs: BTreeMap<String, String>,
    reasons: Vec<String>,
    aliases: BTreeMap<String, String>,
    things: BTreeMap<String, Vec<String>>,
}

impl Deployed {
    pub fn new(python: Python, endpoint: &str, stack: &str, stage: &str) -> Self {
        let question = json!({
            "endpoint": endpoint, "region": REGION, "stack": stack, "prefix": format!("cairn-{stage}"),
        });
        Self { python, question }
    }

    pub async fn look(&self) -> anyhow::Result<Stack> {
        self.python.ask("deployed.py", &self.question).await
    }
}

impl Stack {
    pub fn status(&self) -> &str {
        self.status.as_deref().unwrap_or("there is none")
    }

    pub fn status_is(&self, status: &str) -> bool {
        self.status.as_deref() == Some(status)
    }

    pub fn is_gone(&self) -> bool {
        matches!(self.status.as_deref(), None | Some("DELETE_COMPLETE"))
    }

    /// The reason of the last failure that holds this text, or all of them.
    pub fn reason_with(&self, text: &str) -> String {
        let reason = self.reasons.iter().find(|reason| reason.contains(text));
        reason.cloned().unwrap_or_else(|| self.reasons.join("; "))
    }

    /// Functions whose alias names the same version in both.
    pub fn aliases_as_in(&self, other: &Self) -> Vec<&str> {
        self.aliases_where(|name, version| other.aliases.get(name) == Some(version))
    }

    /// Functions whose alias names another version here than there, or none there.
    pub fn aliases_unlike(&self, other: &Self) -> Vec<&str> {
        self.aliases_where(|name, version| other.aliases.get(name) != Some(version))
    }

    fn aliases_where(&self, chosen: impl Fn(&str, &String) -> bool) -> Vec<&str> {
        let aliases = self.aliases.iter();
        aliases
            .filter(|(name, version)| chosen(name, version))
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// What bears the stage's name, whatever the stack says.
    pub fn left(&self) -> Vec<&str> {
        self.things.values().flatten().map(String::as_str).collect()
    }
}

/// The API, as a client of the front end.
pub struct Api {
    http: reqwest::Client,
    token: String,
    base: OnceCell<String>,
    prefix: String,
}

impl Api {
    pub fn new(aws: &LocalAws, key: &SigningKey) -> Self {
        let lifetime = Duration::from_hours(2);
        Self {
            http: reqwest::Client::builder()
                .no_proxy()
                .timeout(Duration::from_secs(30))
                .build()
                .expect("an HTTP client can be made"),
            token: key.session_token(DEVELOPMENT_ISSUER, CALLER, None, lifetime),
            base: OnceCell::new(),
            prefix: aws.http_api("{id}"),
        }
    }

    /// Claims that the API writes to the database. From then on `answers` knows where it is.
    pub async fn writes_a_workspace(
        &self,
        claims: &mut Claims,
        stack: &Stack,
    ) -> anyhow::Result<()> {
        let id = stack
            .outputs
            .get("ApiId")
            .context("The stack has no output ApiId")?;
        let base = self
            .base
            .get_or_init(async || self.prefix.replace("{id}", id))
            .await;
        let answer = self
            .http
            .post(format!("{base}/api/workspace"))
            .bearer_auth(&self.token)
            .json(&json!({"name": "Proved"}))
            .send()
            .await?;
        let status = answer.status();
        claims.check(
            "the API takes a new workspace",
            status == StatusCode::CREATED,
            status.as_str(),
        );
        Ok(())
    }

    /// Claims that the API reads from the database.
    pub async fn answers(&self, claims: &mut Claims) {
        let base = self.base.get().map(String::as_str).unwrap_or_default();
        let asked = self
            .http
            .get(format!("{base}/api/workspace"))
            .bearer_auth(&self.token)
            .send();
        let seen = match asked.await {
            Ok(answer) => {
                let status = answer.status();
                let listed: Value = answer.json().await.unwrap_or_default();
                let workspaces = listed["data"].as_array().map_or(0, Vec::len);
                Ok((
                    status == StatusCode::OK && workspaces > 0,
                    status.to_string(),
                ))
            }
            Err(error) => Err(error),
        };
        let (holds, seen) = seen.unwrap_or_else(|error| (false, error.to_string()));
        claims.check("the API answers, with the data from before", holds, &seen);
    }
}

/// The database behind the stack.
pub struct Database {
    client: tokio_postgres::Client,
}

/// What a deployment could have changed in it.
#[derive(Debug, PartialEq, Eq)]
pub struct DatabaseState {
    /// `table.column`.
    pub columns: Vec<String>,
    /// The versions of the migrations that were applied.
    pub migrations: Vec<i32>,
    /// In all tables together.
    pub rows: i64,
}

impl Database {
    pub async fn connect(url: &str) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self { client })
    }

    pub async fn look(&self) -> anyhow::Result<DatabaseState> {
        let columns = self.texts(include_str!("seen/columns.sql")).await?;
        let migrations = self
            .client
            .query(
                "SELECT version FROM refinery_schema_history ORDER BY version",
                &[],
            )
            .await?;
        let mut rows = 0;
        for table in self.texts(include_str!("seen/tables.sql")).await? {
            let count = format!("SELECT count(*) FROM {table}");
            rows += self.client.query_one(&count, &[]).await?.get::<_, i64>(0);
        }
        Ok(DatabaseState {
            columns,
            migrations: migrations.iter().map(|row| row.get(0)).collect(),
            rows,
        })
    }

    async fn texts(&self, query: &str) -> anyhow::Result<Vec<String>> {
        let rows = self.client.query(query, &[]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}
