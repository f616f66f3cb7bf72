//! Bad input, field by field: every body of the contract stands in a table here, with what each of its fields may be.

use cairn_tests::{TestApp, User, World};
use serde_json::{Value, json};

/// What a field may hold; from it follow the values that must be refused.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Text of 1 to this many characters.
    Text(usize),
    /// Text of at most this many characters, which may be blank.
    BlankText(usize),
    Slug,
    /// Something to look people up by: any text is well formed.
    Email,
    Emails,
    /// An id in the body: any text is well formed.
    Id,
    Enum,
    Date,
    Number,
    Flag,
    TimeZone,
    TimeOfDay,
}

use Kind::{
    BlankText, Date, Email, Emails, Enum, Flag, Id, Number, Slug, Text, TimeOfDay, TimeZone,
};

impl Kind {
    /// Values that no field of this kind takes.
    fn wrong(self) -> Vec<Value> {
        let texts = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect::<Vec<_>>();
        let mut wrong = match self {
            Text(longest) => vec![
                json!(""),
                json!(" \n "),
                json!("é".repeat(longest + 1)),
                json!("a\0b"),
                json!(5),
            ],
            BlankText(longest) => vec![json!("é".repeat(longest + 1)), json!("a\0b"), json!(5)],
            Slug => {
                let mut wrong =
                    texts(&["", "Upper", "with space", "ümlaut", "under_score", "a\0b"]);
                wrong.extend([json!("a".repeat(65)), json!(5)]);
                wrong
            }
            Email => vec![json!("a\0b"), json!(5)],
            Emails => vec![json!("a@example.com"), json!(5)],
            Id => vec![json!(5)],
            Enum => vec![json!("WRONG"), json!(""), json!("low"), json!(5), json!(0)],
            Date => {
                let mut wrong = texts(&[
                    "tomorrow",
                    "2030-02-31",
                    "2030-02-31T10:00:00Z",
                    "2030-13-01",
                    "0000-01-01",
                    "300000-01-01",
                    "+300000-01-01T00:00:00Z",
                    "2030-01-01T25:00:00Z",
                    "2030-01-01T10:00:00",
                    "1893456000000",
                ]);
                wrong.push(json!(1_893_456_000_000_u64));
                wrong
            }
            Number => vec![json!("50"), json!("")],
            Flag => vec![json!("true"), json!(1), json!("")],
            TimeZone => vec![json!("Mars/Olympus"), json!(""), json!("a\0b"), json!(5)],
            TimeOfDay => vec![
                json!("25:00"),
                json!("8:00"),
                json!("08:60"),
                json!("08:00:00"),
                json!(""),
                json!(8),
            ],
        };
        wrong.push(json!({"a": 1}));
        // A list is wrong by its elements, which have paths of their own.
        if !matches!(self, Emails) {
            wrong.push(json!([1]));
        }
        if !matches!(self, Flag) {
            wrong.push(json!(true));
        }
        wrong
    }
}

