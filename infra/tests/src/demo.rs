//! The demo data in a database of a test's own: what the examples of the API's document are about.

use cairn_dev::demo;
use shared::clerk::{Event, apply};
use shared::db::{ConnectionSettings, Database, DatabaseConfig};

use crate::TestDatabase;

/// Fills a database with the demo data, as `cargo dev` does: people and organizations by Clerk's events, the rest by SQL.
pub async fn load(database: &TestDatabase) {
    let followed = Database::new(DatabaseConfig {
        connection: ConnectionSettings::parse(&database.url()).expect("the URL of a database"),
        prepared_statements: true,
    });
    for event in demo::events() {
        let text = event.to_string();
        let event = Event::parse(&text).expect("an event of Clerk");
        let event = event.expect("an event that is followed");
        apply(&followed, &event)
            .await
            .expect("the event can be followed");
    }
    let sql = include_str!("../../local/demo.sql");
    let client = database.connect().await;
    client.batch_execute(sql).await.expect("the demo data");
}
