//! Prints the `OpenAPI` document: `cargo dev openapi` writes it to `infra/openapi.json`.

fn main() {
    print!("{}", cairn_tests::openapi::document());
}
