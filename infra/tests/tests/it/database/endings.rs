//! Every way in which a deployment's migrations can end, as CloudFormation and the database see it.

use std::time::{Duration, Instant};

use cairn_dev::lambda_host::Outcome;
use cairn_tests::TestDatabase;
use serde_json::json;
use tokio_postgres::Client;

use super::custom_resource::{Function, LONG, Mailbox, answer_of};
use super::system_postgres::{PASSWORD, system_postgres};
use crate::logs::shape;

/// Makes the newest of these migrations one that is still to come.
const BEFORE_V3: &str = "ALTER TABLE workspaces DROP COLUMN reminders_moved_at;
                         DROP TABLE daily_use;
                         DROP INDEX tasks_by_status, tasks_of_assignee_by_status;
                         DROP FUNCTION present_membership_version, present_version;
                         DROP TABLE clerk_memberships;
                         DELETE FROM refinery_schema_history WHERE version >= 3";

/// What is to come then.
const FROM_V3: [&str; 5] = [
    "V3__clerk_memberships",
    "V4__cheaper_views",
    "V5__tasks_by_status",
    "V6__daily_use",
    "V7__reminders_moved",
];

/// What a failed run must leave as it was.
async fn schema_and_history(client: &Client) -> Vec<String> {
    let facts = "SELECT concat(relname, ' ', relkind) FROM pg_class WHERE relnamespace = 'public'::regnamespace
                 UNION ALL SELECT concat(proname, '()') FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                 UNION ALL SELECT concat(attrelid::regclass, '.', attname, ' ', attcollation)
                             FROM pg_attribute WHERE attrelid = 'clerk_objects'::regclass
                 UNION ALL SELECT concat(version, ' ', name, ' ', checksum) FROM refinery_schema_history
                 ORDER BY 1";
    let rows = client.query(facts, &[]).await.expect("the catalogue");
    rows.iter().map(|row| row.get(0)).collect()
}

/// Asks for an update and expects that it fails: the reason that CloudFormation is told.
async fn refusal(function: &Function) -> String {
    let (mailbox, url) = Mailbox::open().await;
    answer_of(function.request("Update", &url).await);
    let told = mailbox.only_answer();
    assert_eq!(told["Status"], "FAILED");
    assert_eq!(told["PhysicalResourceId"], "cairn-migrations");
    for line in function.lines() {
        assert_eq!(shape::function_of(&line), "migrate");
        assert!(!line.contains(PASSWORD), "{line}");
    }
    let reason = told["Reason"].as_str().expect("a reason").to_owned();
    assert!(!reason.contains(PASSWORD), "{reason}");
    assert!(function.wrote("the schema is not up to date"));
    reason
}

#[tokio::test]
async fn a_database_that_is_away() {
    let away = format!("postgresql://postgres:{PASSWORD}@127.0.0.1:1/cairn");
    let function = Function::start(&[("DATABASE_URL", &away)], LONG).await;
    let reason = refusal(&function).await;
    assert!(
        reason.starts_with("the database cannot be reached"),
        "{reason}"
    );
    assert!(function.wrote("trying again"));
}

#[tokio::test]
async fn a_password_that_is_refused() {
    let Some(server) = system_postgres().await else {
        return;
    };
    let wrong = server.url("postgres").replace(PASSWORD, "another-password");
    let function = Function::start(&[("DATABASE_URL", &wrong)], LONG).await;
    let reason = refusal(&function).await;
    assert!(
        reason.contains("password authentication failed"),
        "{reason}"
    );
    assert!(!reason.contains("another-password"), "{reason}");
    assert!(!function.wrote("another-password"));
}

#[tokio::test]
async fn a_migration_that_fails() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client
        .batch_execute(BEFORE_V3)
        .await
        .expect("V3 is to come");
    // It fails at its last statement, for what a row holds.
    let unfit = "INSERT INTO users (id) VALUES ('user_1');
                 INSERT INTO workspaces (id, name, slug) VALUES ('org_1', 'Acme', 'acme');
                 INSERT INTO workspace_members (id, workspace_id, user_id, role, updated_at)
                 VALUES (gen_random_uuid(), 'org_1', 'user_1', 'ADMIN', 'infinity')";
    client.batch_execute(unfit).await.expect("a member");
    let before = schema_and_history(&client).await;

    let function = Function::start(&[("DATABASE_URL", &database.url())], LONG).await;
    let reason = refusal(&function).await;
    assert!(
        reason.contains("V3__clerk_memberships") && reason.contains("infinity to bigint"),
        "{reason}"
    );
    assert_eq!(schema_and_history(&client).await, before);

    // The next deployment goes on from there.
    client
        .batch_execute("UPDATE workspace_members SET updated_at = now()")
        .await
        .expect("the row is mended");
    let (mailbox, url) = Mailbox::open().await;
    let said = answer_of(function.request("Update", &url).await);
    assert_eq!(said, json!({"applied": FROM_V3}));
    assert_eq!(mailbox.only_answer()["Status"], "SUCCESS");
}

