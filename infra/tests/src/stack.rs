//! The deployed stack that `cargo dev test` starts: the production template on a local AWS.

use std::path::Path;
use std::time::Duration;

use cairn_dev::tokens::SigningKey;

use crate::database::connect;
use crate::environment::required_variable;
use crate::people::User;
use crate::request::{Client, Request};

/// The stack, as one test sees it.
pub struct Stack {
    client: Client,
    database: tokio_postgres::Client,
    key: SigningKey,
    issuer: String,
}

impl Stack {
    /// The stack if there is one in this test run.
    pub async fn find() -> Option<Self> {
        let Ok(url) = std::env::var("CAIRN_TEST_API_URL") else {
            println!(
                "skipped: CAIRN_TEST_API_URL is not set, so there is no deployed stack (`cargo dev test` starts one)"
            );
            return None;
        };
        let key = required_variable("CAIRN_TEST_SIGNING_KEY");
        Some(Self {
            client: Client::new(url.trim_end_matches('/')),
            database: connect(&required_variable("CAIRN_TEST_STACK_DATABASE_URL")).await,
            key: SigningKey::load_or_create(Path::new(&key)).expect("the stack's key can be read"),
            issuer: required_variable("CAIRN_TEST_ISSUER"),
        })
    }

    /// A connection to the database behind the stack.
    pub fn database(&self) -> &tokio_postgres::Client {
        &self.database
    }

    /// Somebody who signed up.
    pub async fn user(&self, name: &str) -> User {
        User::insert(&self.database, name).await
    }

    /// A request without a token.
    pub fn anonymous(&self, method: &str, path: &str) -> Request {
        self.client.request(method, path)
    }

    /// A request of `user`.
    pub fn request(&self, user: &User, method: &str, path: &str) -> Request {
        let token = self
            .key
            .session_token(&self.issuer, &user.id, None, Duration::from_mins(1));
        self.anonymous(method, path).token(&token)
    }
}
