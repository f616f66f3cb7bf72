//! Configuration from the environment, read once at start. Every variable that is missing or malformed is named in one
//! error, so that one deployment is enough to learn what is wrong. An empty variable counts as missing.

mod events;
mod webhooks;

use std::fmt;

use jsonwebtoken::DecodingKey;
use url::Url;

use crate::db::{ConnectionSettings, DatabaseConfig};

pub use events::{
    MailConfig, RelayConfig, RemindersConfig, ScheduleConfig, TasksConfig, WorkerConfig,
};
pub use webhooks::{WebhookSecret, WebhooksConfig};

/// What an endpoint group needs.
#[derive(Debug)]
pub struct ApiConfig {
    /// How the database is reached.
    pub database: DatabaseConfig,
    /// Whose session tokens are accepted.
    pub clerk: ClerkConfig,
}

/// Whose session tokens are accepted.
#[derive(Debug)]
pub struct ClerkConfig {
    /// `CLERK_JWT_KEY` or `CLERK_JWKS_URL`.
    pub keys: ClerkKeys,
    /// `CLERK_ISSUER`: the Frontend API URL of the Clerk instance, as it stands in `iss`.
    pub issuer: String,
    /// `CLERK_AUTHORIZED_PARTIES`: the origins whose tokens are accepted, separated by commas; empty accepts all.
    pub authorized_parties: Vec<String>,
}

/// Where the keys come from that verify session tokens.
pub enum ClerkKeys {
    /// `CLERK_JWT_KEY`: one or more public keys in PEM, one after the other; needs no network.
    Pem(Vec<DecodingKey>),
    /// `CLERK_JWKS_URL`: fetched on first use.
    Jwks(Url),
}

impl fmt::Debug for ClerkKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem(keys) => write!(f, "Pem({} keys)", keys.len()),
            Self::Jwks(url) => write!(f, "Jwks({url})"),
        }
    }
}

/// What is wrong with the environment: one sentence for each variable.
#[derive(thiserror::Error)]
#[error("the configuration is not usable: {}", .0.join("; "))]
pub struct InvalidConfig(Vec<String>);

/// What `main` prints when it ends with this error.
impl fmt::Debug for InvalidConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl ApiConfig {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, InvalidConfig> {
        Variables::read(Variables::api)
    }
}

impl DatabaseConfig {
    /// Reads `DATABASE_URL` and `DATABASE_PREPARED_STATEMENTS` only: all that the docs function needs.
    pub fn from_env() -> Result<Self, InvalidConfig> {
        Variables::read(Variables::database)
    }
}

/// `REQUEST_METRICS`: whether each request is counted by route and status, on unless it is `off`.
pub(crate) fn request_metrics() -> Result<bool, InvalidConfig> {
    Variables::read(|variables| variables.switch("REQUEST_METRICS"))
}

/// The environment, and what was found wrong with it so far.
struct Variables<F> {
    lookup: F,
    problems: Vec<String>,
}

