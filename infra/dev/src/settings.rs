//! What of the environment decides how the local system is set up.

use std::time::Duration;

use anyhow::{bail, ensure};

use crate::tokens::SigningKey;
use crate::webhooks::WebhookSecret;

/// The port of the front door unless `CAIRN_PORT` says otherwise: the web client's default base URL.
pub const DEFAULT_PORT: u16 = 5000;

/// The issuer of the tokens we sign ourselves. It is only compared, never visited.
pub const DEVELOPMENT_ISSUER: &str = "https://clerk.cairn.localhost";

/// Where a front end usually is while it is developed.
const DEVELOPMENT_FRONTEND: &str = "http://localhost:5173";

/// The origins a front end is usually developed on.
const DEVELOPMENT_ORIGINS: [&str; 3] = [
    "http://localhost:5173",
    "http://127.0.0.1:5173",
    "http://localhost:3000",
];

/// The settings of the local system.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Settings {
    /// `CAIRN_PORT`: the port of the front door.
    pub port: u16,
    /// `DATABASE_URL`: a database from outside, instead of the embedded one.
    pub database_url: Option<String>,
    /// `DIRECT_URL`: the same database for migrations, where `DATABASE_URL` names a pooler.
    pub direct_url: Option<String>,
    /// Whose tokens are accepted.
    pub clerk: Clerk,
    /// `CLERK_WEBHOOK_SECRET`: what Clerk signs its events with, instead of a secret of our own.
    pub webhook_secret: Option<String>,
    /// `FRONTEND_URL`: where the links in mails lead.
    pub frontend_url: String,
    /// `ALLOWED_ORIGINS`: the origins that browsers may call from.
    pub allowed_origins: Vec<String>,
}

/// Whose session tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Clerk {
    /// Where the keys come from that verify them.
    pub keys: KeySource,
    /// `CLERK_ISSUER`.
    pub issuer: String,
    /// `CLERK_AUTHORIZED_PARTIES`; empty accepts all.
    pub authorized_parties: Vec<String>,
}

/// Where the keys come from that verify session tokens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeySource {
    /// A key of our own: only then can we sign tokens.
    Development,
    /// `CLERK_JWT_KEY`: public keys in PEM.
    Pem(String),
    /// `CLERK_JWKS_URL`.
    Jwks(String),
}

impl Settings {
    /// Reads the process's environment. What is wrong in it is told in one sentence for each variable.
    pub fn from_env() -> anyhow::Result<Self> {
        Self::from(|name| std::env::var(name).ok())
    }

    /// The settings of an instance with these variables for its functions, where `key` is the development key.
    pub fn of_instance(variables: &[(String, String)], key: &SigningKey) -> anyhow::Result<Self> {
        Self::from(|name| {
            let (_, value) = variables.iter().find(|(given, _)| given == name)?;
            let is_ours = name == "CLERK_JWT_KEY" && value.trim() == key.public_pem().trim();
            (!is_ours).then(|| value.clone())
        })
    }

