//! What a day has only so much of for each person (`shared/src/quotas.rs`): the last of it can be had by one of several
//! requests at once, what is refused changes nothing, and whoever only repeats a request is answered as before.

use cairn_tests::{Answer, Request, TestApp, User, World};
use serde_json::{Value, json};
use shared::quotas::{ADDITIONS, FOLLOW_UPS, MOVES, WORKSPACES, WRITINGS};

use crate::races::at_once;

/// Something that counts, with a number that makes each request another one.
struct Case {
    what: &'static str,
    column: &'static str,
    most: i32,
    who: fn(&World) -> &User,
    request: fn(&TestApp, &World, usize) -> Request,
    status: u16,
    refused: &'static str,
}

const FOLLOW_UP_REFUSED: &str =
    "Too many tasks given out, put off or reopened today: try again tomorrow";
const WRITING_REFUSED: &str = "Too many new projects, tasks and comments today: try again tomorrow";
const TASK_REFUSED: &str = "Too many new tasks today: try again tomorrow";
const ADDITION_REFUSED: &str = "Too many people added today: try again tomorrow";

fn lead(world: &World) -> &User {
    &world.lead
}

fn admin(world: &World) -> &User {
    &world.admin
}

fn new_task(app: &TestApp, world: &World, _: usize) -> Request {
    let task = json!({"title": "One", "assigneeId": world.lead.id, "due_date": "2030-01-01"});
    let path = format!("/api/tasks/project/{}/tasks", world.project);
    app.post(&world.lead, &path, &task)
}

fn change_of_task(app: &TestApp, world: &World, change: &Value) -> Request {
    app.patch(&world.lead, &format!("/api/tasks/{}", world.task), change)
}

/// Everything that a stranger can make the system keep, send or tell.
const CASES: &[Case] = &[
    Case {
        what: "a workspace",
        column: "workspaces",
        most: WORKSPACES,
        who: admin,
        request: |app, world, _| app.post(&world.admin, "/api/workspace", &json!({"name": "One"})),
        status: 201,
        refused: "Too many new workspaces today: try again tomorrow",
    },
    Case {
        what: "an address that nobody has",
        column: "additions",
        most: ADDITIONS,
        who: admin,
        request: |app, world, n| {
            let guess = format!("guess{n}@example.com");
            let body = json!({"email": guess, "role": "MEMBER", "workspaceId": world.workspace});
            app.post(&world.admin, "/api/workspace/add-member", &body)
        },
        status: 404,
        refused: ADDITION_REFUSED,
    },
    Case {
        what: "an address from outside the workspace",
        column: "additions",
        most: ADDITIONS,
        who: lead,
        request: |app, world, _| {
            let path = format!("/api/projects/{}/add-member", world.project);
            app.post(&world.lead, &path, &json!({"email": world.newcomer.email}))
        },
        status: 400,
        refused: ADDITION_REFUSED,
    },
    Case {
        what: "a project",
        column: "writings",
        most: WRITINGS,
        who: admin,
        request: |app, world, _| {
            let path = format!("/api/projects/workspace/{}", world.workspace);
            let project = json!({"name": "One", "team_lead": world.lead.email});
            app.post(&world.admin, &path, &project)
        },
        status: 201,
        refused: WRITING_REFUSED,
    },
    Case {
        what: "a task",
        column: "writings",
        most: WRITINGS,
        who: lead,
        request: new_task,
        status: 201,
        refused: TASK_REFUSED,
    },
    Case {
        what: "a task, of which somebody is mailed",
        column: "follow_ups",
        most: FOLLOW_UPS,
        who: lead,
        request: new_task,
        status: 201,
        refused: TASK_REFUSED,
    },
    Case {
        what: "a comment",
        column: "writings",
        most: WRITINGS,
        who: lead,
        request: |app, world, _| {
            let path = format!("/api/tasks/{}/comments", world.task);
            app.post(&world.lead, &path, &json!({"message": "One"}))
        },
        status: 201,
        refused: WRITING_REFUSED,
    },
    Case {
        what: "another due date",
        column: "follow_ups",
        most: FOLLOW_UPS,
        who: lead,
        request: |app, world, n| {
            change_of_task(
                app,
                world,
                &json!({"due_date": format!("2031-01-0{}", n + 1)}),
            )
        },
        status: 200,
        refused: FOLLOW_UP_REFUSED,
    },
    Case {
        what: "another time zone",
        column: "moves",
        most: MOVES,
        who: admin,
        request: |app, world, n| {
            let zone = [
                "Asia/Kathmandu",
                "Europe/Prague",
                "Asia/Tokyo",
                "America/Lima",
            ][n];
            let path = format!("/api/workspace/{}", world.workspace);
            // With the name, what Clerk says of the workspace is stamped as older, too.
            let change = json!({"name": "Renamed", "settings": {"timezone": zone}});
            app.patch(&world.admin, &path, &change)
        },
        status: 200,
        refused: "Time zone and reminder time were changed too often today: try again tomorrow",
    },
];

