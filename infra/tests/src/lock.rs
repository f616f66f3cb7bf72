//! Locks that tests hold, so that a function stops at a statement.

use std::time::Duration;

use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::app::TestApp;
use crate::environment::required_variable;

const PAUSE: Duration = Duration::from_millis(5);

/// A lock in the functions' database. It ends with its connection.
pub struct Lock {
    holder: Client,
    process: i32,
}

impl Lock {
    /// Whoever deletes this row of the outbox waits. Nothing if it is gone already.
    pub async fn on_promise(app: &TestApp, outbox_id: Uuid) -> Option<Self> {
        let (holder, process) = open_transaction(app).await;
        let row = holder
            .query_opt("SELECT FROM outbox WHERE id = $1 FOR UPDATE", &[&outbox_id])
            .await
            .expect("the row can be locked");
        row.map(|_| Self { holder, process })
    }

    /// Whoever reads the outbox waits.
    pub async fn on_outbox(app: &TestApp) -> Self {
        let (holder, process) = open_transaction(app).await;
        holder
            .batch_execute("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE")
            .await
            .expect("the table can be locked");
        Self { holder, process }
    }

    /// Returns when somebody waits for the lock.
    pub async fn reached(&self, app: &TestApp) {
        let waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE $1 = ANY (pg_blocking_pids(pid)))";
        loop {
            let row = app.database().query_one(waiting, &[&self.process]).await;
            if row.expect("the locks can be seen").get(0) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Ends the connections of those who wait, as the server does when it notices that a client is gone.
    pub async fn drop_waiting(&self, app: &TestApp) {
        let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE $1 = ANY (pg_blocking_pids(pid))";
        app.database()
            .query(end, &[&self.process])
            .await
            .expect("the connections are ended");
    }

    /// Gives the lock up.
    pub async fn release(self) {
        self.holder
            .batch_execute("ROLLBACK")
            .await
            .expect("the transaction ends");
    }
}

/// A connection of its own, with its process in the server.
async fn open_transaction(app: &TestApp) -> (Client, i32) {
    let name: String = app
        .database()
        .query_one("SELECT current_database()", &[])
        .await
        .expect("the database has a name")
        .get(0);
    let mut config: tokio_postgres::Config = required_variable("CAIRN_TEST_DATABASE_URL")
        .parse()
        .expect("a database URL");
    config.dbname(name);
    let (client, connection) = config.connect(NoTls).await.expect("the database answers");
    tokio::spawn(async move { drop(connection.await) });
    client
        .batch_execute("BEGIN")
        .await
        .expect("a transaction begins");
    let process = client
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .expect("the connection has a process")
        .get(0);
    (client, process)
}