/// A field: its name (with dots for fields inside of objects), what it may be, and whether it may be missing or null.
struct Field(&'static str, Kind, Missing, Null);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Missing {
    Allowed,
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Null {
    Allowed,
    Refused,
}

/// A request with a body: who sends it, where, a body that is accepted, and its fields.
struct Operation<'a> {
    user: &'a User,
    method: &'static str,
    path: String,
    valid: Value,
    fields: Vec<Field>,
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn operations(world: &World) -> Vec<Operation<'_>> {
    use Missing::{Allowed as Optional, Refused as Required};
    use Null::{Allowed as Nullable, Refused as NotNull};
    let World {
        workspace,
        project,
        task,
        comment,
        ..
    } = world;
    let (owner, lead, author) = (&world.owner, &world.lead, &world.project_member);
    let workspace_path = format!("/api/workspace/{workspace}");
    let project_path = format!("/api/projects/{project}");
    let project_fields = |missing| {
        vec![
            Field("name", Text(200), missing, NotNull),
            Field("description", BlankText(10_000), Optional, Nullable),
            Field("status", Enum, Optional, NotNull),
            Field("priority", Enum, Optional, NotNull),
            Field("progress", Number, Optional, NotNull),
            Field("start_date", Date, Optional, Nullable),
            Field("end_date", Date, Optional, Nullable),
            Field("team_lead", Email, missing, NotNull),
        ]
    };
    let with_members = |mut fields: Vec<Field>| {
        fields.push(Field("team_members", Emails, Optional, NotNull));
        fields
    };
    let task_fields = |missing| {
        vec![
            Field("title", Text(200), missing, NotNull),
            Field("description", BlankText(10_000), Optional, Nullable),
            Field("type", Enum, Optional, NotNull),
            Field("status", Enum, Optional, NotNull),
            Field("priority", Enum, Optional, NotNull),
            Field("assigneeId", Id, missing, NotNull),
            Field("due_date", Date, missing, NotNull),
        ]
    };
    let message = || vec![Field("message", Text(10_000), Required, NotNull)];
    let new_project = json!({"name": "New", "team_lead": lead.email});
    let mut new_project_in_body = new_project.clone();
    new_project_in_body["workspaceId"] = json!(workspace);
    let mut operations = vec![
        Operation {
            user: owner,
            method: "POST",
            path: "/api/workspace".to_owned(),
            valid: json!({"name": "New"}),
            fields: vec![
                Field("name", Text(200), Required, NotNull),
                Field("slug", Slug, Optional, Nullable),
                Field("description", BlankText(10_000), Optional, Nullable),
                Field("image_url", BlankText(2_048), Optional, Nullable),
            ],
        },
        Operation {
            user: owner,
            method: "PATCH",
            path: workspace_path.clone(),
            valid: json!({"name": "Newer", "settings": {}}),
            fields: vec![
                Field("name", Text(200), Optional, NotNull),
                Field("slug", Slug, Optional, NotNull),
                Field("description", BlankText(10_000), Optional, Nullable),
                Field("image_url", BlankText(2_048), Optional, Nullable),
                Field("settings.timezone", TimeZone, Optional, NotNull),
                Field("settings.reminder_time", TimeOfDay, Optional, NotNull),
                Field("settings.admins_manage_projects", Flag, Optional, NotNull),
            ],
        },
        Operation {
            user: owner,
            method: "POST",
            path: "/api/workspace/add-member".to_owned(),
            valid: json!({"email": world.bystander.email, "role": "MEMBER", "workspaceId": workspace}),
            fields: vec![
                Field("email", Email, Required, NotNull),
                Field("role", Enum, Required, NotNull),
                Field("workspaceId", Id, Required, NotNull),
                Field("message", BlankText(10_000), Optional, Nullable),
            ],
        },
        Operation {
            user: owner,
            method: "PATCH",
            path: format!("{workspace_path}/members/{}", world.bystander.id),
            valid: json!({"role": "MEMBER"}),
            fields: vec![Field("role", Enum, Required, NotNull)],
        },
        Operation {
            user: owner,
            method: "POST",
            path: "/api/projects".to_owned(),
            valid: new_project_in_body,
            fields: {
                let mut fields = with_members(project_fields(Required));
                fields.push(Field("workspaceId", Id, Required, NotNull));
                fields
            },
        },
        Operation {
            user: owner,
            method: "POST",
            path: format!("/api/projects/workspace/{workspace}"),
            valid: new_project,
            fields: with_members(project_fields(Required)),
        },
        Operation {
            user: lead,
            method: "POST",
            path: format!("{project_path}/add-member"),
            valid: json!({"email": world.workspace_member.email}),
            fields: vec![Field("email", Email, Required, NotNull)],
        },
        Operation {
            user: lead,
            method: "POST",
            path: format!("/api/tasks/project/{project}/tasks"),
            valid: json!({"title": "New", "assigneeId": lead.id, "due_date": "2030-01-01"}),
            fields: task_fields(Required),
        },
        Operation {
            user: author,
            method: "POST",
            path: format!("/api/tasks/{task}/comments"),
            valid: json!({"message": "New"}),
            fields: message(),
        },
        Operation {
            user: author,
            method: "PATCH",
            path: format!("/api/comments/{comment}"),
            valid: json!({"message": "Newer"}),
            fields: message(),
        },
    ];
    for method in ["PATCH", "PUT"] {
        operations.push(Operation {
            user: lead,
            method,
            path: project_path.clone(),
            valid: json!({"name": "Newer"}),
            fields: project_fields(Optional),
        });
        operations.push(Operation {
            user: lead,
            method,
            path: format!("/api/tasks/{task}"),
            valid: json!({"title": "Newer"}),
            fields: task_fields(Optional),
        });
    }
    operations
}

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
    let addresses: Vec<String> = (0..501)
        .map(|number| format!("p{number}@example.com"))
        .collect();
    let body = json!({
        "workspaceId": world.workspace, "name": "X", "team_lead": world.lead.email, "team_members": addresses,
    });
    app.post(&world.admin, "/api/projects", &body)
        .await
        .blames("team_members");
    app.get(&world.lead, &format!("/api/tasks/{}", world.task))
        .await
        .data(200);
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

#[tokio::test]
async fn limits_and_cursors_that_are_none_of_ours_are_refused() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let World {
        workspace,
        project,
        task,
        ..
    } = &world;
    for path in [
        "/api/workspace".to_owned(),
        format!("/api/workspace/{workspace}/members"),
        format!("/api/projects/workspace/{workspace}"),
        format!("/api/projects/workspace/{workspace}/projects"),
        format!("/api/projects/{project}/members"),
        format!("/api/tasks/project/{project}/tasks"),
        "/api/tasks/mine".to_owned(),
        format!("/api/comments/task/{task}/comments"),
        format!("/api/tasks/{task}/comments"),
    ] {
        let get = |query: &str| app.get(&world.lead, &format!("{path}?{query}"));
        for limit in [
            "0",
            "-1",
            "101",
            "abc",
            "1.5",
            "",
            "99999999999999999999",
            "%00",
        ] {
            get(&format!("limit={limit}")).await.blames("limit");
        }
        for limit in ["1", "100"] {
            let page = get(&format!("limit={limit}")).await.data(200);
            assert!(
                page["items"].is_array() && page.get("nextCursor").is_some(),
                "{path}: {page}"
            );
        }
        for cursor in [
            "abc",
            "",
            "%00",
            "e30",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "bnVsbA==",
            "%F0%9F%9A%80",
        ] {
            get(&format!("limit=5&cursor={cursor}"))
                .await
                .blames("cursor");
        }
        get("limit=5&limit=6").await.blames("limit");
        get("unknown=parameter&limit=5").await.data(200);
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    for number in 0..2 {
        app.comment(&world.lead, &world.task, &number.to_string())
            .await;
    }
    let comments = app
        .get(
            &world.lead,
            &format!("/api/tasks/{}/comments?limit=1", world.task),
        )
        .await
        .data(200);
    let cursor = comments["nextCursor"].as_str().expect("there are more");
    for path in [
        "/api/workspace".to_owned(),
        "/api/tasks/mine".to_owned(),
        format!("/api/workspace/{}/members", world.workspace),
    ] {
        app.get(&world.lead, &format!("{path}?limit=5&cursor={cursor}"))
            .await
            .blames("cursor");
    }
}
