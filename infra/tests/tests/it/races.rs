//! Two requests at once that want the same: one wins, the other gets its documented answer, and the data stays right.
//! Everything is tried many times, because a race is not lost every time.

use cairn_tests::{Answer, Request, TestApp, User, World};
use serde_json::{Value, json};

const TRIES: usize = 15;

/// Functions with enough processes for all requests of a race to run at the same time.
async fn app() -> TestApp {
    TestApp::builder().environments(4).start().await
}

/// The answers to requests that are sent at the same time, by status.
pub async fn at_once(requests: impl IntoIterator<Item = Request>) -> Vec<Answer> {
    let sent: Vec<_> = requests
        .into_iter()
        .map(|request| tokio::spawn(request.into_future()))
        .collect();
    let mut answers = Vec::new();
    for answer in sent {
        answers.push(answer.await.expect("the request is answered"));
    }
    answers.sort_by_key(|answer| answer.status);
    answers
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    answers
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect()
}

async fn count(app: &TestApp, query: &str, id: &str) -> i64 {
    app.database()
        .query_one(query, &[&id])
        .await
        .expect("the rows are counted")
        .get(0)
}

#[tokio::test]
async fn the_same_member_is_added_to_a_workspace_once() {
    let app = app().await;
    let world = World::create(app.database()).await;
    for _ in 0..TRIES {
        let newcomer = app.user("Newcomer").await;
        let body =
            json!({"email": newcomer.email, "role": "MEMBER", "workspaceId": world.workspace});
        let answers =
            at_once((0..4).map(|_| app.post(&world.admin, "/api/workspace/add-member", &body)))
                .await;
        assert_eq!(statuses(&answers), [201, 400, 400, 400]);
        for late in &answers[1..] {
            late.is_refused(400, "User is already a member");
        }
        let rows = "SELECT count(*) FROM workspace_members WHERE user_id = $1";
        assert_eq!(count(&app, rows, &newcomer.id).await, 1);
    }
}

#[tokio::test]
async fn the_same_member_is_added_to_a_project_once() {
    let app = app().await;
    for _ in 0..TRIES {
        let world = World::create(app.database()).await;
        let path = format!("/api/projects/{}/add-member", world.project);
        let body = json!({"email": world.bystander.email});
        let answers = at_once((0..4).map(|_| app.post(&world.lead, &path, &body))).await;
        assert_eq!(statuses(&answers), [200, 400, 400, 400]);
        for late in &answers[1..] {
            late.is_refused(400, "User already in project");
        }
        let rows = "SELECT count(*) FROM project_members WHERE user_id = $1";
        assert_eq!(count(&app, rows, &world.bystander.id).await, 1);
    }
}

#[tokio::test]
async fn the_same_task_is_deleted_once() {
    let app = app().await;
    for _ in 0..TRIES {
        let world = World::create(app.database()).await;
        let second = app
            .task(&world.lead, &world.project, &world.lead, "Second")
            .await;
        let path = format!("/api/tasks/{}", world.task);
        let answers = at_once((0..4).map(|_| app.delete(&world.lead, &path))).await;
        assert_eq!(statuses(&answers), [200, 404, 404, 404]);
        for late in &answers[1..] {
            late.is_refused(404, "Task not found");
        }
        let body = json!({"taskIds": [second]});
        let answers =
            at_once((0..4).map(|_| app.delete(&world.lead, "/api/tasks").json(&body))).await;
        assert_eq!(statuses(&answers), [200, 404, 404, 404]);
        for late in &answers[1..] {
            late.is_refused(404, "Some tasks not found");
        }
    }
}

