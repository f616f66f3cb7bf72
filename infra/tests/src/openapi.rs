//! The `OpenAPI` document, from the routes of all functions.

/// The document as it is committed in `infra/openapi.json`.
pub fn document() -> String {
    let groups = [
        workspaces::document(),
        projects::document(),
        tasks::document(),
        comments::document(),
        docs::document(),
    ];
    let document = shared::openapi::document(groups);
    let mut json = serde_json::to_string_pretty(&document).expect("the document is plain data");
    json.push('\n');
    json
}
