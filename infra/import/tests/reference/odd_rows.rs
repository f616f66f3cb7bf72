//! What becomes of each kind of row that Cairn would not have made.

use crate::instance::{New, Old, PROJECT, SMALL};

/// Imports the small database after this was done to it; what is said of the row, and the value that it has then.
async fn fate(sql: &str, table: &str, old_id: &str, value: &str) -> (Vec<String>, Vec<String>) {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.run(sql).await;
    let report = old.import(&new.url()).await;
    (report.of(table, old_id), new.texts(value).await)
}

fn said(notes: &[&str], values: &[&str]) -> (Vec<String>, Vec<String>) {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    (owned(notes), owned(values))
}

#[tokio::test]
async fn ids_that_are_no_uuids_get_one_and_keep_it() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.run(
        r#"INSERT INTO "Project" (id, "workspaceId", name, team_lead, "updatedAt") VALUES ('clp1', 'org_small', 'Odd', 'user_bob', now());
           INSERT INTO "ProjectMember" (id, "projectId", "userId") VALUES ('clpm1', 'clp1', 'user_bob');
           INSERT INTO "Task" (id, "projectId", title, "assigneeId", due_date, "updatedAt")
           VALUES ('clt1', 'clp1', 'Odd', 'user_bob', '2026-01-01', now()),
                  -- Its lower-case twin may be there as well.
                  ('44444444-4444-4444-8444-ABCDEFABCDEF', 'clp1', 'Upper case', 'user_bob', '2026-01-01', now());
           INSERT INTO "Comment" (id, "userId", "taskId", content) VALUES ('clc1', 'user_bob', 'clt1', 'Odd')"#,
    )
    .await;
    let report = old.import(&new.url()).await;
    let note = ["has an id that is no UUID, and gets one"];
    assert_eq!(report.of("projects", "clp1"), note);
    assert_eq!(report.of("tasks", "clt1"), note);
    assert_eq!(
        report.of("tasks", "44444444-4444-4444-8444-ABCDEFABCDEF"),
        note
    );
    assert_eq!(report.of("comments", "clc1"), note);
    let joined = "SELECT p.id || ' ' || m.id || ' ' || t.id || ' ' || c.id
                    FROM projects p
                    JOIN project_members m ON m.project_id = p.id
                    JOIN tasks t ON t.project_id = p.id
                    JOIN comments c ON c.task_id = t.id
                   WHERE p.name = 'Odd'";
    let ids = new.text(joined).await;
    for id in ids.split(' ') {
        assert_eq!(id.as_bytes()[14], b'8', "{id} is of version 8");
    }
    // Another database gets the same.
    let other = New::create().await;
    old.import(&other.url()).await;
    assert_eq!(other.text(joined).await, ids);
}

#[tokio::test]
async fn dates_that_stood_for_none() {
    let project = fate(
        r#"UPDATE "Project" SET start_date = '1970-01-01', end_date = '1970-01-01'"#,
        "projects",
        PROJECT,
        "SELECT coalesce(start_date, end_date)::text FROM projects WHERE start_date IS NOT NULL OR end_date IS NOT NULL",
    );
    let expected = said(
        &["has a date in 1970 that stood for none: it gets none"],
        &[],
    );
    assert_eq!(project.await, expected);
    let task = fate(
        r#"UPDATE "Task" SET due_date = '1970-01-01' WHERE title = 'Overdue'"#,
        "tasks",
        crate::instance::TASK_OVERDUE,
        "SELECT due_date::text FROM tasks WHERE title = 'Overdue'",
    );
    let expected = said(
        &["is due on 1 January 1970, which stood for no date: it stays so"],
        &["1970-01-01 00:00:00+00"],
    );
    assert_eq!(task.await, expected);
}

