//! The database of 20,000 tasks and 60,000 comments.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;
use tokio_postgres::Client;

use crate::instance::{New, Old, WHOLE, texts};

/// So that there is something to remind, whenever the tests are run. One in five of them is due on a day without a time.
const SOME_TO_COME: &str = r#"
    UPDATE "Task" SET due_date = date_trunc('day', now() AT TIME ZONE 'UTC')
                                 + CASE WHEN n % 5 = 0 THEN interval '30 days' ELSE interval '30 days 9 hours' END
      FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM "Task" WHERE status <> 'DONE') AS open
     WHERE "Task".id = open.id AND open.n BETWEEN 1001 AND 1250"#;

/// Read by all tests here and changed by none. A connection is the test's own: it ends with the test.
async fn whole() -> (&'static Old, Client) {
    static OLD: OnceCell<Old> = OnceCell::const_new();
    let old = OLD
        .get_or_init(|| async {
            let old = Old::with(WHOLE).await;
            old.run(SOME_TO_COME).await;
            old
        })
        .await;
    (old, old.connect().await)
}

/// What must be the same in both databases, as text: how it is read from the old one, and from Cairn's.
const SAME: [(&str, &str); 7] = [
    (
        r#"SELECT ROW(id, name, email, image, "createdAt", "updatedAt")::text FROM "User" ORDER BY 1"#,
        "SELECT ROW(id, name, email, image, created_at::timestamp, updated_at::timestamp)::text FROM users ORDER BY 1",
    ),
    (
        r#"SELECT ROW(id, name, slug, description, "ownerId", "imageUrl", "createdAt", "updatedAt")::text FROM "Workspace"
           ORDER BY 1"#,
        "SELECT ROW(id, name, slug, description, owner_id, image_url, created_at::timestamp, updated_at::timestamp)::text
           FROM workspaces ORDER BY 1",
    ),
    (
        r#"SELECT ROW(id, "workspaceId", "userId", role, message)::text FROM "WorkspaceMember" ORDER BY 1"#,
        "SELECT ROW(id, workspace_id, user_id, role, message)::text FROM workspace_members ORDER BY 1",
    ),
    (
        r#"SELECT ROW(id, "workspaceId", name, description, status, priority, CASE WHEN progress = 99999 THEN 100 ELSE progress END,
                      start_date, end_date, team_lead, "createdAt", "updatedAt")::text
             FROM "Project" ORDER BY 1"#,
        "SELECT ROW(id, workspace_id, name, description, status, priority, progress, start_date::timestamp, end_date::timestamp,
                    team_lead, created_at::timestamp, updated_at::timestamp)::text
           FROM projects ORDER BY 1",
    ),
    (
        r#"SELECT ROW("projectId", "userId")::text FROM "ProjectMember"
            UNION SELECT ROW(id, team_lead)::text FROM "Project" ORDER BY 1"#,
        "SELECT ROW(project_id, user_id)::text FROM project_members ORDER BY 1",
    ),
    (
        r#"SELECT ROW(id, "projectId", title, description, status, type, priority, "assigneeId", due_date, "createdAt", "updatedAt",
                      1, false)::text
             FROM "Task" ORDER BY 1"#,
        "SELECT ROW(id, project_id, title, description, status, type, priority, assignee_id, due_date::timestamp,
                    created_at::timestamp, updated_at::timestamp, assignment, self_assigned)::text
           FROM tasks ORDER BY 1",
    ),
    (
        r#"SELECT ROW(id, "taskId", "userId", content, "createdAt", "createdAt")::text FROM "Comment" ORDER BY 1"#,
        "SELECT ROW(id, task_id, user_id, content, created_at::timestamp, updated_at::timestamp)::text FROM comments ORDER BY 1",
    ),
];

#[tokio::test]
async fn everything_is_brought_over_once() {
    let (old, there) = whole().await;
    let new = New::create().await;
    let began = Instant::now();
    let report = old.import(&new.url()).await;
    println!(
        "20,000 tasks and 60,000 comments took {:?}",
        began.elapsed()
    );

    let fates = [
        "comments: 60000 inserted",
        "project_members: 4001 inserted",
        "projects: 400 inserted",
        "tasks: 20000 inserted",
        "users: 50 inserted",
        "workspace_members: 400 inserted",
        "workspaces: 20 inserted",
    ];
    assert_eq!(report.fates(), fates);
    for (of_old, of_new) in SAME {
        let (is, was) = (new.texts(of_new).await, texts(&there, of_old).await);
        assert_eq!(is.len(), was.len(), "{of_new}");
        for (is, was) in is.iter().zip(&was) {
            assert_eq!(is, was, "{of_new}");
        }
    }

    // Nobody hears of an assignment again, and exactly the tasks that are to come will remind.
    let unsettled = "SELECT count(*)::text FROM tasks t
                      WHERE NOT EXISTS (SELECT FROM deliveries d
                                         WHERE (d.kind, d.task_id, d.user_id, d.version)
                                               = ('assignment', t.id, t.assignee_id, t.assignment)
                                           AND d.sent_at IS NOT NULL)";
    assert_eq!(new.text(unsettled).await, "0");
    let promised = new
        .texts("SELECT task_id::text FROM outbox WHERE kind = 'task_change' ORDER BY 1")
        .await;
    let to_come = r#"SELECT id FROM "Task" WHERE status <> 'DONE' AND due_date > now() AT TIME ZONE 'UTC' ORDER BY 1"#;
    assert_eq!(promised, texts(&there, to_come).await);
    assert_eq!(promised.len(), 250);
    assert_eq!(report.json["reminders"], 250);
    // A hundred a second at most.
    let pace = "SELECT bool_and(rows <= 100)::text FROM (SELECT count(*) AS rows FROM outbox GROUP BY next_attempt_at) AS at_once";
    assert_eq!(new.text(pace).await, "true");
    let settings = "SELECT DISTINCT ROW(timezone, reminder_time, admins_manage_projects)::text FROM workspaces";
    assert_eq!(new.text(settings).await, "(UTC,00:00:00,t)");

    // Once more changes nothing.
    let contents = new.contents().await;
    let report = old.import(&new.url()).await;
    let fates = fates.map(|fate| fate.replace("inserted", "unchanged"));
    assert_eq!(report.fates(), fates);
    assert_eq!(report.json["reminders"], 0);
    assert!(
        new.contents().await == contents,
        "the second run changed something"
    );
}

