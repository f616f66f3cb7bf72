//! How long a fill takes.

use std::time::Instant;

use crate::Run;
use crate::database::Filled;
use crate::instance::Instance;
use crate::stand_in::StandIn;

/// The size is set by `CAIRN_FILL_USERS`; there is an organization for every twenty users, and everyone is in two.
#[tokio::test]
#[ignore = "it measures: cargo dev test --no-stack -p cairn-import --test clerk speed -- --ignored --nocapture"]
async fn how_long_a_fill_takes() {
    let users = std::env::var("CAIRN_FILL_USERS").map_or(10_000, |users| {
        users.parse().expect("CAIRN_FILL_USERS is a number")
    });
    let clerk = StandIn::of(Instance::of(users, users.div_ceil(20), 2)).await;
    let filled = Filled::empty().await;
    for fill in ["first", "second"] {
        let started = Instant::now();
        let run = Run::expect(&clerk, &filled, &[]).await;
        println!(
            "the {fill} fill took {:.1} s",
            started.elapsed().as_secs_f64()
        );
        println!("{}", run.report);
        assert_eq!(run.count("users", "seen"), users);
    }
    println!("{} requests", clerk.requests().len());
}