impl Case {
    /// Checks that this much of the share has been used.
    async fn has_used(&self, app: &TestApp, user: &User, count: i32) {
        let counted = use_of(app, user, self.column).await;
        assert_eq!(counted, count, "{}", self.what);
    }
}

async fn used(app: &TestApp, user: &User, column: &str, count: i32) {
    let statement = format!(
        "INSERT INTO daily_use (user_id, {column}) VALUES ($1, $2)
         ON CONFLICT (user_id, day) DO UPDATE SET {column} = excluded.{column}"
    );
    app.database()
        .execute(&statement, &[&user.id, &count])
        .await
        .expect("the use is written");
}

async fn use_of(app: &TestApp, user: &User, column: &str) -> i32 {
    let statement =
        format!("SELECT coalesce(sum({column}), 0)::int FROM daily_use WHERE user_id = $1");
    let row = app.database().query_one(&statement, &[&user.id]).await;
    row.expect("the use is read").get(0)
}

fn is_for_today(answer: &Answer) {
    let wait: u32 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=86_400).contains(&wait), "{answer}");
}

#[tokio::test]
async fn the_last_of_a_days_share_is_had_once() {
    let app = TestApp::builder().environments(4).start().await;
    for case in CASES {
        let world = World::create(app.database()).await;
        let user = (case.who)(&world);
        used(&app, user, case.column, case.most - 1).await;
        let answers = at_once((0..4).map(|n| (case.request)(&app, &world, n))).await;
        let (had, refused): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| answer.status != 429);
        assert_eq!(had.len(), 1, "{}: {answers:?}", case.what);
        assert_eq!(had[0].status, case.status, "{}: {}", case.what, had[0]);
        for answer in refused {
            answer.is_refused(429, case.refused);
            is_for_today(answer);
        }
        case.has_used(&app, user, case.most).await;
    }
}

#[tokio::test]
async fn what_is_beyond_a_days_share_changes_nothing_and_another_day_another_person_begin_anew() {
    let app = TestApp::builder().start().await;
    for case in CASES {
        let world = World::create(app.database()).await;
        let user = (case.who)(&world);
        used(&app, user, case.column, case.most).await;
        let before = app.contents().await;
        (case.request)(&app, &world, 0)
            .await
            .is_refused(429, case.refused);
        assert_eq!(app.contents().await, before, "{}", case.what);
        app.database()
            .execute(
                "UPDATE daily_use SET day = day - 1 WHERE user_id = $1",
                &[&user.id],
            )
            .await
            .expect("the use was yesterday's");
        let answer = (case.request)(&app, &world, 0).await;
        assert_eq!(answer.status, case.status, "{}: {answer}", case.what);
        case.has_used(&app, user, case.most + 1).await;
    }
}

#[tokio::test]
async fn a_repetition_costs_nothing_and_is_answered_beyond_the_share() {
    let app = TestApp::shared().await;
    for case in CASES.iter().filter(|case| case.status == 201) {
        let world = World::create(app.database()).await;
        let user = (case.who)(&world);
        let ask = || (case.request)(&app, &world, 0).header("idempotency-key", "once");
        let first = ask().await.data(201);
        case.has_used(&app, user, 1).await;
        used(&app, user, case.column, case.most).await;
        assert_eq!(ask().await.data(201), first, "{}", case.what);
        case.has_used(&app, user, case.most).await;
    }
}

#[tokio::test]
async fn what_nobody_hears_of_and_what_is_refused_anyway_does_not_count() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    for column in ["additions", "writings", "follow_ups", "moves"] {
        let most = [ADDITIONS, WRITINGS, FOLLOW_UPS, MOVES]
            .into_iter()
            .max()
            .expect("a number");
        used(&app, &world.lead, column, most).await;
        used(&app, &world.assignee, column, most).await;
    }
    for change in [
        json!({"title": "Other"}),
        json!({"status": "DONE"}),
        json!({"due_date": "2030-01-01", "assigneeId": world.assignee.id}),
    ] {
        change_of_task(&app, &world, &change).await.data(200);
    }
    change_of_task(&app, &world, &json!({"status": "TODO"}))
        .await
        .is_refused(429, FOLLOW_UP_REFUSED);
    // Rules come before shares: whoever may not do a thing learns nothing of how much of it is left.
    let path = format!("/api/tasks/{}", world.task);
    app.patch(
        &world.assignee,
        &path,
        &json!({"assigneeId": world.lead.id}),
    )
    .await
    .is_refused(403, "Only Team Lead can perform this action");
    change_of_task(&app, &world, &json!({"assigneeId": world.newcomer.id}))
        .await
        .is_refused(400, "Assignee is not part of this project");
    // A colleague's address tells nothing that the list of members does not.
    let path = format!("/api/projects/{}/add-member", world.project);
    let body = json!({"email": world.bystander.email});
    app.post(&world.lead, &path, &body).await.data(200);
}

#[tokio::test]
async fn whoever_brings_in_data_can_be_given_more_for_a_day() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    used(&app, &world.lead, "writings", -1).await;
    new_task(&app, &world, 0).await.data(201);
    assert_eq!(use_of(&app, &world.lead, "writings").await, 0);
}