#[tokio::test]
async fn dates_in_the_wrong_order_and_beyond_all_calendars() {
    let project = fate(
        r#"UPDATE "Project" SET start_date = '2026-05-02', end_date = '2026-05-01', progress = -7"#,
        "projects",
        PROJECT,
        "SELECT progress || ' ' || start_date::date || ' ' || coalesce(end_date::text, 'none') FROM projects",
    );
    let expected = said(
        &[
            "has a progress outside 0 to 100: it gets the nearer of the two",
            "ends before it starts: it gets no end",
        ],
        &["0 2026-05-02 none"],
    );
    assert_eq!(project.await, expected);
    let task = fate(
        r#"UPDATE "Task" SET due_date = 'infinity', status = 'DONE' WHERE title = 'Overdue';
           UPDATE "Task" SET due_date = '20000-01-01' WHERE title = 'To come';
           UPDATE "Task" SET due_date = '0044-03-15 BC' WHERE title = 'Done'"#,
        "tasks",
        crate::instance::TASK_OVERDUE,
        "SELECT due_date::text FROM tasks ORDER BY due_date",
    );
    let expected = said(
        &["has a date outside the years 1 to 9999: it gets the nearest there is"],
        &[
            "0001-01-01 00:00:00+00",
            "9999-12-30 22:00:00+00",
            "9999-12-30 22:00:00+00",
        ],
    );
    assert_eq!(task.await, expected);
}

#[tokio::test]
async fn blank_texts() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.run(
        r#"UPDATE "User" SET name = ' ', email = '' WHERE id = 'user_cyd';
           UPDATE "User" SET name = '' WHERE id = 'user_bob';
           UPDATE "Workspace" SET name = E'\t', slug = '', settings = '{"theme": "dark"}';
           UPDATE "Project" SET name = '';
           UPDATE "Task" SET title = E' \n ' WHERE title = 'Done';
           UPDATE "Comment" SET content = E' \n' WHERE content = 'I do'"#,
    )
    .await;
    let report = old.import(&new.url()).await;
    assert_eq!(
        report.of("users", "user_cyd"),
        ["has no name", "has no usable e-mail address"]
    );
    assert_eq!(
        report.of("workspaces", "org_small"),
        [
            "has no name, and gets one",
            "has no slug, and gets one",
            "has settings, which Cairn has no place for"
        ]
    );
    assert_eq!(
        report.of("projects", PROJECT),
        ["has no name, and gets one"]
    );
    assert_eq!(
        report.of("tasks", crate::instance::TASK_DONE),
        ["has no title, and gets one"]
    );
    assert_eq!(
        report.of("comments", "55555555-5555-4555-8555-222222222222"),
        ["skipped: is empty"]
    );
    let names = "SELECT display_name FROM users UNION ALL SELECT name || '/' || slug FROM workspaces
                  UNION ALL SELECT name FROM projects UNION ALL SELECT title FROM tasks UNION ALL SELECT content FROM comments";
    let mut names = new.texts(names).await;
    names.sort();
    assert_eq!(
        names,
        [
            "Ada Admin",
            "Mind the wind",
            "Overdue",
            "To come",
            "Untitled project",
            "Untitled task",
            "User",
            "Workspace/workspace-gsmall",
            "bob"
        ]
    );
}

#[tokio::test]
async fn texts_longer_than_can_be_entered_and_with_markup_are_kept() {
    let task = fate(
        r#"UPDATE "Task" SET title = repeat('x', 5000) || E'\n\U0001F680 <b>', description = repeat('d', 20000) WHERE title = 'Overdue'"#,
        "tasks",
        crate::instance::TASK_OVERDUE,
        r"SELECT length(title) || right(title, 6) || length(description) FROM tasks WHERE description LIKE 'd%'",
    );
    let expected = said(
        &["is longer than what can be entered"],
        &["5006\n🚀 <b>20000"],
    );
    assert_eq!(task.await, expected);
}

