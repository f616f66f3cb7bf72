//! The `OpenAPI` document.

#[test]
fn the_committed_document_is_what_the_code_describes() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.json");
    let committed = std::fs::read_to_string(file).expect("infra/openapi.json is there");
    assert!(
        committed == cairn_tests::openapi::document(),
        "infra/openapi.json is not current: run `cargo dev openapi` and commit what it writes"
    );
}
