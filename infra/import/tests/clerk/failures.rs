//! What goes wrong on the way: Clerk throttles, fails, dies, refuses the key; the database is away.

use std::time::Duration;

use axum::http::StatusCode;
use cairn_tests::{Behaviour, proxy_to_database};

use crate::Run;
use crate::database::{Filled, assert_same};
use crate::instance::Instance;
use crate::stand_in::{KEY, StandIn, refusal, throttled};

#[tokio::test]
async fn a_throttled_walk_ends_well() {
    let instance = Instance::of(1_100, 5, 1);
    let clerk = StandIn::of(instance.clone()).await;
    clerk.mishap(|number, _| match number {
        2 | 3 => Some(throttled(1)),
        7 => Some(refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_clerk_error",
        )),
        9 => Some(throttled(0)),
        11 => Some(refusal(StatusCode::BAD_GATEWAY, "bad_gateway")),
        _ => None,
    });
    let filled = Filled::empty().await;
    let run = Run::expect(&clerk, &filled, &[]).await;
    assert!(run.said.contains("takes no more requests"), "{}", run.said);
    assert!(run.said.contains("trying again in 1.0 s"), "{}", run.said);
    assert_eq!(run.count("users", "seen"), 1_100, "{}", run.report);
    let told = Filled::empty().await;
    told.follow(instance.events()).await;
    assert_same(&filled.contents().await, &told.contents().await);
}

#[tokio::test]
async fn a_wrong_key_is_told_in_a_sentence() {
    let clerk = StandIn::of(Instance::of(10, 1, 1)).await;
    let filled = Filled::empty().await;
    for (key, sentence) in [
        (Some("sk_test_another"), "Clerk refuses the key (401"),
        (Some("pk_test_public"), "It begins with sk_"),
        (None, "It begins with sk_"),
    ] {
        let run = Run::with_key(&clerk, &filled, &[], key).await;
        assert!(!run.success, "{}", run.said);
        assert!(run.said.contains(sentence), "{}", run.said);
        assert!(!run.said.contains("trying again"), "{}", run.said);
    }
    assert!(filled.contents().await.is_empty());
}

/// The key is right, and what it is asked for is refused, as where Organizations are switched off.
#[tokio::test]
async fn a_refusal_is_told_by_its_code() {
    let clerk = StandIn::of(Instance::of(10, 1, 1)).await;
    let filled = Filled::empty().await;
    let code = "organization_not_enabled_in_instance";
    clerk.mishap(move |_, path| {
        (path == "/v1/organizations").then(|| refusal(StatusCode::FORBIDDEN, code))
    });
    let run = Run::of(&clerk, &filled, &[]).await;
    assert!(!run.success, "{}", run.report);
    let sentence = format!("status 403, {code}");
    assert!(run.said.contains(&sentence), "{}", run.said);
    assert!(!run.said.contains("CLERK_SECRET_KEY"), "{}", run.said);

    // Whatever is no code is not shown.
    clerk.mishap(|_, path| {
        let odd = "The secret of person.1@example.com";
        (path == "/v1/organizations").then(|| refusal(StatusCode::FORBIDDEN, odd))
    });
    let run = Run::of(&clerk, &filled, &[]).await;
    assert!(!run.success, "{}", run.report);
    assert!(run.said.contains("status 403"), "{}", run.said);
    assert!(!run.said.contains("secret of"), "{}", run.said);
}

#[tokio::test]
async fn the_key_goes_to_no_server_without_tls() {
    let clerk = StandIn::of(Instance::default()).await;
    let filled = Filled::empty().await;
    let arguments = ["--api-url", "http://api.example.com"];
    let run = Run::with_key(&clerk, &filled, &arguments, Some(KEY)).await;
    assert!(!run.success && run.said.contains("https"), "{}", run.said);
}

