//! The `OpenAPI` document, from the routes of all functions.

/// The document as it is committed in `infra/openapi.json`.
pub fn document() -> String {
    let groups = [
        workspaces::router().into_openapi(),
        projects::router().into_openapi(),
        tasks::router().into_openapi(),
        comments::router().into_openapi(),
        docs::router().into_openapi(),
    ];
    let document = shared::openapi::document(groups);
    let mut json = document
        .to_pretty_json()
        .expect("the document is plain data");
    json.push('\n');
    json
}
