//! Reminders over random histories: see `cairn_tests::reminder_model`. `CAIRN_HISTORIES` and `CAIRN_HISTORIES_SEED` as for
//! Clerk's histories.

use cairn_tests::reminder_model;
use uuid::Uuid;

#[test]
fn who_is_reminded_of_what_follows_from_the_history() {
    let variable = |name: &str| std::env::var(name).ok();
    let histories = variable("CAIRN_HISTORIES").map_or(10_000, |count| {
        count.parse().expect("CAIRN_HISTORIES is a number")
    });
    let seed = variable("CAIRN_HISTORIES_SEED").map_or_else(Uuid::now_v7, |seed| {
        seed.parse()
            .expect("CAIRN_HISTORIES_SEED is a seed of before")
    });
    let again = format!("CAIRN_HISTORIES_SEED={seed} CAIRN_HISTORIES={histories}");
    let tally =
        reminder_model::run(histories, seed).unwrap_or_else(|failure| panic!("{again}: {failure}"));
    println!("{again}: {tally:?}");
    // Histories in which nothing is ever sent or dropped would show nothing.
    assert!(tally.exact * 2 > u64::from(histories), "{tally:?}");
    assert!(tally.dropped > u64::from(histories), "{tally:?}");
}