impl Variables<fn(&str) -> Option<String>> {
    /// Reads a configuration from the process's environment; `None` stands for problems that were noted.
    fn read<T>(config: impl FnOnce(&mut Self) -> Option<T>) -> Result<T, InvalidConfig> {
        let mut variables = Self::new(|name| std::env::var(name).ok());
        let config = config(&mut variables);
        variables.finish(config)
    }
}

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    fn new(lookup: F) -> Self {
        Self {
            lookup,
            problems: Vec::new(),
        }
    }

    fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    fn required(&mut self, name: &str) -> Option<String> {
        let value = self.optional(name);
        if value.is_none() {
            self.problems.push(format!("{name} is not set"));
        }
        value
    }

    /// On unless it is switched off.
    fn switch(&mut self, name: &str) -> Option<bool> {
        match self.optional(name).as_deref() {
            None | Some("on") => Some(true),
            Some("off") => Some(false),
            Some(_) => self.problem(name, "must be on or off"),
        }
    }

    fn problem<T>(&mut self, name: &str, problem: impl fmt::Display) -> Option<T> {
        self.problems.push(format!("{name} {problem}"));
        None
    }

    fn finish<T>(self, config: Option<T>) -> Result<T, InvalidConfig> {
        match config {
            Some(config) if self.problems.is_empty() => Ok(config),
            _ => Err(InvalidConfig(self.problems)),
        }
    }

    fn api(&mut self) -> Option<ApiConfig> {
        let (database, clerk) = (self.database(), self.clerk());
        Some(ApiConfig {
            database: database?,
            clerk: clerk?,
        })
    }

    fn database(&mut self) -> Option<DatabaseConfig> {
        let connection = self.required("DATABASE_URL").and_then(|url| {
            ConnectionSettings::parse(&url)
                .map_or_else(|error| self.problem("DATABASE_URL", error), Some)
        });
        let prepared_statements = self.switch("DATABASE_PREPARED_STATEMENTS")?;
        Some(DatabaseConfig {
            connection: connection?,
            prepared_statements,
        })
    }

    fn clerk(&mut self) -> Option<ClerkConfig> {
        let keys = match (
            self.optional("CLERK_JWT_KEY"),
            self.optional("CLERK_JWKS_URL"),
        ) {
            (Some(pem), _) => public_keys(&pem).map_or_else(
                |problem| self.problem("CLERK_JWT_KEY", problem),
                |keys| Some(ClerkKeys::Pem(keys)),
            ),
            (None, Some(url)) => match Url::parse(&url) {
                Ok(url) if may_be_fetched(&url) => Some(ClerkKeys::Jwks(url)),
                _ => self.problem("CLERK_JWKS_URL", "must be an https URL"),
            },
            (None, None) => self.problem("CLERK_JWT_KEY", "or CLERK_JWKS_URL must be set"),
        };
        let issuer = self.required("CLERK_ISSUER");
        let authorized_parties = self.authorized_parties();
        Some(ClerkConfig {
            keys: keys?,
            issuer: issuer?,
            authorized_parties: authorized_parties?,
        })
    }

    fn authorized_parties(&mut self) -> Option<Vec<String>> {
        let Some(text) = self.optional("CLERK_AUTHORIZED_PARTIES") else {
            return Some(Vec::new());
        };
        let parties: Vec<String> = text
            .split(',')
            .map(|party| party.trim().to_owned())
            .filter(|party| !party.is_empty())
            .collect();
        // Nothing accepts all: that must not come of a slip.
        if parties.is_empty() {
            return self.problem("CLERK_AUTHORIZED_PARTIES", "names no origin");
        }
        Some(parties)
    }
}

/// Keys come over TLS, or from this machine.
fn may_be_fetched(url: &Url) -> bool {
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

/// The keys of one or more PEM blocks. Line breaks may be written as `\n`, as many deployment tools force one to.
fn public_keys(pem: &str) -> Result<Vec<DecodingKey>, String> {
    const BEGIN: &str = "-----BEGIN";
    let pem = pem.replace("\\n", "\n");
    let blocks: Vec<_> = pem.split(BEGIN).skip(1).collect();
    if blocks.is_empty() {
        return Err("must hold a public key in PEM".to_owned());
    }
    blocks
        .iter()
        .enumerate()
        .map(|(i, block)| {
            DecodingKey::from_rsa_pem(format!("{BEGIN}{block}").as_bytes())
                .map_err(|_| format!("must hold RSA public keys in PEM: key {} is not one", i + 1))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(variables: &[(&str, &str)]) -> String {
        let lookup = |name: &str| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let mut variables = Variables::new(lookup);
        let config = variables.api();
        variables
            .finish(config)
            .expect_err("this configuration is not usable")
            .to_string()
    }

    #[test]
    fn every_missing_or_malformed_variable_is_named_in_one_error() {
        let all = problems(&[
            ("CLERK_ISSUER", " "),
            ("DATABASE_PREPARED_STATEMENTS", "maybe"),
        ]);
        for name in [
            "DATABASE_URL",
            "DATABASE_PREPARED_STATEMENTS",
            "CLERK_JWT_KEY",
            "CLERK_JWKS_URL",
            "CLERK_ISSUER",
        ] {
            assert!(all.contains(name), "{name} is missing in: {all}");
        }
    }

    #[test]
    fn a_list_of_no_origins_does_not_accept_all() {
        let all = problems(&[("CLERK_AUTHORIZED_PARTIES", " , ")]);
        assert!(
            all.contains("CLERK_AUTHORIZED_PARTIES names no origin"),
            "{all}"
        );
    }

    #[test]
    fn a_key_that_is_none_is_refused_at_start_and_not_echoed() {
        let pem = "-----BEGIN PUBLIC KEY-----\\nhello\\n-----END PUBLIC KEY-----";
        let all = problems(&[
            ("CLERK_JWT_KEY", pem),
            ("CLERK_ISSUER", "x"),
            ("DATABASE_URL", "postgres://u@localhost/d"),
        ]);
        assert!(
            all.contains("CLERK_JWT_KEY") && !all.contains("hello"),
            "{all}"
        );
    }

    #[test]
    fn keys_are_fetched_over_tls_or_from_this_machine_only() {
        let url = |url: &str| may_be_fetched(&Url::parse(url).expect("a URL"));
        assert!(url("https://clerk.example.com/.well-known/jwks.json"));
        assert!(url("http://127.0.0.1:9/jwks.json"));
        assert!(!url("http://clerk.example.com/.well-known/jwks.json"));
    }
}
