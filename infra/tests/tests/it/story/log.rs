//! The whole way in the log of the deployed stack: lines of one shape from every function, and nothing of what people are, say
//! or prove themselves with.

use std::collections::BTreeSet;

use cairn_tests::{Stack, User};
use serde_json::json;
use uuid::Uuid;

use super::{Founding, QUEUES, eventually, now_ms, timestamp};
use crate::logs::shape;

/// All functions, by the ends of their names.
const FUNCTIONS: [&str; 10] = [
    "comments",
    "docs",
    "migrate",
    "projects",
    "relay",
    "reminders",
    "tasks",
    "webhooks",
    "worker",
    "workspaces",
];
/// Shorter texts of the tests beside this one may be words that a log line has by right.
const TELLING: usize = 8;

#[tokio::test]
async fn the_log_of_the_whole_way_tells_nothing_private() {
    let Some(stack) = Stack::find().await else {
        return;
    };
    let _running = QUEUES.read().await;
    // Part of every text that is used, and of nothing else: where it turns up, one of them does.
    let mark = Uuid::now_v7().simple().to_string()[20..].to_owned();
    live_through_everything(&stack, &mark).await;
    let everybody = eventually("every function has logged something", async || {
        let functions = functions_in(&stack.log());
        let complete = FUNCTIONS.iter().all(|name| functions.contains(*name));
        complete.then_some(functions)
    });
    everybody.await;

    let mut private = texts_in_the_database(&stack).await;
    private.extend([
        mark,
        stack.webhook_secret(),
        "whsec_".to_owned(),
        "postgres://".to_owned(),
        "postgresql://".to_owned(),
        "Bearer".to_owned(),
        // How a token begins, and how the signature of an event does.
        "eyJ".to_owned(),
        "v1,".to_owned(),
        "PRIVATE KEY".to_owned(),
        "@example.com".to_owned(),
    ]);
    for line in stack.log() {
        shape::function_of(&line);
        for text in &private {
            assert!(!line.contains(text), "{text} is in the log: {line}");
        }
    }
}

/// Everything that a person can say or be, on every way into the system, the refused ones included.
async fn live_through_everything(stack: &Stack, mark: &str) {
    let people =
        ["Ada", "Bob", "Cleo"].map(|name| User::unsynced(&format!("{name}{mark} Zorn{mark}")));
    let founding = Founding::of(people, &format!("Works {mark}"), &format!("Engine {mark}"));
    let team = founding.deliver_in_order(stack).await;
    let (ada, bob) = (&team.ada, &team.bob);
    let title = format!("Paint {mark}");
    let soon = timestamp(now_ms() + 8_000);
    let task = team.task(&title, &soon).await;
    let moved = team.task(&format!("Move {mark}"), &soon).await;
    team.change(
        &moved,
        &json!({"due_date": "2040-01-01T10:00:00Z", "description": mark}),
    )
    .await;

    let send = async |method: &str, path: &str, body: serde_json::Value| {
        stack.request(ada, method, path).json(&body).await
    };
    let comments = format!("/api/tasks/{task}/comments");
    send(
        "POST",
        &comments,
        json!({"message": format!("Hello {mark}")}),
    )
    .await
    .data(201);
    let project = format!("/api/projects/{}", team.project);
    send("PATCH", &project, json!({"description": mark}))
        .await
        .data(200);
    let workspace = format!("/api/workspace/{}", team.workspace);
    send(
        "PATCH",
        &workspace,
        json!({"name": format!("Works {mark} & Sons")}),
    )
    .await
    .data(200);

    // What is refused is logged with its cause.
    for (method, path, body) in [
        ("POST", comments.clone(), json!({"message": {mark: 1}})),
        ("POST", comments.clone(), json!(mark)),
        (
            "PATCH",
            workspace.clone(),
            json!({"timezone": mark, "slug": format!("{mark} {mark}")}),
        ),
        (
            "PATCH",
            format!("/api/tasks/{task}"),
            json!({"due_date": mark}),
        ),
        (
            "PATCH",
            format!("/api/tasks/{mark}"),
            json!({"title": mark}),
        ),
        (
            "POST",
            "/api/workspace/add-member".to_owned(),
            json!({"email": bob.email, "role": mark, "workspaceId": mark}),
        ),
        (
            "GET",
            format!("/api/tasks/mine?q={mark}&cursor={mark}&status={mark}"),
            json!({}),
        ),
        ("GET", format!("/api/{mark}"), json!({})),
    ] {
        let refused = send(method, &path, body).await;
        assert!(refused.status.is_client_error(), "{refused}");
    }
    let unreadable = stack
        .request(ada, "POST", &comments)
        .body(format!("{{{mark}"))
        .await;
    assert_eq!(unreadable.status, 400, "{unreadable}");
    let unknown = stack.anonymous("GET", "/api/workspace").token(mark).await;
    assert_eq!(unknown.status, 401, "{unknown}");
    let unsigned = stack
        .anonymous("POST", "/api/webhooks/clerk")
        .header("svix-id", mark)
        .header("svix-timestamp", mark)
        .header("svix-signature", &format!("v1,{mark}"))
        .body(mark)
        .await;
    assert_eq!(unsigned.status, 400, "{unsigned}");
    for event in [
        json!({"type": "user.created", "data": {"id": {mark: 1}}, "timestamp": 1}),
        json!({"type": format!("{mark}@{mark}"), "data": {}, "timestamp": 1}),
    ] {
        stack.clerk_event(&event).await;
    }

    let reminded = eventually("Bob is told of his task, and reminded", async || {
        (team.mails(bob, &title).await.len() == 2).then_some(())
    });
    reminded.await;
}

/// The ends of the names of the functions that wrote something.
fn functions_in(log: &[String]) -> BTreeSet<String> {
    let names = log.iter().map(|line| shape::function_of(line));
    names
        .map(|name| name.rsplit('-').next().unwrap_or_default().to_owned())
        .collect()
}

/// What all tests of the stack have told it so far.
async fn texts_in_the_database(stack: &Stack) -> Vec<String> {
    let texts = "SELECT DISTINCT told
                   FROM (SELECT email FROM users
                         UNION ALL SELECT name FROM users
                         UNION ALL SELECT name FROM workspaces
                         UNION ALL SELECT description FROM workspaces
                         UNION ALL SELECT name FROM projects
                         UNION ALL SELECT description FROM projects
                         UNION ALL SELECT title FROM tasks
                         UNION ALL SELECT description FROM tasks
                         UNION ALL SELECT content FROM comments) AS texts (told)
                  WHERE told IS NOT NULL";
    let rows = stack.database().query(texts, &[]).await;
    let texts = rows
        .expect("the texts can be read")
        .into_iter()
        .map(|row| row.get(0));
    texts
        .filter(|text: &String| text.chars().count() >= TELLING)
        .collect()
}