#[tokio::test]
async fn the_odd_rows_are_named() {
    let (old, there) = whole().await;
    let new = New::create().await;
    let report = old.import_with(&new.url(), &["--dry-run"]).await;
    let named = |table: &str, note: &str| -> Vec<String> {
        let rows = report.json["rows"].as_array().expect("rows").iter();
        let mut ids: Vec<String> = rows
            .filter(|row| row["table"] == table)
            .filter(|row| {
                row["notes"]
                    .as_array()
                    .is_some_and(|notes| notes.iter().any(|one| one == note))
            })
            .map(|row| row["old_id"].as_str().expect("an id").to_owned())
            .collect();
        ids.sort();
        ids
    };
    for (table, note, query, rows) in [
        (
            "projects",
            "has a progress outside 0 to 100: it gets the nearer of the two",
            r#"SELECT id FROM "Project" WHERE progress = 99999 ORDER BY 1"#,
            3,
        ),
        (
            "projects",
            "is led from outside the workspace: an ADMIN can hand it over",
            r#"SELECT id FROM "Project" WHERE team_lead = 'user_0049' AND "workspaceId" = 'org_0000' ORDER BY 1"#,
            1,
        ),
        (
            "tasks",
            "is due on 1 January 1970, which stood for no date: it stays so",
            r#"SELECT id FROM "Task" WHERE due_date = '1970-01-01' ORDER BY 1"#,
            20,
        ),
        (
            "tasks",
            "is given to somebody outside the workspace, who does not see it",
            r#"SELECT t.id FROM "Task" t JOIN "Project" p ON p.id = t."projectId"
                WHERE NOT EXISTS (SELECT FROM "WorkspaceMember" m
                                   WHERE m."workspaceId" = p."workspaceId" AND m."userId" = t."assigneeId")
                ORDER BY 1"#,
            15,
        ),
    ] {
        let expected = texts(&there, query).await;
        assert_eq!(named(table, note), expected, "{note}");
        assert_eq!(expected.len(), rows, "{note}");
        assert!(
            report.text.contains(&format!("{rows} × {note}")),
            "{}",
            report.text
        );
    }
    // Besides these, there is the membership of the lead from outside.
    assert_eq!(report.rows().len(), 3 + 1 + 20 + 15 + 1);
    for personal in ["@example.test", "User 1", "Workspace 1", "lorem"] {
        assert!(!report.text.contains(personal) && !report.json.to_string().contains(personal));
    }
}

#[tokio::test]
async fn what_was_killed_is_taken_up() {
    let (old, _there) = whole().await;
    let (one_run, killed) = (New::create().await, New::create().await);
    old.import(&one_run.url()).await;

    for (table, all) in [("tasks", 20_000), ("comments", 60_000)] {
        let mut importer = old.importer(&killed.url());
        let mut importer = importer
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let count = format!("SELECT count(*)::text FROM {table}");
        let rows = || async { killed.text(&count).await.parse::<u32>().expect("a number") };
        let deadline = Instant::now() + Duration::from_mins(3);
        while rows().await == 0 {
            assert!(Instant::now() < deadline, "no {table} arrive");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        importer.kill().await.expect("it can be killed");
        let rows = rows().await;
        assert!(rows < all, "it was too quick to be killed: {rows} {table}");
        // The server may not have noticed yet.
        let alone = "SELECT count(*)::text FROM pg_locks
                      WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        while killed.text(alone).await != "0" {
            assert!(Instant::now() < deadline, "its session does not end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let report = old.import(&killed.url()).await;
    assert!(
        report.count("tasks", "unchanged") == 20_000,
        "{}",
        report.text
    );
    assert!(report.count("comments", "inserted") > 0, "{}", report.text);
    let (is, should) = (killed.contents().await, one_run.contents().await);
    for (table, rows) in should {
        assert!(is[table] == rows, "{table} are not as after one run");
    }
}
