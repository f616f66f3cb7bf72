//! What goes wrong on the way: Clerk throttles, fails, dies, refuses the key; the database is away.

use axum::http::StatusCode;

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
