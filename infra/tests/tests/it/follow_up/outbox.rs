//! The relay publishes what was not published, or what was lost.

use std::collections::HashSet;

use cairn_tests::{AwsProxy, Fault, Operation};
use serde_json::Value;
use uuid::Uuid;

use super::{Scene, task_change};

impl Scene {
    /// Rows of the outbox with so many attempts, all of them overdue.
    async fn overdue(&self, rows: usize, attempts: i32) -> Vec<Uuid> {
        let ids: Vec<Uuid> = (0..rows).map(|_| Uuid::now_v7()).collect();
        let insert = "INSERT INTO outbox (id, kind, task_id, attempts, next_attempt_at)
                      SELECT id, 'task_change', gen_random_uuid(), $2, now() FROM unnest($1::uuid[]) id";
        self.execute(insert, &[&ids, &attempts]).await;
        ids
    }

    /// The ids of the rows that are in the queue, each as often as it is there.
    async fn published(&self) -> Vec<Uuid> {
        let aws = self.app.aws();
        let messages = aws.messages(&aws.task_queue.url).await;
        messages
            .iter()
            .map(|message| super::id(&message["task_change"]["outbox_id"]))
            .collect()
    }

    /// Attempts, minutes until the next one, and whether it is dead.
    async fn row(&self, id: Uuid) -> (i32, i32, bool) {
        let row = "SELECT attempts, round(extract(epoch FROM next_attempt_at - now()) / 60)::int, dead_at IS NOT NULL
                     FROM outbox WHERE id = $1";
        let row = self.app.database().query_one(row, &[&id]).await;
        let row = row.expect("the row is there");
        (row.get(0), row.get(1), row.get(2))
    }
}

#[tokio::test]
async fn overdue_rows_are_published_and_others_left() {
    let scene = Scene::start().await;
    let overdue = scene.overdue(3, 0).await;
    let early = scene.overdue(1, 0).await;
    let later =
        "UPDATE outbox SET next_attempt_at = now() + interval '1 minute' WHERE id = ANY ($1)";
    scene.execute(later, &[&early]).await;
    let dead = scene.overdue(1, 0).await;
    let bury = "UPDATE outbox SET dead_at = now() WHERE id = ANY ($1)";
    scene.execute(bury, &[&dead]).await;
    scene.app.relay("outbox").await;
    let published: HashSet<_> = scene.published().await.into_iter().collect();
    assert_eq!(published, overdue.into_iter().collect());
    scene.app.relay("outbox").await;
    assert_eq!(scene.published().await.len(), 3, "each has its next time");
    assert_eq!(scene.metric("relay", "OutboxPublished"), [3, 0]);
}

#[tokio::test]
async fn what_was_lost_on_the_way_is_done_in_the_end() {
    let scene = Scene::start().await;
    let assignee = &scene.world.assignee;
    scene.task(assignee).await;
    let aws = scene.app.aws();
    for lost in aws.receive(&aws.task_queue.url).await {
        aws.delete(&aws.task_queue.url, &lost).await;
    }
    scene.app.relay("outbox").await;
    scene.follow_up().await;
    assert_eq!(scene.mails_to(assignee).await.len(), 0, "not overdue yet");
    scene
        .execute("UPDATE outbox SET next_attempt_at = now()", &[])
        .await;
    scene.app.relay("outbox").await;
    scene.follow_up().await;
    assert_eq!(scene.mails_to(assignee).await.len(), 1);
    assert_eq!(scene.count("SELECT count(*) FROM outbox").await, 0);
}

#[tokio::test]
async fn attempts_get_rarer_and_end() {
    let scene = Scene::start().await;
    let mut rows = Vec::new();
    for attempts in 0..=8 {
        rows.push(scene.overdue(1, attempts).await[0]);
    }
    let old = scene.overdue(1, 1).await[0];
    let age = "UPDATE outbox SET created_at = now() - interval '15 days' WHERE id = $1";
    scene.execute(age, &[&old]).await;
    scene.app.relay("outbox").await;
    let minutes = [15, 30, 60, 120, 240, 240, 240, 240];
    for ((attempts, minutes), id) in (1..).zip(minutes).zip(&rows) {
        assert_eq!(scene.row(*id).await, (attempts, minutes, false));
    }
    for dead in [rows[8], old] {
        assert!(scene.row(dead).await.2);
    }
    assert_eq!(scene.published().await.len(), 8);
    assert_eq!(scene.metric("relay", "OutboxDead"), [2]);
    scene
        .execute("UPDATE outbox SET next_attempt_at = now()", &[])
        .await;
    scene.app.relay("outbox").await;
    assert_eq!(scene.metric("relay", "OutboxDead"), [2, 1]);
    assert_eq!(scene.published().await.len(), 15);
}

