//! The parameters of a database URL: which ones are ours, which ones the driver takes, which ones are refused.

use super::InvalidDatabaseUrl;

/// Understood here; the driver knows `sslmode` only in part and `sslrootcert` not at all.
const OURS: &[&str] = &["sslmode", "sslrootcert"];

/// Understood by the driver.
const DRIVER: &[&str] = &[
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "password",
    "port",
    "sslnegotiation",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// Settings of other clients and of pools, without any meaning for us: nothing becomes less safe by ignoring them.
const IGNORED: &[&str] = &[
    "client_encoding",
    "connection_limit",
    "fallback_application_name",
    "gssencmode",
    "pgbouncer",
    "pool_timeout",
    "prepareThreshold",
    "prepare_threshold",
    "socket_timeout",
    "sslaccept",
    "sslcompression",
    "sslsni",
    "statement_cache_size",
];

/// Well-known ones that cannot be honoured. They are listed only so that the error can name them: an unknown name may be a
/// piece of a password that was not percent-encoded, and is never repeated.
const REFUSED: &[&str] = &[
    "gssdelegation",
    "gsslib",
    "krbsrvname",
    "max_protocol_version",
    "min_protocol_version",
    "passfile",
    "replication",
    "require_auth",
    "requirepeer",
    "require_ssl",
    "schema",
    "service",
    "ssl",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcrl",
    "sslcrldir",
    "sslidentity",
    "sslkey",
    "sslpassword",
];

/// A database URL, taken apart at its query.
pub(super) struct UrlParts<'a> {
    before_query: &'a str,
    /// Name and value as they stand in the URL.
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> UrlParts<'a> {
    pub(super) fn split(url: &'a str) -> Result<Self, InvalidDatabaseUrl> {
        let rest = url
            .strip_prefix("postgresql://")
            .or_else(|| url.strip_prefix("postgres://"))
            .ok_or_else(|| {
                InvalidDatabaseUrl::new("it does not begin with postgresql:// or postgres://")
            })?;
        let authority = rest.find(['/', '?']).map_or(rest, |end| &rest[..end]);
        // The driver looks for the first `@` anywhere. Elsewhere than before the host it would take part of a password for the
        // host's name, and say so in its errors.
        if rest.matches('@').count() > 1 || rest.contains('@') && !authority.contains('@') {
            return Err(InvalidDatabaseUrl::new(
                "`@`, `/` and `?` in the user name, the password or a parameter have to be percent-encoded (%40, %2F, %3F)",
            ));
        }
        let (before_query, query) = url.split_once('?').unwrap_or((url, ""));
        let parameters = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .collect();
        let parts = Self {
            before_query,
            parameters,
        };
        parts.check_names()?;
        Ok(parts)
    }

    fn check_names(&self) -> Result<(), InvalidDatabaseUrl> {
        for (position, (name, value)) in self.parameters.iter().enumerate() {
            let known = [OURS, DRIVER, IGNORED, &["keepalives_count"]];
            // Prisma adds the default schema by itself.
            let default_schema = (*name, *value) == ("schema", "public");
            if known.iter().any(|names| names.contains(name)) || default_schema {
                continue;
            }
            return Err(InvalidDatabaseUrl(if REFUSED.contains(name) {
                format!("its parameter {name} is not supported")
            } else {
                format!(
                    "the name of its parameter number {} is not known",
                    position + 1
                )
            }));
        }
        Ok(())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|(given, _)| *given == name)
    }

    /// The decoded value of a parameter; of a repeated one the last, as everywhere.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let (_, value) = self.parameters.iter().rfind(|(given, _)| *given == name)?;
        // In a connection URL a plus sign is a plus sign.
        let query = format!("value={}", value.replace('+', "%2B"));
        url::form_urlencoded::parse(query.as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
    }

    /// The URL with nothing in it but what the driver understands.
    pub(super) fn without_our_parameters(&self) -> String {
        let query: Vec<_> = self
            .parameters
            .iter()
            .filter_map(|(name, value)| match *name {
                // libpq's name for it.
                "keepalives_count" => Some(format!("keepalives_retries={value}")),
                name if DRIVER.contains(&name) => Some(format!("{name}={value}")),
                _ => None,
            })
            .collect();
        format!("{}?{}", self.before_query, query.join("&"))
    }
}
