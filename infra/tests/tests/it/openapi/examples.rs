//! Examples: everything has one, and what they ask for is done. That they fit their schemas is tested with the clients.

use std::mem::discriminant;
use std::sync::Arc;

use cairn_tests::operations::request_with_query;
use cairn_tests::{Answer, TestApp, TestDatabase, User, demo};
use serde_json::Value;

use super::{Operation, document, examples, operations};

/// What takes something away, in an order in which each still finds what it takes: after everything else.
const LAST: [&str; 7] = [
    "DELETE /api/comments/{commentId}",
    "DELETE /api/tasks/{taskId}",
    "DELETE /api/tasks",
    "DELETE /api/projects/{projectId}/member/{userId}",
    "DELETE /api/projects/{projectId}",
    "DELETE /api/workspace/{workspaceId}/members/{userId}",
    "DELETE /api/workspace/{workspaceId}",
];

#[test]
fn every_parameter_body_and_answer_has_an_example() {
    let document = document();
    let mut without = Vec::new();
    for operation in operations(&document) {
        let name = &operation.name;
        for parameter in operation.parameters() {
            let in_form = parameter.get("example").is_some();
            let required = parameter["required"] == true;
            // What may be left out would be sent with each request that is tried on the page.
            assert!(required || !in_form, "{name}: {parameter}");
            if !in_form && parameter["schema"]["examples"].get(0).is_none() {
                without.push(format!("{name}: {}", parameter["name"]));
            }
        }
        if operation
            .body()
            .is_some_and(|body| examples(body).is_empty())
        {
            without.push(format!("{name}: its body"));
        }
        for (status, content) in operation.answers(&document) {
            for (content_type, content) in content {
                if examples(content).is_empty() {
                    without.push(format!("{name}: {status} {content_type}"));
                }
            }
        }
    }
    assert!(without.is_empty(), "no example: {}", without.join("\n"));
}

#[tokio::test]
async fn what_the_examples_ask_for_is_done_on_the_demo_data_and_answered_as_described() {
    let document = document();
    let (app, ada) = demo_data().await;
    let mut operations = operations(&document);
    let place = |operation: &Operation<'_>| LAST.iter().position(|last| *last == operation.name);
    operations.sort_by_key(|operation| place(operation).map_or(0, |place| place + 1));
    let mut problems = Vec::new();
    for operation in &operations {
        let answer = as_shown(&app, &ada, operation, &[]).await;
        problems.extend(differences(operation, &answer, &document));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[tokio::test]
async fn the_cursor_that_is_shown_leads_on_among_the_tasks_that_are_shown() {
    let document = document();
    let operations = operations(&document);
    let named = |name: &str| operations.iter().find(|operation| operation.name == name);
    let tasks = named("GET /api/tasks/project/{projectId}/tasks").expect("there is this list");
    let cursor = tasks.parameters().find(|shown| shown["name"] == "cursor");
    let cursor = cursor.and_then(|cursor| cursor["schema"]["examples"][0].as_str());
    let cursor = [("cursor", cursor.expect("an example").to_owned())];
    let (app, ada) = demo_data().await;
    let answer = as_shown(&app, &ada, tasks, &cursor).await;
    assert!(answer.status.is_success(), "{answer}");
    assert!(answer.json()["data"]["items"].is_array(), "{answer}");
    // It is one list's, and no other's.
    let mine = named("GET /api/tasks/mine").expect("there is this list");
    let answer = as_shown(&app, &ada, mine, &cursor).await;
    assert_eq!(answer.status, 400, "{answer}");
}

/// What the examples are about, and whom they make ask.
async fn demo_data() -> (TestApp, User) {
    let database = Arc::new(TestDatabase::create().await);
    demo::load(&database).await;
    let app = TestApp::builder().over(&database).start().await;
    let ada = User {
        id: "user_ada".to_owned(),
        ..User::unsynced("Ada Okafor")
    };
    (app, ada)
}

/// Sends what an operation's examples say, with a query.
async fn as_shown(
    app: &TestApp,
    user: &User,
    operation: &Operation<'_>,
    query: &[(&str, String)],
) -> Answer {
    let id = |name: &str| {
        let mut parameters = operation.parameters();
        let parameter = parameters.find(|parameter| parameter["name"] == name);
        let example = parameter.and_then(|parameter| parameter["example"].as_str());
        example
            .unwrap_or_else(|| panic!("{}: {name} has no example", operation.name))
            .to_owned()
    };
    let body = operation
        .body()
        .map_or(Value::Null, |body| body["example"].clone());
    let token = app.token(user);
    request_with_query(app, &operation.name, id, query, &body)
        .token(&token)
        .await
}

/// Whether two values have the same fields, all the way down to the first item of each list. `null` is like anything.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.keys().eq(other.keys()) && one.iter().all(|(key, value)| alike(value, &other[key]))
        }
        (Value::Array(one), Value::Array(other)) => match (one.first(), other.first()) {
            (Some(one), Some(other)) => alike(one, other),
            _ => true,
        },
        (Value::Null, _) | (_, Value::Null) => true,
        _ => discriminant(one) == discriminant(other),
    }
}

/// What differs between an answer and what the document says of the operation's success.
fn differences(operation: &Operation<'_>, answer: &Answer, document: &Value) -> Vec<String> {
    let answers = operation.answers(document);
    let described = answers
        .iter()
        .find(|(status, _)| *status == answer.status.as_str() && status.starts_with('2'));
    let Some((_, content)) = described else {
        return vec![format!("not as described: {answer}")];
    };
    let Some(content) = content.get("application/json") else {
        return Vec::new();
    };
    let body = answer.json();
    let mut differences = Vec::new();
    let shown = examples(content);
    // The document does not describe itself.
    let has_form = content["schema"].get("$ref").is_some();
    if has_form && !shown.iter().any(|shown| alike(shown, &body)) {
        differences.push(format!("has another form than it shows: {answer}"));
    }
    if shown
        .iter()
        .any(|shown| shown["message"] != body["message"])
    {
        differences.push(format!("shows another message: {answer}"));
    }
    // What was asked for and is answered as it was given.
    let asked = operation.body().map(|body| &body["example"]);
    for (field, value) in asked.and_then(Value::as_object).into_iter().flatten() {
        let shown = &shown[0]["data"][field];
        let answered = &body["data"][field];
        if answered == value && shown != value {
            differences.push(format!("shows {shown} as {field}: {answer}"));
        }
    }
    differences
}