/// What the runbook says to do about rows that were given up.
#[tokio::test]
async fn a_dead_row_gets_another_try_however_old_it_is() {
    let scene = Scene::start().await;
    let row = scene.overdue(1, 8).await[0];
    let age = "UPDATE outbox SET created_at = now() - interval '20 days' WHERE id = $1";
    scene.execute(age, &[&row]).await;
    scene.app.relay("outbox").await;
    assert!(scene.row(row).await.2, "given up");
    let again = "UPDATE outbox SET dead_at = NULL, attempts = 0, next_attempt_at = now() WHERE dead_at IS NOT NULL";
    scene.execute(again, &[]).await;
    scene.app.relay("outbox").await;
    assert_eq!(scene.published().await, [row]);
    assert_eq!(scene.row(row).await, (1, 15, false));
}

#[tokio::test]
async fn two_relays_at_once_publish_each_row_once() {
    let scene = Scene::start_as(|builder| builder.environments(2)).await;
    let rows = scene.overdue(450, 0).await;
    tokio::join!(scene.app.relay("outbox"), scene.app.relay("outbox"));
    let published = scene.published().await;
    assert_eq!(published.len(), rows.len());
    assert_eq!(
        published.into_iter().collect::<HashSet<_>>(),
        rows.into_iter().collect()
    );
}

#[tokio::test]
async fn rows_that_somebody_holds_are_passed_over() {
    let scene = Scene::start().await;
    let held = scene.overdue(1, 0).await;
    let free = scene.overdue(1, 0).await;
    scene
        .app
        .database()
        .batch_execute("BEGIN")
        .await
        .expect("a transaction");
    let lock = "SELECT FROM outbox WHERE id = ANY ($1) FOR UPDATE";
    scene.execute(lock, &[&held]).await;
    scene.app.relay("outbox").await;
    scene
        .app
        .database()
        .batch_execute("ROLLBACK")
        .await
        .expect("no transaction");
    assert_eq!(scene.published().await, free);
}

#[tokio::test]
async fn what_sqs_refuses_is_put_back_and_costs_no_attempt() {
    let proxy = AwsProxy::start();
    let scene = Scene::start_as(|builder| builder.aws_through("relay", &proxy)).await;
    let rows = scene.overdue(120, 3).await;
    proxy.every(Operation::SendMessageBatch).meet(Fault::Refuse(
        503,
        "ServiceUnavailable",
        "try later",
    ));
    scene.app.relay("outbox").await;
    assert_eq!(scene.published().await.len(), 0);
    assert_eq!(scene.metric("relay", "OutboxPublished"), [0]);
    let mut put_back = 0;
    for id in &rows {
        match scene.row(*id).await {
            (3, 1, false) => put_back += 1,
            (3, 0, false) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(put_back, 100, "one round, then the relay gives up for now");
    proxy.heal();
    scene
        .execute("UPDATE outbox SET next_attempt_at = now()", &[])
        .await;
    scene.app.relay("outbox").await;
    assert_eq!(scene.published().await.len(), rows.len());
    assert_eq!(scene.row(rows[0]).await, (4, 120, false));
}

#[tokio::test]
async fn the_age_of_the_oldest_promise_is_reported() {
    let scene = Scene::start().await;
    scene.app.relay("outbox").await;
    let rows = scene.overdue(2, 0).await;
    let age = "UPDATE outbox SET created_at = now() - interval '1 hour', next_attempt_at = now() + interval '1 hour' WHERE id = $1";
    scene.execute(age, &[&rows[0]]).await;
    scene.app.relay("outbox").await;
    let ages = scene.metric("relay", "OutboxOldestSeconds");
    assert_eq!(ages[0], 0);
    assert!((3600..3660).contains(&ages[1]), "{ages:?}");
}

#[tokio::test]
async fn a_row_whose_task_is_gone_is_taken_away() {
    let scene = Scene::start().await;
    let rows = scene.overdue(1, 0).await;
    scene.app.relay("outbox").await;
    let aws = scene.app.aws();
    let messages: Vec<Value> = aws.messages(&aws.task_queue.url).await;
    assert_eq!(messages, [task_change(rows[0])]);
    scene.follow_up().await;
    assert_eq!(scene.count("SELECT count(*) FROM outbox").await, 0);
}