#[tokio::test]
async fn overlapping_deletions_end_without_a_deadlock() {
    let app = app().await;
    for _ in 0..TRIES {
        let world = World::create(app.database()).await;
        let mut ids = vec![world.task.clone()];
        for number in 0..4 {
            ids.push(
                app.task(
                    &world.lead,
                    &world.project,
                    &world.lead,
                    &number.to_string(),
                )
                .await,
            );
        }
        let delete = |ids: Vec<&String>| {
            app.delete(&world.lead, "/api/tasks")
                .json(&json!({"taskIds": ids}))
        };
        let answers = at_once([
            delete(ids.iter().collect()),
            delete(ids.iter().rev().collect()),
        ])
        .await;
        assert_eq!(statuses(&answers), [200, 404]);
    }
}

/// The members of a workspace who are ADMINs.
async fn admins(app: &TestApp, world: &World) -> i64 {
    let rows = "SELECT count(*) FROM workspace_members WHERE role = 'ADMIN' AND workspace_id = $1";
    count(app, rows, &world.workspace).await
}

/// What both of the last two ADMINs do to somebody at the same time. One may succeed; the other is told that they are no
/// ADMIN any more, or the last one, or that whom they meant is gone.
async fn one_admin_stays(app: &TestApp, request: impl Fn(&World, &User, &User) -> Request) {
    for _ in 0..TRIES {
        let world = World::create(app.database()).await;
        let requests = [
            request(&world, &world.owner, &world.admin),
            request(&world, &world.admin, &world.owner),
        ];
        let answers = at_once(requests).await;
        assert_eq!(answers[0].status, 200, "{}", answers[0]);
        match answers[1].status.as_u16() {
            403 => answers[1].is_refused(403, "Only workspace admins can perform this action"),
            404 => answers[1].is_refused(404, "Member not found"),
            _ => answers[1].is_refused(409, "A workspace needs an admin"),
        }
        assert_eq!(admins(app, &world).await, 1);
    }
}

fn member_path(world: &World, user: &User) -> String {
    format!("/api/workspace/{}/members/{}", world.workspace, user.id)
}

#[tokio::test]
async fn the_last_two_admins_cannot_remove_each_other() {
    let app = app().await;
    one_admin_stays(&app, |world, by, whom| {
        app.delete(by, &member_path(world, whom))
    })
    .await;
}

#[tokio::test]
async fn the_last_two_admins_cannot_both_leave() {
    let app = app().await;
    one_admin_stays(&app, |world, by, _| app.delete(by, &member_path(world, by))).await;
}

#[tokio::test]
async fn the_last_two_admins_cannot_demote_each_other() {
    let app = app().await;
    let demotion = json!({"role": "MEMBER"});
    one_admin_stays(&app, |world, by, whom| {
        app.patch(by, &member_path(world, whom), &demotion)
    })
    .await;
}

#[tokio::test]
async fn the_last_two_admins_cannot_oust_each_other_in_two_ways() {
    let app = app().await;
    let demotion = json!({"role": "MEMBER"});
    one_admin_stays(&app, |world, by, whom| {
        if by.id == world.owner.id {
            app.patch(by, &member_path(world, whom), &demotion)
        } else {
            app.delete(by, &member_path(world, whom))
        }
    })
    .await;
}

