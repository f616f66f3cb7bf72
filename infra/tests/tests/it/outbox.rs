//! What follows from a change of a task is promised in the same breath, and published in the request if SQS lets it.

use cairn_tests::{Answer, AwsProxy, Fault, Operation, TestApp, World};
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

/// A row of the outbox.
#[derive(Debug)]
struct Promise {
    id: Uuid,
    /// Whether the relay is to publish it now.
    overdue: bool,
}

async fn promises(database: &Client, task: &str) -> Vec<Promise> {
    let rows = database
        .query(
            "SELECT id, next_attempt_at <= now() AS overdue
               FROM outbox
              WHERE task_id::text = $1 AND kind = 'task_change' AND attempts = 0 AND dead_at IS NULL
              ORDER BY created_at, id",
            &[&task],
        )
        .await
        .expect("the outbox can be read");
    rows.iter()
        .map(|row| Promise {
            id: row.get("id"),
            overdue: row.get("overdue"),
        })
        .collect()
}

fn new_task(world: &World) -> Value {
    json!({"title": "Build it", "assigneeId": world.assignee.id, "due_date": "2030-05-04"})
}

fn list_path(world: &World) -> String {
    format!("/api/tasks/project/{}/tasks", world.project)
}

fn task_path(world: &World) -> String {
    format!("/api/tasks/{}", world.task)
}

fn id_of(answer: &Answer) -> String {
    let task = answer.data(201);
    task["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_new_task_is_promised_and_published_by_its_rows_id_alone() {
    let app = TestApp::builder().only(&["tasks"]).start().await;
    let world = World::create(app.database()).await;
    let task = id_of(
        &app.post(&world.lead, &list_path(&world), &new_task(&world))
            .await,
    );
    let promised = promises(app.database(), &task).await;
    assert_eq!(promised.len(), 1);
    assert!(!promised[0].overdue, "the message has its time first");
    let published = app.aws().messages(&app.aws().task_queue.url).await;
    assert_eq!(
        published,
        [json!({"task_change": {"outbox_id": promised[0].id}})]
    );
}

#[tokio::test]
async fn a_repeated_creation_promises_nothing_more() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let create = || {
        app.post(&world.lead, &list_path(&world), &new_task(&world))
            .header("idempotency-key", "again")
    };
    let task = id_of(&create().await);
    assert_eq!(id_of(&create().await), task);
    assert_eq!(promises(app.database(), &task).await.len(), 1);
}

#[tokio::test]
async fn another_assignee_another_due_date_and_a_reopening_are_promised_and_nothing_else() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let changes = [
        (json!({"title": "Other"}), 0),
        (
            json!({"description": null, "priority": "LOW", "type": "BUG"}),
            0,
        ),
        (json!({"status": "IN_PROGRESS"}), 0),
        (json!({"assigneeId": world.assignee.id}), 0),
        (json!({"assigneeId": world.project_member.id}), 1),
        (json!({"due_date": "2031-01-01T10:00:00Z"}), 1),
        (json!({"due_date": "2031-01-01T11:00:00+01:00"}), 0),
        (json!({"status": "DONE"}), 0),
        (json!({"status": "DONE", "title": "Done"}), 0),
        (json!({"status": "TODO"}), 1),
        (
            json!({"assigneeId": world.lead.id, "due_date": "2031-01-02", "status": "IN_PROGRESS"}),
            1,
        ),
    ];
    let mut expected = 0;
    for (change, more) in changes {
        let answer = app.patch(&world.lead, &task_path(&world), &change).await;
        answer.says(200, "Task updated successfully");
        expected += more;
        let promised = promises(app.database(), &world.task).await.len();
        assert_eq!(promised, expected, "after {change}");
    }
}

#[tokio::test]
async fn refusals_and_deletions_promise_nothing() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let give_away = json!({"assigneeId": world.project_member.id});
    let path = task_path(&world);
    app.patch(&world.assignee, &path, &give_away)
        .await
        .is_refused(403, "Only Team Lead can perform this action");
    let later = json!({"due_date": "2031-01-01"});
    app.patch(&world.newcomer, &path, &later)
        .await
        .is_refused(404, "Task not found");
    app.post(&world.assignee, &list_path(&world), &new_task(&world))
        .await
        .is_refused(403, "Only Team Lead can perform this action");
    app.delete(&world.lead, &path)
        .await
        .says(200, "1 tasks deleted successfully");
    assert!(promises(app.database(), &world.task).await.is_empty());
    let any = app
        .database()
        .query_one(
            "SELECT count(*) FROM outbox o JOIN tasks t ON t.id = o.task_id WHERE t.project_id::text = $1",
            &[&world.project],
        )
        .await
        .expect("the outbox can be read");
    assert_eq!(any.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn the_task_knows_who_took_it_and_since_when_it_is_due() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let state = async || {
        let row = app
            .database()
            .query_one(
                "SELECT assignment, self_assigned, due_set_at = updated_at AS due_just_set FROM tasks WHERE id::text = $1",
                &[&world.task],
            )
            .await
            .expect("the task is there");
        let (assignment, taken, due): (i32, bool, bool) = (row.get(0), row.get(1), row.get(2));
        (assignment, taken, due)
    };
    let steps = [
        (json!({"assigneeId": world.lead.id}), (2, true, false)),
        (json!({"title": "Mine"}), (2, true, false)),
        (json!({"due_date": "2031-01-01"}), (2, true, true)),
        (json!({"due_date": "2031-01-01"}), (2, true, false)),
        (json!({"assigneeId": world.assignee.id}), (3, false, false)),
    ];
    for (change, expected) in steps {
        let answer = app.patch(&world.lead, &task_path(&world), &change).await;
        answer.says(200, "Task updated successfully");
        assert_eq!(state().await, expected, "after {change}");
    }
}