#[tokio::test]
async fn a_panic() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    // The library that runs migrations does not expect this.
    client
        .batch_execute("UPDATE refinery_schema_history SET checksum = 'no number'")
        .await
        .expect("the history can be changed");
    let function = Function::start(&[("DATABASE_URL", &database.url())], LONG).await;
    let reason = refusal(&function).await;
    assert!(reason.contains("a fault of the program"), "{reason}");
    assert!(function.wrote("\"panic\""));
}

#[tokio::test]
async fn a_table_that_somebody_holds_for_a_while() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client
        .batch_execute(BEFORE_V3)
        .await
        .expect("V3 is to come");
    let mut holder = database.connect().await;
    let held = holder.transaction().await.expect("a transaction");
    held.batch_execute("SELECT FROM clerk_objects")
        .await
        .expect("a read");

    let function = Function::start(&[("DATABASE_URL", &database.url())], LONG).await;
    let (mailbox, url) = Mailbox::open().await;
    let reading = async {
        // Meanwhile requests wait, but never for as long as they would give up after.
        let mut longest = Duration::ZERO;
        while !function.wrote("trying again") {
            let asked = Instant::now();
            client
                .batch_execute("SELECT FROM clerk_objects")
                .await
                .expect("a read");
            longest = longest.max(asked.elapsed());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        held.commit().await.expect("it ends");
        longest
    };
    let (outcome, longest) = tokio::join!(function.request("Update", &url), reading);
    assert_eq!(answer_of(outcome), json!({"applied": FROM_V3}));
    assert_eq!(mailbox.only_answer()["Status"], "SUCCESS");
    assert!(
        (Duration::from_millis(500)..Duration::from_secs(4)).contains(&longest),
        "a read took {longest:?}"
    );
}

#[tokio::test]
async fn a_process_that_is_killed() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client
        .batch_execute(BEFORE_V3)
        .await
        .expect("V3 is to come");
    let before = schema_and_history(&client).await;
    let mut holder = database.connect().await;
    let held = holder.transaction().await.expect("a transaction");
    held.batch_execute("LOCK TABLE clerk_objects")
        .await
        .expect("a lock");

    let function = Function::start(&[("DATABASE_URL", &database.url())], LONG).await;
    let (mailbox, url) = Mailbox::open().await;
    let killing = async {
        while !function.wrote("trying again") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        function.kill();
    };
    let (outcome, ()) = tokio::join!(function.request("Update", &url), killing);
    assert!(matches!(outcome, Outcome::Died), "{outcome:?}");
    assert_eq!(schema_and_history(&client).await, before);
    held.commit().await.expect("it ends");

    // Lambda invokes it again; nothing of the first run stands in the way.
    answer_of(function.request("Update", &url).await);
    assert_eq!(mailbox.only_answer()["Status"], "SUCCESS");
}

#[tokio::test]
async fn a_configuration_of_another_form() {
    let database = TestDatabase::create().await;
    let function = Function::start(&[("DATABASE_URL", &database.url())], LONG).await;
    let (mailbox, url) = Mailbox::open().await;
    let request = json!({
        "RequestType": "Create", "ResponseURL": url,
        "ResourceProperties": {"Configuration": ["not", "a", "map"]},
    });
    answer_of(function.invoke(&request).await);
    assert_eq!(mailbox.only_answer()["Status"], "SUCCESS");
}

#[tokio::test]
async fn what_is_no_request_is_a_direct_invocation() {
    let database = TestDatabase::create().await;
    let function = Function::start(&[("DATABASE_URL", &database.url())], LONG).await;
    for event in [
        json!([]),
        json!("Create"),
        json!(null),
        json!({"RequestType": 1}),
    ] {
        let said = answer_of(function.invoke(&event).await);
        assert_eq!(said, json!({"applied": []}), "{event}");
    }
}

#[tokio::test]
async fn an_address_that_nobody_listens_at() {
    let database = TestDatabase::create().await;
    let function = Function::start(&[("DATABASE_URL", &database.url())], LONG).await;
    let outcome = function.request("Update", "http://127.0.0.1:1/answer?signature=secret");
    // Then the invocation fails, and Lambda repeats it.
    assert!(matches!(outcome.await, Outcome::Failed(_)));
    assert!(function.wrote("CloudFormation does not know the outcome"));
    assert!(!function.wrote("signature=secret"));
}

#[tokio::test]
async fn the_end_of_the_stack() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let before = schema_and_history(&client).await;
    client
        .batch_execute("INSERT INTO users (id) VALUES ('user_1')")
        .await
        .expect("a user");
    let function = Function::start(&[("DATABASE_URL", &database.url())], LONG).await;
    let (mailbox, url) = Mailbox::open().await;
    answer_of(function.request("Delete", &url).await);
    assert_eq!(mailbox.only_answer()["Status"], "SUCCESS");
    assert_eq!(schema_and_history(&client).await, before);
    let users: i64 = client
        .query_one("SELECT count(*) FROM users", &[])
        .await
        .expect("the users are there")
        .get(0);
    assert_eq!(users, 1);
}