#[tokio::test]
async fn one_idempotency_key_creates_one_thing() {
    let app = app().await;
    for try_number in 0..TRIES {
        let world = World::create(app.database()).await;
        let key = format!("key {try_number}");
        let new_project = json!({"name": "One", "team_lead": world.lead.email, "team_members": [world.assignee.email]});
        let new_task =
            json!({"title": "One", "assigneeId": world.lead.id, "due_date": "2030-01-01"});
        let creations: [(&User, String, Value); 4] = [
            (
                &world.owner,
                "/api/workspace".to_owned(),
                json!({"name": "One"}),
            ),
            (
                &world.owner,
                format!("/api/projects/workspace/{}", world.workspace),
                new_project,
            ),
            (
                &world.lead,
                format!("/api/tasks/project/{}/tasks", world.project),
                new_task,
            ),
            (
                &world.lead,
                format!("/api/tasks/{}/comments", world.task),
                json!({"message": "One"}),
            ),
        ];
        for (user, path, body) in &creations {
            let requests =
                (0..4).map(|_| app.post(user, path, body).header("idempotency-key", &key));
            let answers = at_once(requests).await;
            let first = answers[0].data(201);
            for answer in &answers {
                assert_eq!(answer.data(201), first, "{path}");
            }
        }
        let projects = "SELECT count(*) FROM projects WHERE workspace_id = $1";
        assert_eq!(
            count(&app, projects, &world.workspace).await,
            2,
            "the world's and the new one"
        );
        let members = "SELECT count(*) FROM project_members WHERE user_id = $1";
        assert_eq!(count(&app, members, &world.assignee.id).await, 2);
        let tasks = "SELECT count(*) FROM tasks WHERE project_id::text = $1";
        assert_eq!(count(&app, tasks, &world.project).await, 2);
        let comments = "SELECT count(*) FROM comments WHERE task_id::text = $1";
        assert_eq!(count(&app, comments, &world.task).await, 2);
    }
}

#[tokio::test]
async fn what_is_written_to_something_that_is_being_deleted_is_refused_or_goes_with_it() {
    let app = app().await;
    for _ in 0..TRIES {
        let world = World::create(app.database()).await;
        let task = json!({"title": "New", "assigneeId": world.lead.id, "due_date": "2030-01-01"});
        let answers = at_once([
            app.delete(&world.lead, &format!("/api/projects/{}", world.project)),
            app.post(
                &world.lead,
                &format!("/api/tasks/project/{}/tasks", world.project),
                &task,
            ),
            app.post(
                &world.lead,
                &format!("/api/tasks/{}/comments", world.task),
                &json!({"message": "New"}),
            ),
            app.patch(
                &world.lead,
                &format!("/api/tasks/{}", world.task),
                &json!({"title": "Newer"}),
            ),
        ])
        .await;
        for answer in &answers {
            assert!(
                matches!(answer.status.as_u16(), 200 | 201 | 404),
                "{answer}"
            );
        }
        let rows = "SELECT count(*) FROM tasks WHERE project_id::text = $1";
        assert_eq!(count(&app, rows, &world.project).await, 0);
    }
}

#[tokio::test]
async fn changes_of_different_fields_do_not_undo_each_other() {
    let app = app().await;
    for _ in 0..TRIES {
        let world = World::create(app.database()).await;
        let paths = [
            (
                format!("/api/projects/{}", world.project),
                json!({
                    "name": "New", "description": "New", "start_date": "2030-01-01T00:00:00.000Z",
                    "end_date": "2030-02-01T00:00:00.000Z", "progress": 50, "priority": "LOW",
                }),
            ),
            (
                format!("/api/tasks/{}", world.task),
                json!({
                    "title": "New", "description": "New", "due_date": "2031-01-01T00:00:00.000Z", "status": "DONE",
                    "assigneeId": world.project_member.id,
                }),
            ),
        ];
        for (path, wanted) in paths {
            let wanted = wanted.as_object().expect("an object");
            let changes = wanted
                .iter()
                .map(|(field, value)| app.patch(&world.lead, &path, &json!({field: value})));
            for answer in at_once(changes).await {
                assert_eq!(answer.status, 200, "{answer}");
            }
            let stored = app.get(&world.lead, &path).await.data(200);
            for (field, value) in wanted {
                assert_eq!(
                    &stored[field], value,
                    "{field} was undone by another change: {stored}"
                );
            }
        }
        let path = format!("/api/workspace/{}", world.workspace);
        let wanted = json!({"timezone": "Europe/Prague", "reminder_time": "08:30", "admins_manage_projects": true});
        let settings = wanted.as_object().expect("an object");
        let changes = settings.iter().map(|(field, value)| {
            app.patch(&world.owner, &path, &json!({"settings": {field: value}}))
        });
        for answer in at_once(changes).await {
            assert_eq!(answer.status, 200, "{answer}");
        }
        assert_eq!(
            app.get(&world.owner, &path).await.data(200)["settings"],
            wanted
        );
    }
}