#[tokio::test]
async fn a_walk_that_broke_off_is_run_again() {
    let instance = Instance::of(1_700, 5, 1);
    let clerk = StandIn::of(instance.clone()).await;
    clerk.mishap(|number, _| {
        (number > 3).then(|| refusal(StatusCode::SERVICE_UNAVAILABLE, "unavailable"))
    });
    let filled = Filled::empty().await;
    let run = Run::of(&clerk, &filled, &["--patience", "2"]).await;
    assert!(!run.success, "{}", run.report);
    assert!(run.said.contains("run it again"), "{}", run.said);
    let some = run.count("users", "changed");
    assert!((1..1_700).contains(&some), "{}", run.report);

    clerk.mishap(|_, _| None);
    let run = Run::expect(&clerk, &filled, &[]).await;
    assert_eq!(run.count("users", "unchanged"), some, "{}", run.report);
    let told = Filled::empty().await;
    told.follow(instance.events()).await;
    assert_same(&filled.contents().await, &told.contents().await);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_in_a_sentence() {
    let clerk = StandIn::of(Instance::default()).await;
    let url = clerk.url().to_owned();
    clerk.die().await;
    let filled = Filled::empty().await;
    let other = StandIn::of(Instance::default()).await;
    let arguments = ["--api-url", &url, "--patience", "1"];
    let run = Run::of(&other, &filled, &arguments).await;
    assert!(!run.success, "{}", run.report);
    assert!(run.said.contains("Clerk does not answer"), "{}", run.said);
}

/// A database that was asleep needs some seconds to wake up.
#[tokio::test]
async fn a_database_that_wakes_up_is_waited_for() {
    let clerk = StandIn::of(Instance::of(10, 1, 1)).await;
    let filled = Filled::empty().await;
    let proxy = proxy_to_database().await;
    proxy.behave(Behaviour::Refuse);
    let url = filled.url_through(proxy.port());
    let variables = [("CLERK_SECRET_KEY", KEY), ("DATABASE_URL", &*url)];
    let wakes = async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        proxy.behave(Behaviour::Forward);
    };
    let (run, ()) = tokio::join!(Run::with_variables(&clerk, &[], &variables), wakes);
    assert!(run.success, "{}\n{}", run.report, run.said);
    assert_eq!(run.count("users", "changed"), 10, "{}", run.report);
}

#[tokio::test]
async fn prepared_statements_are_on_or_off() {
    let clerk = StandIn::of(Instance::of(10, 1, 1)).await;
    let filled = Filled::empty().await;
    let url = filled.url();
    for (value, accepted) in [
        ("maybe", false),
        ("OFF", false),
        ("off", true),
        ("on", true),
    ] {
        let variables = [
            ("CLERK_SECRET_KEY", KEY),
            ("DATABASE_URL", &*url),
            ("DATABASE_PREPARED_STATEMENTS", value),
        ];
        let run = Run::with_variables(&clerk, &[], &variables).await;
        assert_eq!(run.success, accepted, "{value}: {}", run.said);
        let refused = run
            .said
            .contains("DATABASE_PREPARED_STATEMENTS must be on or off");
        assert_eq!(refused, !accepted, "{value}: {}", run.said);
    }
}

/// What goes wrong in the database is told of the object, and enough of it ends the walk.
#[tokio::test]
async fn a_database_that_refuses_ends_the_walk() {
    let clerk = StandIn::of(Instance::of(300, 1, 1)).await;
    let filled = Filled::empty().await;
    filled
        .execute("ALTER TABLE users ADD CHECK (id <> 'user_000042')")
        .await;
    let run = Run::of(&clerk, &filled, &[]).await;
    assert!(!run.success, "{}", run.report);
    assert!(
        run.report.contains("failed, users: user_000042"),
        "{}",
        run.report
    );
    assert_eq!(run.count("users", "changed"), 299, "{}", run.report);
    assert_eq!(run.count("memberships", "seen"), 300, "{}", run.report);

    let filled = Filled::empty().await;
    filled
        .execute("ALTER TABLE users ADD CHECK (id < 'user_0')")
        .await;
    let run = Run::of(&clerk, &filled, &[]).await;
    assert!(!run.success, "{}", run.report);
    assert!(run.said.contains("The database fails"), "{}", run.said);
    assert!(run.said.contains("run it again"), "{}", run.said);
}
