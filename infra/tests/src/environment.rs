//! What `cargo dev test` hands to the tests.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tokio::runtime::Runtime;

/// The value of a variable that `cargo dev test` sets.
pub fn required_variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: these tests need a database and built functions, run `cargo dev test`"))
}

/// The binary of one of the functions.
pub fn built_function(name: &str) -> PathBuf {
    let path = Path::new(&required_variable("CAIRN_FUNCTIONS_DIR")).join(name);
    assert!(
        path.is_file(),
        "{} is missing: run `cargo dev test`, which builds the functions",
        path.display()
    );
    path
}

/// The runtime of what outlives a single test. (Each test has a runtime of its own, which ends with it.)
pub fn background() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime starts")
    })
}
