//! What is deleted in Cairn between the plan and its writing.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::instance::{New, Old, PROJECT, SMALL, TASK_DONE};

#[tokio::test]
async fn what_was_deleted_meanwhile_takes_its_new_rows_with_it() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.import(&new.url()).await;
    old.run(&format!(
        r#"INSERT INTO "Project" (id, "workspaceId", name, team_lead, "updatedAt")
           VALUES ('22222222-2222-4222-8222-333333333333', 'org_small', 'New', 'user_bob', now());
           INSERT INTO "ProjectMember" (id, "projectId", "userId")
           VALUES ('33333333-3333-4333-8333-444444444444', '{PROJECT}', 'user_ada');
           INSERT INTO "Task" (id, "projectId", title, "assigneeId", due_date, "updatedAt")
           VALUES ('44444444-4444-4444-8444-444444444444', '{PROJECT}', 'New', 'user_bob', '2099-01-01', now());
           INSERT INTO "Comment" (id, "userId", "taskId", content)
           VALUES ('55555555-5555-4555-8555-333333333333', 'user_bob', '{TASK_DONE}', 'New')"#
    ))
    .await;
    new.run("BEGIN; DELETE FROM workspaces").await;
    let importer = old
        .importer(&new.url())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the program starts");
    let waits = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let deadline = Instant::now() + Duration::from_mins(1);
    while new.text(waits).await == "0" {
        assert!(Instant::now() < deadline, "it does not wait");
        tokio::time::sleep(Duration::from_millis(20)).await;
        // Within a transaction the statistics are those of its first look.
        new.run("SELECT pg_stat_clear_snapshot()").await;
    }
    new.run("COMMIT").await;
    let output = importer.wait_with_output().await.expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        told.matches(" changed in Cairn in the meantime").count(),
        4,
        "{told}"
    );
    for table in [
        "workspaces",
        "projects",
        "project_members",
        "tasks",
        "comments",
    ] {
        let rows = format!("SELECT count(*)::text FROM {table}");
        assert_eq!(new.text(&rows).await, "0", "{table}");
    }
}
