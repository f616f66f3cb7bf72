//! What URLs mean. That servers are really verified is tested against real ones, with the rest of the database tests.

use std::time::Duration;

use tokio_postgres::config::{ChannelBinding, SslMode, SslNegotiation};

use super::ConnectionSettings;

const SECRET: &str = "s3cr%2Ft";

fn parse(rest: &str) -> ConnectionSettings {
    let url = format!("postgresql://ada:{SECRET}@{rest}");
    ConnectionSettings::parse(&url).unwrap_or_else(|error| panic!("{rest}: {error}"))
}

fn refusal(url: &str) -> String {
    ConnectionSettings::parse(url)
        .expect_err(&format!("{url} was accepted"))
        .to_string()
}

fn ssl_mode(rest: &str) -> SslMode {
    parse(rest).config.get_ssl_mode()
}

#[test]
fn connections_to_other_machines_are_verified_unless_switched_off() {
    assert_eq!(ssl_mode("db.example.org/cairn"), SslMode::Require);
    assert_eq!(ssl_mode("10.0.0.5/cairn"), SslMode::Require);
    assert_eq!(ssl_mode("localhost,db.example.org/cairn"), SslMode::Require);
    assert_eq!(
        ssl_mode("localhost/cairn?hostaddr=10.0.0.5"),
        SslMode::Require
    );
    assert_eq!(
        ssl_mode("db.example.org/cairn?sslmode=disable"),
        SslMode::Disable
    );
}

#[test]
fn connections_on_this_machine_go_without_tls_unless_asked_for() {
    for host in [
        "localhost",
        "LOCALHOST:5433",
        "127.0.0.1",
        "127.8.8.8",
        "[::1]:5432",
        "%2Frun%2Fpostgresql",
    ] {
        assert_eq!(
            ssl_mode(&format!("{host}/cairn")),
            SslMode::Disable,
            "{host}"
        );
    }
    assert_eq!(
        ssl_mode("localhost/cairn?sslmode=verify-full"),
        SslMode::Require
    );
    assert_eq!(
        ssl_mode("%2Frun%2Fpostgresql/cairn?sslmode=require"),
        SslMode::Disable
    );
}

#[test]
fn every_ssl_mode_of_libpq_but_allow_is_known() {
    for mode in ["require", "verify-ca", "verify-full"] {
        assert_eq!(
            ssl_mode(&format!("h.example/c?sslmode={mode}")),
            SslMode::Require
        );
    }
    assert_eq!(ssl_mode("h.example/c?sslmode=prefer"), SslMode::Prefer);
    assert!(refusal("postgresql://h.example/c?sslmode=allow").contains("sslmode"));
    assert!(refusal("postgresql://h.example/c?sslmode=").contains("sslmode"));
}

#[test]
fn time_limits_and_a_name_are_set_where_the_url_says_nothing() {
    let config = parse("h.example/c").config;
    assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(3)));
    assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(4)));
    assert_eq!(config.get_keepalives_idle(), Duration::from_secs(10));
    assert_eq!(config.get_application_name(), Some("cairn"));
    assert_eq!(config.get_options(), None, "poolers refuse it");

    let url = "h.example/c?connect_timeout=9&tcp_user_timeout=8&keepalives_idle=7&keepalives_count=6&application_name=x";
    let config = parse(url).config;
    assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(9)));
    assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(8)));
    assert_eq!(config.get_keepalives_idle(), Duration::from_secs(7));
    assert_eq!(config.get_keepalives_retries(), Some(6));
    assert_eq!(config.get_application_name(), Some("x"));
}

#[test]
fn urls_as_providers_print_them_are_read() {
    let neon = parse(
        "ep-a-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require",
    )
    .config;
    assert_eq!(neon.get_channel_binding(), ChannelBinding::Require);
    assert_eq!(neon.get_password(), Some(&b"s3cr/t"[..]));
    assert_eq!(neon.get_dbname(), Some("neondb"));

    let endpoint = parse("h.example/c?options=endpoint%3Dep-a").config;
    assert_eq!(endpoint.get_options(), Some("endpoint=ep-a"));

    parse("h.example:6543/postgres?pgbouncer=true&connection_limit=1&schema=public");
    parse("h.example/c?sslmode=verify-full&sslrootcert=system");
    let direct = parse("h.example/c?sslmode=verify-full&sslnegotiation=direct").config;
    assert_eq!(direct.get_ssl_negotiation(), SslNegotiation::Direct);
}

#[test]
fn what_cannot_be_honoured_is_refused() {
    assert!(refusal("mysql://h.example/c").contains("postgresql://"));
    assert!(refusal("host=h.example user=ada").contains("postgresql://"));
    assert!(refusal("postgresql:///cairn").contains("no host"));
    assert!(refusal("postgresql://h.example/c?sslcert=a.pem").contains("sslcert"));
    assert!(refusal("postgresql://h.example/c?schema=other").contains("schema"));
    assert!(refusal("postgresql://h.example/c?sslmode=prefer&bogus=1").contains("number 2"));
    assert!(refusal("postgresql://h.example:65536/c").contains("port"));
    assert!(refusal("postgresql://h.example/c?connect_timeout=soon").contains("connect_timeout"));
    let file = "postgresql://h.example/c?sslrootcert=/does/not/exist.pem";
    assert!(refusal(file).contains("sslrootcert"));
    assert!(refusal("postgresql://h.example/c?sslrootcert=Cargo.toml").contains("no certificate"));
}

#[test]
fn no_error_and_no_debug_output_holds_a_piece_of_the_password() {
    for url in [
        "postgresql://ada:hunter2@x@h.example/c",
        "postgresql://ada:hunter2/x@h.example/c",
        "postgresql://ada:x?hunter2=y@h.example/c",
        "postgresql://ada:hunter2@h.example/c?hunter2=1",
        "postgresql://ada:hunter2@h.example:port/c",
        "postgresql://ada:hunter2@h.example/c?sslmode=hunter2",
        "postgres//ada:hunter2@h.example/c",
    ] {
        assert!(!refusal(url).contains("hunter2"), "{}", refusal(url));
    }
    let debug = format!("{:?}", parse("h.example/c?password=hunter2"));
    assert!(
        !debug.contains("hunter2") && !debug.contains("s3cr"),
        "{debug}"
    );
    assert!(debug.contains("h.example"), "{debug}");
}