#[tokio::test]
async fn a_lead_does_not_leave_while_the_project_is_handed_to_them() {
    let app = app().await;
    for _ in 0..TRIES {
        let world = World::create(app.database()).await;
        let hand_over = json!({"team_lead": world.assignee.email});
        let answers = at_once([
            app.patch(
                &world.lead,
                &format!("/api/projects/{}", world.project),
                &hand_over,
            ),
            app.delete(
                &world.lead,
                &format!(
                    "/api/projects/{}/member/{}",
                    world.project, world.assignee.id
                ),
            ),
        ])
        .await;
        assert!(
            answers[0].status.is_success() && !answers[0].status.is_server_error(),
            "{}",
            answers[0]
        );
        let in_project = "SELECT count(*) FROM projects p JOIN project_members m
                              ON m.project_id = p.id AND m.user_id = p.team_lead WHERE p.id::text = $1";
        assert_eq!(
            count(&app, in_project, &world.project).await,
            1,
            "the lead is a member of the project"
        );
    }
}

#[tokio::test]
async fn who_was_the_assignee_does_not_take_the_task_back() {
    let app = app().await;
    for _ in 0..TRIES {
        let world = World::create(app.database()).await;
        let path = format!("/api/tasks/{}", world.task);
        let given = json!({"assigneeId": world.project_member.id});
        let kept = json!({"assigneeId": world.assignee.id, "status": "DONE"});
        let answers = at_once([
            app.patch(&world.lead, &path, &given),
            app.patch(&world.assignee, &path, &kept),
        ])
        .await;
        assert_eq!(answers[0].status, 200, "{}", answers[0]);
        assert!(
            matches!(answers[1].status.as_u16(), 200 | 403),
            "{}",
            answers[1]
        );
        let task = app.get(&world.lead, &path).await.data(200);
        assert_eq!(task["assigneeId"], given["assigneeId"], "{task}");
    }
}

/// Somebody is removed from the workspace while they are made the lead of a project: one of it happens.
async fn nobody_leads_from_outside(
    make_lead: impl Fn(&TestApp, &World) -> Request,
    whom: impl Fn(&World) -> &User,
) {
    let app = app().await;
    for _ in 0..TRIES {
        let world = World::create(app.database()).await;
        let answers = at_once([
            make_lead(&app, &world),
            app.delete(&world.owner, &member_path(&world, whom(&world))),
        ])
        .await;
        assert!(answers[0].status.is_success(), "{}", answers[0]);
        assert!(answers[1].status.is_client_error(), "{}", answers[1]);
        let outside = "SELECT count(*) FROM projects p
                        WHERE p.workspace_id = $1
                          AND NOT EXISTS (SELECT
                                            FROM workspace_members m
                                           WHERE m.workspace_id = p.workspace_id AND m.user_id = p.team_lead)";
        assert_eq!(count(&app, outside, &world.workspace).await, 0);
    }
}

#[tokio::test]
async fn a_lead_does_not_leave_the_workspace_while_the_project_is_handed_to_them() {
    nobody_leads_from_outside(
        |app, world| {
            let path = format!("/api/projects/{}", world.project);
            let hand_over = json!({"team_lead": world.assignee.email});
            app.patch(&world.lead, &path, &hand_over)
        },
        |world| &world.assignee,
    )
    .await;
}

#[tokio::test]
async fn a_lead_does_not_leave_the_workspace_while_a_project_is_made_for_them() {
    nobody_leads_from_outside(
        |app, world| {
            let project = json!({
                "workspaceId": world.workspace, "name": "New", "team_lead": world.bystander.email,
            });
            app.post(&world.admin, "/api/projects", &project)
        },
        |world| &world.bystander,
    )
    .await;
}
