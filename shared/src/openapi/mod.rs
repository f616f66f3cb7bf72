//! The API's `OpenAPI` document. Each group's operations are derived from its handlers and types; what they have in common
//! is added here, once: answers that any operation may give, and examples, which are put together from those of the types and
//! from the refusals themselves. Only tools call it.

mod operation;
mod refused;
mod responses;
mod sample;
mod schemas;

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::{OpenApi, OpenApiBuilder};

/// The name of the security scheme of all operations that need a signed-in user.
pub const SESSION_TOKEN: &str = "sessionToken";

/// The version of the API: of what its users rely on, not of the code behind it. The newest entry of `docs/api-changelog.md`
/// says what is new in it.
pub const VERSION: &str = "1.2.0";

/// What its users have to know beside the operations, in Markdown.
const INTRODUCTION: &str = include_str!("../../../docs/api.md");
/// What became different for them, in Markdown.
pub const CHANGELOG: &str = include_str!("../../../docs/api-changelog.md");

const TAGS: [(&str, &str); 5] = [
    ("workspaces", "Workspaces and who is in them"),
    ("projects", "Projects of a workspace, and who works on them"),
    (
        "tasks",
        "Tasks of a project: given to somebody who hears of them by mail, and is reminded when they are due",
    ),
    ("comments", "What people say about a task"),
    ("service", "The server itself: for anyone, without a token"),
];

/// The whole document, in the order in which one reads it.
#[derive(Debug, Serialize)]
pub struct Document {
    openapi: Value,
    info: Value,
    servers: Value,
    tags: Value,
    paths: Value,
    components: Value,
}

/// The whole document, from the documents of the groups.
///
/// # Panics
///
/// Where something has no example, or an example names a rule that there is not: the message says what to add.
pub fn document(groups: impl IntoIterator<Item = OpenApi>) -> Document {
    let mut merged = OpenApiBuilder::new().build();
    for group in groups {
        merged.merge(group);
    }
    let mut merged = serde_json::to_value(merged).expect("the document is plain data");
    let mut paths = merged["paths"].take();
    let mut schemas = match merged["components"]["schemas"].take() {
        Value::Object(schemas) => schemas,
        other => panic!("there are no schemas: {other}"),
    };
    schemas::tidy(&mut schemas, &mut paths);
    let items = paths.as_object_mut().into_iter().flat_map(Map::values_mut);
    for item in items {
        let methods = ["get", "put", "post", "delete", "patch"];
        let operations = methods.map(|method| item.get(method).is_some().then_some(method));
        for method in operations.into_iter().flatten() {
            operation::complete(&mut item[method], &schemas);
        }
    }
    Document {
        openapi: merged["openapi"].take(),
        info: json!({
            "title": "Cairn",
            "version": VERSION,
            "description": format!("{}\n\n{}", without_title(INTRODUCTION), folded(CHANGELOG)),
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        }),
        // Relative to the document, which lies in `api/`: so that it also holds behind a stage's path.
        servers: json!([{"url": "..", "description": "Where this document came from"}]),
        tags: TAGS
            .map(|(name, description)| json!({"name": name, "description": description}))
            .into_iter()
            .collect(),
        paths,
        components: json!({
            "schemas": schemas,
            "responses": responses::shared(),
            "securitySchemes": {
                SESSION_TOKEN: {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A Clerk session token. On a local system `cargo dev token --user user_ada` prints one.",
                },
            },
        }),
    }
}

/// A Markdown file under the title of the page it becomes part of.
fn without_title(markdown: &str) -> &str {
    match markdown.split_once("\n\n") {
        Some((title, rest)) if title.starts_with("# ") => rest.trim(),
        _ => markdown.trim(),
    }
}

/// The same, to be opened by who wants to read it.
fn folded(markdown: &str) -> String {
    let title = markdown.lines().next().unwrap_or_default();
    format!(
        "<details><summary>{}</summary>\n\n{}\n\n</details>",
        title.trim_start_matches("# "),
        without_title(markdown)
    )
}
