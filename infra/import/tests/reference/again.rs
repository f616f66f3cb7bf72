//! Importing again, after either side has changed.

use crate::instance::{COMMENT, New, Old, PROJECT, SMALL, TASK_DONE, TASK_OVERDUE, TASK_TO_COME};

const NOTHING_BUT_UNCHANGED: [&str; 7] = [
    "comments: 2 unchanged",
    "project_members: 2 unchanged",
    "projects: 1 unchanged",
    "tasks: 3 unchanged",
    "users: 3 unchanged",
    "workspace_members: 3 unchanged",
    "workspaces: 1 unchanged",
];

#[tokio::test]
async fn changes_of_the_old_system_arrive() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.import(&new.url()).await;
    // As if the worker had done its part.
    new.run("DELETE FROM outbox").await;
    old.run(&format!(
        r#"INSERT INTO "User" (id, name, email, "updatedAt") VALUES ('user_dee', 'Dee New', 'dee@example.test', now());
           INSERT INTO "WorkspaceMember" (id, "userId", "workspaceId") VALUES ('11111111-1111-4111-8111-444444444444', 'user_dee', 'org_small');
           INSERT INTO "ProjectMember" (id, "userId", "projectId") VALUES ('33333333-3333-4333-8333-444444444444', 'user_dee', '{PROJECT}');
           UPDATE "User" SET name = 'Cyd Renamed', "updatedAt" = now() WHERE id = 'user_cyd';
           UPDATE "Workspace" SET description = 'Changed', "updatedAt" = now();
           UPDATE "WorkspaceMember" SET role = 'ADMIN' WHERE "userId" = 'user_bob';
           UPDATE "Project" SET team_lead = 'user_dee', progress = 50, "updatedAt" = now();
           UPDATE "Task" SET due_date = '2099-04-01', "assigneeId" = 'user_dee', "updatedAt" = now() WHERE id = '{TASK_TO_COME}';
           UPDATE "Task" SET status = 'TODO', "updatedAt" = now() WHERE id = '{TASK_DONE}';
           UPDATE "Task" SET title = 'Long overdue', "updatedAt" = now() WHERE id = '{TASK_OVERDUE}';
           UPDATE "Comment" SET content = 'Mind the storm' WHERE id = '{COMMENT}'"#,
    ))
    .await;
    let report = old.import(&new.url()).await;
    assert_eq!(
        report.fates(),
        [
            "comments: 1 updated",
            "comments: 1 unchanged",
            "project_members: 1 inserted",
            "project_members: 2 unchanged",
            "projects: 1 updated",
            "tasks: 3 updated",
            "users: 1 inserted",
            "users: 1 updated",
            "users: 2 unchanged",
            "workspace_members: 1 inserted",
            "workspace_members: 1 updated",
            "workspace_members: 2 unchanged",
            "workspaces: 1 updated",
        ]
    );
    let mut promised = new.texts("SELECT task_id::text FROM outbox").await;
    promised.sort();
    assert_eq!(
        promised,
        [TASK_TO_COME, TASK_DONE],
        "what is due at another time, or open again"
    );
    let settled = format!(
        "SELECT user_id || ' ' || version FROM deliveries WHERE task_id = '{TASK_TO_COME}' AND sent_at IS NOT NULL ORDER BY 1"
    );
    assert_eq!(new.texts(&settled).await, ["user_cyd 1", "user_dee 1"]);
    let changed =
        "SELECT name FROM users WHERE id = 'user_cyd' UNION ALL SELECT description FROM workspaces
                    UNION ALL SELECT role::text FROM workspace_members WHERE user_id = 'user_bob'
                    UNION ALL SELECT role::text FROM clerk_memberships WHERE user_id = 'user_bob'
                    UNION ALL SELECT team_lead || ' ' || progress FROM projects
                    UNION ALL SELECT title || ' ' || status FROM tasks WHERE status <> 'TODO'
                    UNION ALL SELECT content FROM comments WHERE content LIKE 'Mind%'";
    assert_eq!(
        new.texts(changed).await,
        [
            "Cyd Renamed",
            "Changed",
            "ADMIN",
            "ADMIN",
            "user_dee 50",
            "Long overdue IN_PROGRESS",
            "Mind the storm"
        ]
    );

    // As one import that found all of it at once.
    let one_run = New::create().await;
    old.import(&one_run.url()).await;
    new.run(&format!(
        "DELETE FROM deliveries WHERE user_id = 'user_cyd' AND task_id = '{TASK_TO_COME}'"
    ))
    .await;
    assert_eq!(new.contents().await, one_run.contents().await);
}