/// Two changes at the same moment: whatever the order, each that changes the row leaves its promise.
#[tokio::test]
async fn of_two_changes_at_once_none_goes_unpromised() {
    let app = TestApp::builder()
        .environments(4)
        .only(&["tasks"])
        .start()
        .await;
    for _ in 0..15 {
        let world = World::create(app.database()).await;
        let dates = ["2031-01-01", "2031-01-02", "2031-01-03", "2031-01-04"];
        let sent: Vec<_> = dates
            .iter()
            .map(|date| {
                let change = json!({"due_date": date});
                let request = app.patch(&world.lead, &task_path(&world), &change);
                tokio::spawn(request.into_future())
            })
            .collect();
        for answer in sent {
            let answer = answer.await.expect("the request is answered");
            answer.says(200, "Task updated successfully");
        }
        assert_eq!(promises(app.database(), &world.task).await.len(), 4);
    }
}

#[tokio::test]
async fn a_new_reminder_time_promises_the_tasks_it_moves() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let mut make = Vec::new();
    for (due, status) in [
        ("2031-01-01", "TODO"),
        ("2031-01-01T08:00:00Z", "TODO"),
        ("2031-01-01", "DONE"),
        ("2020-01-01", "TODO"),
    ] {
        let task =
            json!({"title": due, "status": status, "assigneeId": world.lead.id, "due_date": due});
        make.push(id_of(
            &app.post(&world.lead, &list_path(&world), &task).await,
        ));
    }
    let moved = async || {
        let mut moved = Vec::new();
        for task in &make {
            moved.push(promises(app.database(), task).await.len() - 1);
        }
        moved
    };
    let path = format!("/api/workspace/{}", world.workspace);
    let set = async |settings: Value| {
        let body = json!({"settings": settings});
        let answer = app.patch(&world.admin, &path, &body).await;
        answer.says(200, "Workspace updated successfully");
    };
    set(json!({"timezone": "UTC", "admins_manage_projects": true})).await;
    assert_eq!(moved().await, [0, 0, 0, 0], "nothing moved");
    set(json!({"reminder_time": "09:00"})).await;
    assert_eq!(moved().await, [1, 0, 0, 0]);
    set(json!({"timezone": "Europe/Prague"})).await;
    assert_eq!(moved().await, [2, 0, 0, 0]);
    let waiting = promises(app.database(), &make[0]).await;
    let due: Vec<_> = waiting.iter().map(|promise| promise.overdue).collect();
    assert_eq!(
        due,
        [false, true, true],
        "these are for the relay to publish"
    );
}

/// What a client is told of a task, but for what differs between two tasks.
fn told(answer: &Answer) -> Value {
    let mut task = answer.data(201);
    for own in ["id", "createdAt", "updatedAt"] {
        task[own].take();
    }
    task
}

#[tokio::test]
async fn without_sqs_the_answer_is_the_same_and_the_relay_is_to_publish() {
    let proxy = AwsProxy::start();
    let app = TestApp::builder()
        .only(&["tasks"])
        .aws_through("tasks", &proxy)
        .start()
        .await;
    let world = World::create(app.database()).await;
    let create = || app.post(&world.lead, &list_path(&world), &new_task(&world));
    let usual = told(&create().await);
    let faults = [
        Fault::Refuse(503, "ServiceUnavailable", "down"),
        Fault::Refuse(403, "AccessDenied", "no"),
        Fault::Reset,
        Fault::Swallow,
        Fault::LoseAnswer,
    ];
    for fault in faults {
        proxy.every(Operation::SendMessage).meet(fault.clone());
        let answer = create().await;
        assert_eq!(told(&answer), usual, "{fault:?}");
        let task = id_of(&answer);
        let promised = promises(app.database(), &task).await;
        assert_eq!(promised.len(), 1, "{fault:?}");
        assert!(promised[0].overdue, "{fault:?}");
        // An update is answered the same way.
        let later = json!({"due_date": "2031-01-01"});
        let path = format!("/api/tasks/{task}");
        let answer = app.patch(&world.lead, &path, &later).await;
        answer.says(200, "Task updated successfully");
        assert_eq!(promises(app.database(), &task).await.len(), 2, "{fault:?}");
        proxy.heal();
    }
    let again = create().await;
    assert!(!promises(app.database(), &id_of(&again)).await[0].overdue);
}