    fn from(lookup: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        // An empty variable is how many tools spell one that is not set.
        let get = |name: &str| {
            lookup(name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let list = |name: &str| get(name).map(|value| split_list(&value));

        let port = match get("CAIRN_PORT") {
            None => DEFAULT_PORT,
            Some(text) => match text.parse() {
                Ok(port) if port != 0 => port,
                _ => bail!("CAIRN_PORT must be a port number from 1 to 65535, not {text:?}."),
            },
        };
        for name in ["DATABASE_URL", "DIRECT_URL"] {
            if let Some(url) = get(name) {
                let is_postgres =
                    url.starts_with("postgres://") || url.starts_with("postgresql://");
                // The value is not repeated: it may hold a password.
                ensure!(
                    is_postgres,
                    "{name} must be a URL that begins with postgres:// or postgresql://."
                );
            }
        }
        let allowed_origins = list("ALLOWED_ORIGINS").unwrap_or_else(|| {
            DEVELOPMENT_ORIGINS
                .iter()
                .map(ToString::to_string)
                .collect()
        });
        for origin in &allowed_origins {
            ensure!(
                is_origin(origin),
                "ALLOWED_ORIGINS must be a comma-separated list of origins like http://localhost:5173, without a path; \
                 {origin:?} is not one."
            );
        }

        let keys = match (get("CLERK_JWT_KEY"), get("CLERK_JWKS_URL")) {
            (None, None) => KeySource::Development,
            (Some(pem), None) => {
                ensure!(
                    pem.contains("-----BEGIN"),
                    "CLERK_JWT_KEY must be the public key in PEM (Clerk's dashboard shows it under API keys); line breaks \
                     may be written as \\n."
                );
                KeySource::Pem(pem)
            }
            (None, Some(url)) => {
                ensure!(
                    url.starts_with("https://") || url.starts_with("http://"),
                    "CLERK_JWKS_URL must be a URL, not {url:?}."
                );
                KeySource::Jwks(url)
            }
            (Some(_), Some(_)) => bail!("Set CLERK_JWT_KEY or CLERK_JWKS_URL, not both."),
        };
        let issuer = match (get("CLERK_ISSUER"), &keys) {
            (Some(issuer), _) => issuer,
            (None, KeySource::Development) => DEVELOPMENT_ISSUER.to_owned(),
            (None, _) => bail!(
                "Set CLERK_ISSUER too: the Frontend API URL of the Clerk instance, as it stands in the tokens (iss)."
            ),
        };
        let authorized_parties = match (list("CLERK_AUTHORIZED_PARTIES"), &keys) {
            (Some(parties), _) => parties,
            (None, KeySource::Development) => allowed_origins.clone(),
            (None, _) => Vec::new(),
        };
        let webhook_secret = get("CLERK_WEBHOOK_SECRET");
        for secret in webhook_secret.iter().flat_map(|all| all.split([',', ' '])) {
            ensure!(
                secret.is_empty() || WebhookSecret::parse(secret).is_ok(),
                "CLERK_WEBHOOK_SECRET must be the signing secret of the endpoint at Clerk (whsec_…), or several with commas \
                 between them."
            );
        }
        let frontend_url = get("FRONTEND_URL").unwrap_or_else(|| DEVELOPMENT_FRONTEND.to_owned());
        ensure!(
            frontend_url.starts_with("https://") || frontend_url.starts_with("http://"),
            "FRONTEND_URL must be the URL of the front end, not {frontend_url:?}."
        );
        Ok(Self {
            port,
            database_url: get("DATABASE_URL"),
            direct_url: get("DIRECT_URL"),
            clerk: Clerk {
                keys,
                issuer,
                authorized_parties,
            },
            webhook_secret,
            frontend_url,
            allowed_origins,
        })
    }

    /// What an instance for tests runs with, whatever the environment says. Its port is any free one.
    pub fn for_tests() -> Self {
        let mut settings = Self::from(|_| None).expect("the defaults are valid");
        settings.port = 0;
        settings
    }

    /// What they say, for people: each with a name, and no secret.
    pub fn described(&self) -> Vec<(String, String)> {
        let database = match (&self.database_url, &self.direct_url) {
            (None, _) => "embedded",
            (Some(_), None) => "DATABASE_URL of the environment",
            (Some(_), Some(_)) => "DATABASE_URL and DIRECT_URL of the environment",
        };
        let webhook_secret = match &self.webhook_secret {
            None => "a development secret of this machine",
            Some(_) => "CLERK_WEBHOOK_SECRET of the environment",
        };
        [
            ("Database", database.to_owned()),
            ("Webhooks", format!("signed with {webhook_secret}")),
            (
                "Front end",
                format!("{} (links in mails)", self.frontend_url),
            ),
            ("Origins", self.allowed_origins.join(", ")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

impl Clerk {
    /// The value of `CLERK_JWT_KEY`, empty where keys come from a URL.
    pub fn jwt_key(&self, development_key: &SigningKey) -> String {
        match &self.keys {
            KeySource::Development => development_key.public_pem(),
            KeySource::Pem(pem) => pem.clone(),
            KeySource::Jwks(_) => String::new(),
        }
    }

    /// The value of `CLERK_JWKS_URL`, empty where keys are given.
    pub fn jwks_url(&self) -> &str {
        match &self.keys {
            KeySource::Jwks(url) => url,
            KeySource::Development | KeySource::Pem(_) => "",
        }
    }

    /// A token that a system with these settings accepts, signed with its key. What we have only the public half of signs none.
    pub fn session_token(
        &self,
        development_key: &SigningKey,
        user: &str,
        ttl: Duration,
    ) -> anyhow::Result<String> {
        match self.keys {
            KeySource::Development => {}
            KeySource::Pem(_) => bail!(
                "No token can be signed: CLERK_JWT_KEY holds only the public half of a key. Take one from your Clerk \
                 instance, or unset CLERK_JWT_KEY and start `cargo dev up` again to use the development key."
            ),
            KeySource::Jwks(_) => bail!(
                "No token can be signed: CLERK_JWKS_URL serves only the public halves of keys. Take one from your Clerk \
                 instance, or unset CLERK_JWKS_URL and start `cargo dev up` again to use the development key."
            ),
        }
        let party = self.authorized_parties.first().map(String::as_str);
        Ok(development_key.session_token(&self.issuer, user, party, ttl))
    }

    /// Where the keys come from, in words.
    pub fn describe_keys(&self) -> String {
        match &self.keys {
            KeySource::Development => "a development key of this machine".to_owned(),
            KeySource::Pem(_) => "CLERK_JWT_KEY of the environment".to_owned(),
            KeySource::Jwks(url) => format!("CLERK_JWKS_URL of the environment ({url})"),
        }
    }
}

fn split_list(text: &str) -> Vec<String> {
    text.split(',')
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    matches!(scheme, "http" | "https")
        && !authority.is_empty()
        && !authority.contains(['/', '?', '#', ' ', '@'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> anyhow::Result<Settings> {
        Settings::from(|name| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    fn refusal(name: &str, value: &str) -> String {
        settings(&[(name, value)])
            .expect_err("this is refused")
            .to_string()
    }

    #[test]
    fn nothing_needs_to_be_set() {
        let settings = settings(&[("DATABASE_URL", ""), ("CAIRN_PORT", " ")])
            .expect("an empty environment is fine");
        assert_eq!(settings.port, DEFAULT_PORT);
        assert_eq!(settings.database_url, None);
        assert_eq!(settings.clerk.keys, KeySource::Development);
        assert_eq!(settings.clerk.authorized_parties, settings.allowed_origins);
    }

    #[test]
    fn of_an_instance_the_development_key_is_known_again() {
        let key = SigningKey::generate();
        let of_instance = |pem: String| {
            let variables = [
                ("CLERK_JWT_KEY", pem.as_str()),
                ("CLERK_ISSUER", "https://clerk.example.com"),
                ("CLERK_AUTHORIZED_PARTIES", "http://localhost:9"),
            ];
            let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
            Settings::of_instance(&variables, &key).expect("settings of an instance")
        };
        let ours = of_instance(key.public_pem()).clerk;
        assert_eq!(ours.keys, KeySource::Development);
        assert_eq!(ours.issuer, "https://clerk.example.com");
        assert_eq!(ours.authorized_parties, ["http://localhost:9"]);
        let theirs = of_instance(SigningKey::generate().public_pem()).clerk;
        let token = theirs.session_token(&key, "user_ada", Duration::from_mins(1));
        assert!(token.is_err(), "there is only the public half");
    }

    #[test]
    fn garbage_is_refused_with_the_name_of_its_variable() {
        for port in ["abc", "0", "-1", "70000", "5000.5"] {
            assert!(refusal("CAIRN_PORT", port).contains("CAIRN_PORT"), "{port}");
        }
        for origin in ["localhost:5173", "http://a/b", "http://", "ftp://a"] {
            assert!(
                refusal("ALLOWED_ORIGINS", origin).contains("ALLOWED_ORIGINS"),
                "{origin}"
            );
        }
        let refused = refusal("DATABASE_URL", "mysql://root:secret@localhost/x");
        assert!(
            refused.contains("DATABASE_URL") && !refused.contains("secret"),
            "{refused}"
        );
        assert!(refusal("CLERK_JWT_KEY", "sk_test_1").contains("CLERK_JWT_KEY"));
        assert!(refusal("CLERK_JWKS_URL", "clerk").contains("CLERK_JWKS_URL"));
        assert!(refusal("FRONTEND_URL", "localhost:5173").contains("FRONTEND_URL"));
        for secret in ["shhh", "whsec_", "whsec_AAAA,shhh"] {
            let refused = refusal("CLERK_WEBHOOK_SECRET", secret);
            assert!(
                refused.contains("CLERK_WEBHOOK_SECRET") && !refused.contains("shhh"),
                "{refused}"
            );
        }
    }

    #[test]
    fn keys_from_outside_need_their_issuer() {
        let pem = (
            "CLERK_JWT_KEY",
            "-----BEGIN PUBLIC KEY-----\\nMII\\n-----END PUBLIC KEY-----",
        );
        let refused = settings(&[pem])
            .expect_err("the issuer is missing")
            .to_string();
        assert!(refused.contains("CLERK_ISSUER"), "{refused}");
        let accepted = settings(&[pem, ("CLERK_ISSUER", "https://a.clerk.accounts.dev")])
            .expect("now it is complete");
        assert!(
            accepted.clerk.authorized_parties.is_empty(),
            "nothing is known about the parties of foreign tokens"
        );
        let url = (
            "CLERK_JWKS_URL",
            "https://a.clerk.accounts.dev/.well-known/jwks.json",
        );
        assert!(
            settings(&[pem, url]).is_err(),
            "one source of keys is enough"
        );
    }
}