#[tokio::test]
async fn what_was_done_in_cairn_since_stays() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.import(&new.url()).await;
    new.run(&format!(
        "UPDATE tasks SET title = 'Ours', updated_at = now() WHERE id = '{TASK_TO_COME}';
         DELETE FROM tasks WHERE id = '{TASK_OVERDUE}';
         UPDATE projects SET progress = 80, updated_at = now();
         UPDATE comments SET content = 'Ours', updated_at = now() WHERE id = '{COMMENT}';
         DELETE FROM project_members WHERE user_id = 'user_cyd';
         UPDATE workspaces SET description = 'Ours', admins_manage_projects = false, updated_at = now()"
    ))
    .await;
    let ours = new.contents().await;
    // Where the old system changed nothing, there is nothing to say but what was deleted.
    let report = old.import(&new.url()).await;
    let deleted = "kept: was deleted in Cairn";
    assert_eq!(report.of("tasks", TASK_OVERDUE), [deleted]);
    assert_eq!(report.rows().len(), 2, "{:?}", report.rows());

    old.run(
        r#"UPDATE "Task" SET title = 'Theirs', "updatedAt" = now(); UPDATE "Project" SET name = 'Theirs', "updatedAt" = now();
           UPDATE "Comment" SET content = 'Theirs' WHERE content LIKE 'Mind%';
           UPDATE "Workspace" SET description = 'Theirs', "updatedAt" = now()"#,
    )
    .await;
    let report = old.import(&new.url()).await;
    let changed = "kept: was changed in Cairn as well";
    for (table, id) in [
        ("tasks", TASK_TO_COME),
        ("projects", PROJECT),
        ("comments", COMMENT),
        ("workspaces", "org_small"),
    ] {
        assert_eq!(report.of(table, id), [changed], "{table}");
    }
    assert_eq!(
        report.of("project_members", "33333333-3333-4333-8333-222222222222"),
        [deleted]
    );
    assert_eq!(
        report.count("tasks", "updated"),
        1,
        "the one that nobody touched here"
    );
    new.run(&format!(
        "UPDATE tasks SET title = 'Done', updated_at = '2026-01-07 08:02Z', due_set_at = '2026-01-07 08:02Z' WHERE id = '{TASK_DONE}'"
    ))
    .await;
    assert_eq!(new.contents().await, ours);
}

#[tokio::test]
async fn what_is_gone_from_the_old_system_stays_and_is_reported() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.import(&new.url()).await;
    let before = new.contents().await;
    old.run(&format!(
        r#"DELETE FROM "Task" WHERE id = '{TASK_TO_COME}'"#
    ))
    .await;
    let report = old.import(&new.url()).await;
    assert_eq!(new.contents().await, before);
    let gone = ["gone: is not in the old database any more, and stays"];
    assert_eq!(report.of("tasks", TASK_TO_COME), gone);
    assert_eq!(report.of("comments", COMMENT), gone);
    new.run(&format!("DELETE FROM tasks WHERE id = '{TASK_TO_COME}'"))
        .await;
    let report = old.import(&new.url()).await;
    assert!(
        report.rows().is_empty(),
        "both sides agree: {:?}",
        report.rows()
    );
}

#[tokio::test]
async fn a_forgotten_import_is_not_taken_for_none() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.import(&new.url()).await;
    new.forget_import().await;
    new.run(&format!(
        "UPDATE tasks SET title = 'Ours', updated_at = now() WHERE id = '{TASK_DONE}';
         UPDATE workspaces SET admins_manage_projects = false;
         DELETE FROM tasks WHERE id = '{TASK_OVERDUE}'"
    ))
    .await;
    let refused = async |arguments: &[&str]| {
        let before = new.contents().await;
        let output = old.importer(&new.url()).args(arguments).output().await;
        let output = output.expect("the program runs");
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("`--again` imports all the same"), "{said}");
        assert_eq!(new.contents().await, before);
    };
    refused(&[]).await;
    refused(&["--dry-run"]).await;

    let report = old.import_with(&new.url(), &["--again"]).await;
    assert_eq!(
        report.of("tasks", TASK_DONE),
        ["kept: was in Cairn without an import"]
    );
    assert_eq!(report.count("tasks", "inserted"), 1, "the deleted one");
    let again = "SELECT admins_manage_projects::text FROM workspaces";
    assert_eq!(new.text(again).await, "true");
    // Now it is remembered again.
    old.import(&new.url()).await;
}

#[tokio::test]
async fn a_forgotten_import_is_noticed_by_its_memberships_or_its_tasks() {
    for forget in [
        "DELETE FROM tasks; DELETE FROM deliveries",
        "DELETE FROM clerk_memberships",
    ] {
        let (old, new) = (Old::with(SMALL).await, New::create().await);
        old.import(&new.url()).await;
        new.forget_import().await;
        new.run(forget).await;
        let output = old.importer(&new.url()).output().await;
        let output = output.expect("the program runs");
        assert_eq!(output.status.code(), Some(1), "after {forget}");
    }
}

#[tokio::test]
async fn an_import_of_nothing_new_says_so() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    let first = old.import(&new.url()).await;
    assert_eq!(
        first.fates(),
        NOTHING_BUT_UNCHANGED.map(|fate| fate.replace("unchanged", "inserted"))
    );
    assert!(
        first.rows().is_empty(),
        "nothing is odd: {:?}",
        first.rows()
    );
    assert!(
        first.text.contains("1 tasks will get a schedule"),
        "{}",
        first.text
    );
    assert_eq!(
        new.text("SELECT task_id::text FROM outbox").await,
        TASK_TO_COME
    );
    let second = old.import(&new.url()).await;
    assert_eq!(second.fates(), NOTHING_BUT_UNCHANGED);
}