#[tokio::test]
async fn people_who_are_not_where_they_should_be() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    old.run(
        r#"INSERT INTO "User" (id, name, email, "updatedAt") VALUES
               ('user_out', 'Out Sider', 'out@example.test', now()), ('user_twin', 'Twin', 'ADA@Example.test', now());
           INSERT INTO "Project" (id, "workspaceId", name, team_lead, "updatedAt")
           VALUES ('22222222-2222-4222-8222-aaaaaaaaaaaa', 'org_small', 'Led from outside', 'user_out', now());
           INSERT INTO "ProjectMember" (id, "projectId", "userId")
           VALUES ('33333333-3333-4333-8333-aaaaaaaaaaaa', '22222222-2222-4222-8222-222222222222', 'user_out');
           DELETE FROM "ProjectMember" WHERE "userId" = 'user_bob';
           UPDATE "Task" SET "assigneeId" = 'user_out' WHERE title = 'Overdue';
           UPDATE "Workspace" SET "ownerId" = 'user_out';
           UPDATE "WorkspaceMember" SET role = 'MEMBER'"#,
    )
    .await;
    let report = old.import(&new.url()).await;
    assert_eq!(
        report.of("users", "user_twin"),
        ["shares an e-mail address with another, but for upper and lower case"]
    );
    assert_eq!(
        report.of("workspaces", "org_small"),
        [
            "has an owner who is no member: the longest-standing ADMIN counts as the owner",
            "has no ADMIN"
        ]
    );
    assert_eq!(
        report.of("projects", "22222222-2222-4222-8222-aaaaaaaaaaaa"),
        ["is led from outside the workspace: an ADMIN can hand it over"]
    );
    let outside = "is of somebody outside the workspace: it counts once they are in it";
    assert_eq!(
        report.of("project_members", "33333333-3333-4333-8333-aaaaaaaaaaaa"),
        [outside]
    );
    let lead = "is a lead's, who was not in the project";
    assert_eq!(
        report.of("project_members", &format!("lead/{PROJECT}/user_bob")),
        [lead]
    );
    assert_eq!(
        report.of(
            "project_members",
            "lead/22222222-2222-4222-8222-aaaaaaaaaaaa/user_out"
        ),
        [lead, outside]
    );
    assert_eq!(
        report.of("tasks", crate::instance::TASK_OVERDUE),
        ["is given to somebody outside the workspace, who does not see it"]
    );
    // The outsider may nothing: not see the task that is theirs, nor lead, nor own.
    let rights = "SELECT 'access' FROM project_access WHERE user_id = 'user_out'
                   UNION ALL SELECT 'task' FROM task_access WHERE user_id = 'user_out'
                   UNION ALL SELECT 'owner ' || user_id FROM workspace_owners";
    assert_eq!(new.texts(rights).await, ["owner user_ada"]);
    assert_eq!(
        new.text("SELECT email_owner('ada@example.test')").await,
        "user_ada"
    );
    let leads = "SELECT user_id FROM project_access WHERE leads AND in_project ORDER BY 1";
    assert_eq!(new.texts(leads).await, ["user_bob"]);
}

#[tokio::test]
async fn what_hangs_on_nothing_is_skipped() {
    let (old, new) = (Old::with(SMALL).await, New::create().await);
    // As where the old system kept no foreign keys.
    old.run(
        r#"INSERT INTO "User" (id, name, email, "updatedAt") VALUES ('', 'Nobody', 'no@example.test', now());
           UPDATE "Task" SET "assigneeId" = '' WHERE title = 'To come';
           ALTER TABLE "Comment" DROP CONSTRAINT "Comment_userId_fkey";
           ALTER TABLE "WorkspaceMember" DROP CONSTRAINT "WorkspaceMember_userId_fkey";
           ALTER TABLE "Task" DROP CONSTRAINT "Task_projectId_fkey";
           UPDATE "WorkspaceMember" SET "userId" = 'user_gone' WHERE "userId" = 'user_cyd';
           UPDATE "Task" SET "projectId" = 'gone' WHERE title = 'Done'"#,
    )
    .await;
    let report = old.import(&new.url()).await;
    assert_eq!(
        report.fates(),
        [
            "comments: 2 skipped",
            "project_members: 2 inserted",
            "projects: 1 inserted",
            "tasks: 1 inserted",
            "tasks: 2 skipped",
            "users: 3 inserted",
            "users: 1 skipped",
            "workspace_members: 2 inserted",
            "workspace_members: 1 skipped",
            "workspaces: 1 inserted",
        ]
    );
    let task = "skipped: is of a task that is not brought over";
    assert_eq!(report.of("comments", crate::instance::COMMENT), [task]);
    assert_eq!(
        report.of("tasks", crate::instance::TASK_TO_COME),
        ["skipped: is given to a user who is not brought over"]
    );
    assert_eq!(
        report.of("tasks", crate::instance::TASK_DONE),
        ["skipped: is of a project that is not brought over"]
    );
    assert_eq!(
        report.of("workspace_members", "11111111-1111-4111-8111-333333333333"),
        ["skipped: is of a user who is not brought over"]
    );
    assert_eq!(
        report.of("users", ""),
        ["skipped: has an id that is empty or too long"]
    );
}
