//! The whole way of Clerk's events: signed, taken by the webhook, queued, and followed by the worker.

use std::collections::BTreeMap;

use cairn_tests::{TestApp, proxy_to_database};
use serde_json::{Value, json};

use super::fixture;
/// One of each kind that is followed, and some that are not; nobody is deleted in the end but Bob.
const EVENTS: [&str; 11] = [
    "user.created",
    "user.created.unverified_email",
    "organization.created",
    "organizationMembership.created.creator_admin",
    "organizationInvitation.created",
    "organizationInvitation.accepted",
    "organizationMembership.created",
    "organizationMembership.updated",
    "user.updated",
    "organization.updated",
    "user.deleted.external_id",
];

/// What the database holds after these deliveries.
async fn delivered(events: &[Value]) -> BTreeMap<String, Vec<String>> {
    let app = TestApp::builder()
        .only(&["webhooks", "worker"])
        .start()
        .await;
    for event in events {
        let answer = app.clerk_event(event).await;
        assert_eq!(answer.status.as_u16(), 200, "{answer}");
    }
    let queue = &app.aws().webhook_queue;
    let worked_off = app.drain("worker", queue).await;
    assert_eq!(worked_off.failed, 0, "{:#?}", app.logs_of("worker"));
    assert!(worked_off.done > 0, "nothing was queued");
    let log = app.logs().join("\n");
    assert!(
        !log.contains("lice") && !log.contains("Acme") && !log.contains("example.com"),
        "the log holds what users wrote: {log}"
    );
    app.contents().await
}

/// The values of a metric that the worker reported of Clerk's events, with their `Result`.
fn reported(app: &TestApp, metric: &str) -> Vec<(String, f64)> {
    let lines = app.logs_of("worker").into_iter();
    lines
        .map(|line| serde_json::from_str(&line).expect("JSON"))
        .filter_map(|line: Value| {
            let result = line["Result"].as_str()?.to_owned();
            Some((result, line[metric].as_f64()?))
        })
        .collect()
}

#[tokio::test]
async fn what_was_news_is_counted_apart_from_what_was_known() {
    let app = TestApp::builder()
        .only(&["webhooks", "worker"])
        .environments(1)
        .start()
        .await;
    // Each twice, and each deletion a third time after what it deletes; nobody follows the last one.
    let events = [
        "user.created",
        "organization.created",
        "organizationMembership.created",
        "organizationMembership.deleted",
        "organization.deleted",
        "user.deleted",
    ];
    for name in events.iter().chain(&events).chain(&["session.created"]) {
        let mut event = match *name {
            "session.created" => fixture("user.created"),
            name => fixture(name),
        };
        event["type"] = (*name).into();
        let answer = app.clerk_event(&event).await;
        assert_eq!(answer.status.as_u16(), 200, "{answer}");
        app.drain("worker", &app.aws().webhook_queue).await;
    }
    let results = reported(&app, "SyncEvents");
    let expected: Vec<_> = std::iter::repeat_n("applied", events.len())
        .chain(std::iter::repeat_n("stale", events.len()))
        .map(|result| (result.to_owned(), 1.0))
        .collect();
    assert_eq!(results, expected);
    let lags = reported(&app, "SyncLagSeconds");
    assert_eq!(lags.len(), events.len(), "{lags:?}");
    assert!(
        lags.iter()
            .all(|(result, lag)| result == "applied" && *lag > 0.0),
        "{lags:?}"
    );
}

#[tokio::test]
async fn events_end_the_same_in_order_in_reverse_and_twice() {
    let events = EVENTS.map(fixture).to_vec();
    let ordered = delivered(&events).await;
    assert_eq!(ordered["users"].len(), 2, "{ordered:#?}");
    assert_eq!(ordered["workspace_members"].len(), 1, "{ordered:#?}");
    let mut reversed = events.clone();
    reversed.reverse();
    assert_eq!(delivered(&reversed).await, ordered);
    let twice = [events, reversed].concat();
    assert_eq!(delivered(&twice).await, ordered);
}

/// Users, organizations and memberships, mixed: each is a transaction of its own, and all of them travel together.
#[tokio::test]
async fn ten_events_take_one_flight_cold_and_warm() {
    let proxy = proxy_to_database().await;
    let app = TestApp::builder()
        .only(&["worker"])
        .environments(1)
        .through(&proxy)
        .start()
        .await;
    let followed = |name: &&str| *name != "organizationInvitation.created";
    let events: Vec<Value> = EVENTS.into_iter().filter(followed).map(fixture).collect();
    assert_eq!(events.len(), 10);
    let queue = &app.aws().webhook_queue;
    for state in ["cold", "warm"] {
        for event in &events {
            app.aws()
                .send(&queue.url, &json!({"clerk_event": event}))
                .await;
        }
        let before = proxy.flights();
        let delivered = app.deliver("worker", queue).await;
        assert_eq!((delivered.failed, delivered.done), (0, 10), "{state}");
        assert_eq!(proxy.flights() - before, 1, "{state}");
    }
}
