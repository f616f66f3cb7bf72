//! Several pieces of work that ask the database at the same time, over one connection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cairn_tests::{DatabaseProxy, TestDatabase, proxy_to_database};
use shared::db::{Call, ConnectionSettings, Database, DatabaseConfig};
use tokio_postgres::Client;

/// A database with a table of numbers, and a proxy before it.
struct Scene {
    db: Database,
    proxy: Arc<DatabaseProxy>,
    /// To look with, past the proxy.
    client: Client,
    _kept: TestDatabase,
}

impl Scene {
    async fn start(prepared_statements: bool) -> Self {
        let (database, proxy) = (TestDatabase::create().await, proxy_to_database().await);
        let client = database.connect().await;
        client
            .batch_execute("CREATE TABLE numbers (n int PRIMARY KEY)")
            .await
            .expect("the table is made");
        let url = database.url_through(proxy.port());
        let connection = ConnectionSettings::parse(&url).expect("the URL of a database");
        let db = Database::new(DatabaseConfig {
            connection,
            prepared_statements,
        });
        db.warm_up().await;
        Self {
            db,
            proxy,
            client,
            _kept: database,
        }
    }

    async fn numbers(&self) -> Vec<i32> {
        let rows = self.client.query("SELECT n FROM numbers ORDER BY n", &[]);
        let rows = rows.await.expect("the numbers can be read");
        rows.iter().map(|row| row.get(0)).collect()
    }
}

fn insert(n: i32) -> Call {
    Call::new("INSERT INTO numbers VALUES ($1) ON CONFLICT DO NOTHING").bind(n)
}

/// Fails for 0.
fn divide_by(n: i32) -> Call {
    Call::new("SELECT 12 / $1 AS quotient").bind(n)
}

#[tokio::test]
async fn what_is_asked_at_the_same_time_leaves_in_one_flight() {
    for prepared_statements in [true, false] {
        let scene = Scene::start(prepared_statements).await;
        for state in ["fresh", "warm", "warm"] {
            let before = scene.proxy.flights();
            let works = (1..=10).map(|n| {
                move |db: Database| async move {
                    db.rows(divide_by(n)).await?;
                    let [_, rows] = db.transaction([insert(n), divide_by(n)]).await?;
                    Ok::<i32, shared::Error>(rows[0].try_get("quotient")?)
                }
            });
            let quotients = scene.db.together(works).await;
            let quotients: Vec<_> = quotients.into_iter().filter_map(Result::ok).collect();
            assert_eq!(quotients, [12, 6, 4, 3, 2, 2, 1, 1, 1, 1]);
            let flights = scene.proxy.flights() - before;
            assert_eq!(flights, 2, "prepared: {prepared_statements}, {state}");
        }
        assert_eq!(scene.proxy.connections(), 1);
    }
}

#[tokio::test]
async fn what_fails_fails_alone() {
    let scene = Scene::start(true).await;
    for _ in 0..2 {
        let works = (0..10).map(|n| {
            move |db: Database| async move { db.transaction([insert(n), divide_by(n % 5)]).await }
        });
        let outcomes = scene.db.together(works).await;
        let failed: Vec<_> = (0..10).filter(|n| outcomes[*n].is_err()).collect();
        assert_eq!(failed, [0, 5]);
        assert_eq!(scene.numbers().await, [1, 2, 3, 4, 6, 7, 8, 9]);
    }
    assert_eq!(
        scene.proxy.connections(),
        1,
        "a statement that fails breaks nothing"
    );
}

#[tokio::test]
async fn an_answer_that_is_lost_makes_a_repetition_of_what_has_none() {
    let scene = Scene::start(true).await;
    scene.proxy.lose_next_answer();
    let works =
        (0..10).map(|n| move |db: Database| async move { db.transaction([insert(n)]).await });
    let outcomes = scene.db.together(works).await;
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(scene.numbers().await.len(), 10);
    assert_eq!(scene.proxy.connections(), 2);
}

/// The statement before which all others wait is given up after 5 s, and only it.
#[tokio::test]
async fn one_that_takes_too_long_holds_the_others_up_and_no_more() {
    let scene = Scene::start(true).await;
    // In two: what stands before a BEGIN in the same text belongs to its transaction, and nobody else would see the row.
    for sql in [
        "INSERT INTO numbers VALUES (0)",
        "BEGIN; UPDATE numbers SET n = 0",
    ] {
        scene
            .client
            .batch_execute(sql)
            .await
            .expect("the row is there, and locked");
    }
    let works = (1..7).map(|n| {
        move |db: Database| async move {
            if n == 4 {
                let stuck = "UPDATE numbers SET n = $1 WHERE n = 0";
                db.rows(Call::new(stuck).bind(100)).await
            } else {
                db.rows(insert(n)).await
            }
        }
    });
    let started = Instant::now();
    let outcomes = scene.db.together(works).await;
    let failed: Vec<_> = (0..6).filter(|n| outcomes[*n].is_err()).collect();
    assert_eq!(failed, [3]);
    assert!(started.elapsed() < Duration::from_secs(8));
    scene
        .client
        .batch_execute("ROLLBACK")
        .await
        .expect("the lock is given up");
    assert_eq!(scene.numbers().await, [0, 1, 2, 3, 5, 6]);
}

/// Whoever is busy elsewhere is waited for, but not for long.
#[tokio::test]
async fn who_is_slow_is_left_behind_and_not_forgotten() {
    let scene = Scene::start(true).await;
    let started = Instant::now();
    let works = [0, 0, 50, 2000].map(|pause| {
        move |db: Database| async move {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            db.rows(divide_by(1)).await.expect("a row");
            started.elapsed()
        }
    });
    let before = scene.proxy.flights();
    let ended = scene.db.together(works).await;
    assert_eq!(scene.proxy.flights() - before, 2);
    assert!(
        ended[..3]
            .iter()
            .all(|ended| *ended < Duration::from_millis(1500))
    );
    assert!(ended[3] >= Duration::from_secs(2));
}

#[tokio::test]
async fn who_gives_up_takes_nobody_along() {
    let scene = Scene::start(true).await;
    let works = (0..4).map(|n| {
        move |db: Database| async move {
            let asked = db.rows(insert(n));
            if n == 2 {
                // It asks, and does not wait for the answer.
                return tokio::select! {
                    biased;
                    _ = asked => true,
                    () = std::future::ready(()) => false,
                };
            }
            asked.await.is_ok()
        }
    });
    assert_eq!(scene.db.together(works).await, [true, true, false, true]);
    assert_eq!(scene.numbers().await, [0, 1, 3]);
}
