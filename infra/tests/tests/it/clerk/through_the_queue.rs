//! The whole way of Clerk's events: signed, taken by the webhook, queued, and followed by the worker.

use std::collections::BTreeMap;
use std::time::Duration;

use cairn_tests::TestApp;
use serde_json::Value;

use super::fixture;

/// As template.yaml has it.
const TIMEOUT: Duration = Duration::from_secs(30);
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
        .timeout(TIMEOUT)
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
