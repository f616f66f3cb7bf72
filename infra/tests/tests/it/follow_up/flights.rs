//! How many flights to the database a batch takes: counted by a proxy, as those of requests are.

use cairn_tests::{DatabaseProxy, Queue, proxy_to_database};

use super::{Scene, reminder};

/// What a batch may take.
const FLIGHTS: u32 = 3;
/// Marks wait for the slowest mail half a second and no longer. On a machine that is busy with other things one of a few
/// batches must get through in that time.
const TRIES: usize = 4;

impl Scene {
    /// The flights that a full batch takes.
    async fn flights_of_ten(&self, proxy: &DatabaseProxy, function: &str, queue: &Queue) -> u32 {
        let before = proxy.flights();
        let delivered = self.app.deliver(function, queue).await;
        assert_eq!((delivered.failed, delivered.done), (0, 10), "{function}");
        proxy.flights() - before
    }
}

#[tokio::test]
async fn ten_changes_of_tasks_take_three_flights_cold_and_warm() {
    let proxy = proxy_to_database().await;
    let scene = Scene::start_as(|builder| builder.through(&proxy)).await;
    for cold in [true, false] {
        let mut flights = Vec::new();
        for _ in 0..TRIES {
            for _ in 0..10 {
                scene.task(&scene.world.assignee).await;
            }
            if cold {
                scene.app.replace_environments();
            }
            let queue = &scene.app.aws().task_queue;
            flights.push(scene.flights_of_ten(&proxy, "worker", queue).await);
            if flights.iter().any(|flights| *flights <= FLIGHTS) {
                break;
            }
        }
        assert!(
            flights.iter().any(|flights| *flights <= FLIGHTS),
            "cold: {cold}, {flights:?}"
        );
    }
    assert_eq!(scene.count("SELECT count(*) FROM outbox").await, 0);
}

#[tokio::test]
async fn ten_reminders_take_three_flights_cold_and_warm() {
    let proxy = proxy_to_database().await;
    let scene = Scene::start_as(|builder| builder.through(&proxy)).await;
    let due = "UPDATE tasks SET due_date = date_trunc('second', now()) - interval '10 seconds'
                WHERE id = $1 RETURNING extract(epoch FROM due_date)::bigint";
    for cold in [true, false] {
        let mut flights = Vec::new();
        for _ in 0..TRIES {
            for _ in 0..10 {
                let task = scene.task(&scene.world.assignee).await;
                let row = scene.app.database().query_one(due, &[&task]).await;
                let due: i64 = row.expect("the task is due").get(0);
                let aws = scene.app.aws();
                aws.send(&aws.reminder_queue.url, &reminder(task, due))
                    .await;
            }
            if cold {
                scene.app.replace_environments();
            }
            let queue = &scene.app.aws().reminder_queue;
            flights.push(scene.flights_of_ten(&proxy, "reminders", queue).await);
            if flights.iter().any(|flights| *flights <= FLIGHTS) {
                break;
            }
        }
        assert!(
            flights.iter().any(|flights| *flights <= FLIGHTS),
            "cold: {cold}, {flights:?}"
        );
    }
}
