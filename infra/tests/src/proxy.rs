//! The proxy between the functions and the test server.

use std::sync::Arc;

use cairn_dev::database_proxy::DatabaseProxy;

use crate::database::TestDatabase;
use crate::environment::background;

/// A proxy to the test server, which outlives the calling test's runtime.
pub async fn proxy_to_database() -> Arc<DatabaseProxy> {
    background()
        .spawn(DatabaseProxy::start(TestDatabase::server_address()))
        .await
        .expect("the proxy starts")
}
