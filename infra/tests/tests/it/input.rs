//! Bad input, field by field: the table of all bodies is in [`bodies`].

mod bodies;
mod packed;

use cairn_tests::{TestApp, User, World};
use serde_json::{Value, json};

use self::bodies::{Field, Missing, Null, Operation, operations};

/// The body with a field, which may be inside of an object, set to something else.
fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    match field.split_once('.') {
        None => body[field] = value,
        Some((object, field)) => body[object][field] = value,
    }
    body
}

fn without(body: &Value, field: &str) -> Value {
    let mut body = body.clone();
    body.as_object_mut().expect("an object").remove(field);
    body
}

#[tokio::test]
async fn a_wrong_value_is_refused_by_name_and_changes_nothing() {
    let app = TestApp::builder().start().await;
    let world = World::create(app.database()).await;
    let before = app.contents().await;
    for Operation {
        user,
        method,
        path,
        valid,
        fields,
    } in operations(&world)
    {
        let send = |body: &Value| app.request(user, method, &path).json(body);
        for Field(name, kind, missing, null) in fields {
            for value in kind.wrong() {
                send(&with(&valid, name, value)).await.blames(name);
            }
            if null == Null::Refused {
                send(&with(&valid, name, Value::Null)).await.blames(name);
            }
            if missing == Missing::Refused {
                send(&without(&valid, name)).await.blames(name);
            }
        }
        assert_eq!(
            app.contents().await,
            before,
            "{method} {path} changed something"
        );
    }
}

#[tokio::test]
async fn what_may_be_null_or_left_out_is_accepted() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    for Operation {
        user,
        method,
        path,
        valid,
        fields,
    } in operations(&world)
    {
        // There is one bystander only, and they are in the workspace already.
        if path.ends_with("/add-member") {
            continue;
        }
        let send = |body: &Value| app.request(user, method, &path).json(body);
        let answer = send(&valid).await;
        assert!(
            answer.status.is_success(),
            "the table says that this body is accepted: {valid}: {answer}"
        );
        for Field(name, _, _, null) in fields {
            if null == Null::Allowed {
                let body = with(&valid, name, Value::Null);
                let answer = send(&body).await;
                assert!(
                    answer.status.is_success(),
                    "the table says that {name} may be null: {body}: {answer}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_longest_texts_are_accepted_and_counted_in_characters() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let (name, text) = ("🚀".repeat(200), "é".repeat(10_000));
    let body = json!({"title": format!("  {name}  "), "description": text});
    let changed = app
        .patch(&world.lead, &format!("/api/tasks/{}", world.task), &body)
        .await
        .data(200);
    assert_eq!(
        (&changed["title"], &changed["description"]),
        (&json!(name), &json!(text))
    );
    let comment = json!({"message": "🚀".repeat(10_000)});
    app.post(
        &world.lead,
        &format!("/api/tasks/{}/comments", world.task),
        &comment,
    )
    .await
    .data(201);
}

#[tokio::test]
async fn too_many_ids_or_addresses_are_refused() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let ids = |count: usize| json!({"taskIds": (0..count).map(|_| uuid::Uuid::now_v7()).collect::<Vec<_>>()});
    app.delete(&world.lead, "/api/tasks")
        .json(&ids(501))
        .await
        .blames("taskIds");
    app.delete(&world.lead, "/api/tasks")
        .json(&ids(500))
        .await
        .is_refused(404, "Some tasks not found");
    let repeated = json!({"taskIds": vec![&world.task; 501]});
    app.delete(&world.lead, "/api/tasks")
        .json(&repeated)
        .await
        .blames("taskIds");
    for element in [json!(5), json!(null), json!({}), json!([])] {
        let answer = app
            .delete(&world.lead, "/api/tasks")
            .json(&json!({"taskIds": [world.task, element]}))
            .await;
        assert_eq!(answer.status, 400, "{element}: {answer}");
    }
    let project = |members: usize| {
        let body = json!({
            "workspaceId": world.workspace, "name": "X", "team_lead": world.lead.email,
            "team_members": vec![&world.assignee.email; members],
        });
        app.post(&world.admin, "/api/projects", &body)
    };
    project(101).await.blames("team_members");
    project(100).await.data(201);
    app.get(&world.lead, &format!("/api/tasks/{}", world.task))
        .await
        .data(200);
}

/// Like all input that is wrong, whoever sends it. (Against the date that is stored only the database can tell.)
#[tokio::test]
async fn an_end_before_the_start_is_refused_before_anybodys_rights_are_looked_at() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let create = |user: &User, end: &str| {
        let body = json!({
            "workspaceId": world.workspace, "name": "X", "team_lead": world.lead.email,
            "start_date": "2030-02-02", "end_date": end,
        });
        app.post(user, "/api/projects", &body)
    };
    let change = |user: &User, end: &str| {
        let body = json!({"start_date": "2030-02-02", "end_date": end});
        app.patch(user, &format!("/api/projects/{}", world.project), &body)
    };
    for user in [&world.admin, &world.lead, &world.newcomer] {
        create(user, "2030-02-01").await.blames("end_date");
        change(user, "2030-02-01").await.blames("end_date");
    }
    // The day it starts on may be its last.
    create(&world.admin, "2030-02-02").await.data(201);
    change(&world.lead, "2030-02-02").await.data(200);
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let app = TestApp::builder().start().await;
    let world = World::create(app.database()).await;
    let before = app.contents().await;
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "{",
        "hello",
        "null",
        "5",
        "\"text\"",
        "[]",
        "{} {}",
        "{'name': 'X'}",
        "{\"name\":}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    bodies.push(deep("[", "]").into_bytes());
    bodies.push(deep("[{\"x\":", "}]").into_bytes());
    bodies.push(b"{\"name\": \"\xff\xfe\", \"message\": \"\xff\", \"title\": \"\xc3\"}".to_vec());
    bodies.push(b"\xef\xbb\xbf{}\xff".to_vec());
    let mut operations = operations(&world);
    operations.push(Operation {
        user: &world.lead,
        method: "DELETE",
        path: "/api/tasks".to_owned(),
        valid: Value::Null,
        fields: Vec::new(),
    });
    for Operation {
        user,
        method,
        path,
        fields,
        ..
    } in operations
    {
        let field = fields.first().map_or("taskIds", |field| field.0);
        let nested = [("[", "]"), ("{\"x\":", "}")].map(|(open, close)| {
            format!(
                "{{\"{field}\": {}1{}}}",
                open.repeat(10_000),
                close.repeat(10_000)
            )
            .into_bytes()
        });
        for body in bodies.iter().chain(&nested) {
            let answer = app
                .request(user, method, &path)
                .body(body.clone())
                .header("content-type", "application/json")
                .await;
            let start = String::from_utf8_lossy(&body[..body.len().min(60)]);
            assert_eq!(answer.status, 400, "{start}: {answer}");
            assert_eq!(answer.json()["success"], false, "{start}: {answer}");
        }
    }
    assert_eq!(app.contents().await, before);
}
