//! The messages of a batch are worked off at the same time. What becomes of one is nothing to the others.

use std::time::Duration;

use cairn_tests::{Fault, Lock, Operation, proxy_to_database};
use serde_json::{Value, json};

use super::database::lose_answer;
use super::{LATER, Scene, Task};

impl Scene {
    async fn tasks(&self, count: usize) -> Vec<Task> {
        let mut tasks = Vec::new();
        for _ in 0..count {
            tasks.push(self.task().await);
        }
        tasks
    }

    async fn all_are_well(&self, tasks: &[Task], case: &str) {
        for (number, task) in tasks.iter().enumerate() {
            self.all_is_well(task, 1, &format!("{case}, task {number}"))
                .await;
        }
        assert_eq!(self.metric("worker", "PossibleSecondMail"), 0, "{case}");
    }
}

#[tokio::test]
async fn one_whose_mail_or_schedule_fails_fails_alone() {
    let scene = Scene::start().await;
    for operation in [Operation::SendEmail, Operation::CreateSchedule] {
        let case = format!("{operation:?}");
        let tasks = scene.tasks(10).await;
        let name = match operation {
            Operation::SendEmail => &tasks[4].title,
            _ => &tasks[4].id,
        };
        let refused = Fault::Refuse(403, "AccessDeniedException", "not authorized");
        scene.aws.next(operation).containing(name).meet(refused);
        let delivered = scene.app.deliver("worker", scene.task_queue()).await;
        assert_eq!((delivered.failed, delivered.done), (1, 9), "{case}");
        scene.app.drain("worker", scene.task_queue()).await;
        scene.all_are_well(&tasks, &case).await;
    }
}

/// A mail that is sent must not wait long for its mark: it would be sent again if the function died.
#[tokio::test]
async fn a_slow_mail_keeps_the_others_from_being_marked_for_a_moment_only() {
    let scene = Scene::start().await;
    let tasks = scene.tasks(10).await;
    let slow = scene.aws.next(Operation::SendEmail);
    slow.containing(&tasks[4].title)
        .meet(Fault::Delay(Duration::from_secs(5)));
    let marked = async {
        let sent = "SELECT count(*) FROM deliveries WHERE sent_at IS NOT NULL";
        while scene.count(sent).await < 9 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(scene.promises().await, 1, "the slow one's only");
    };
    let marked = tokio::time::timeout(Duration::from_secs(4), marked);
    let (delivered, marked) = tokio::join!(scene.app.deliver("worker", scene.task_queue()), marked);
    marked.expect("nine are marked as sent while the tenth still is being sent");
    assert_eq!((delivered.failed, delivered.done), (0, 10));
    scene.all_are_well(&tasks, "a slow mail").await;
}

#[tokio::test]
async fn two_messages_about_one_task_make_one_mail_and_one_schedule() {
    let scene = Scene::start().await;
    let task = scene.task().await;
    let path = format!("/api/tasks/{}", task.id);
    let due_date = "2040-05-04T13:00:00Z";
    for due_date in [due_date, LATER.0] {
        let changed = json!({"due_date": due_date});
        let answer = scene.app.patch(&scene.world.lead, &path, &changed).await;
        answer.says(200, "Task updated successfully");
    }
    let delivered = scene.app.deliver("worker", scene.task_queue()).await;
    assert_eq!((delivered.failed, delivered.done), (0, 3));
    scene.all_are_well(&[task], "three messages").await;
}

#[tokio::test]
async fn one_reminder_that_comes_twice_makes_one_mail() {
    let scene = Scene::start().await;
    let task = scene.task_with_reminder().await;
    let queue = &scene.reminder_queue().url;
    let message: Vec<Value> = scene.app.aws().messages(queue).await;
    scene.app.aws().send(queue, &message[0]).await;
    let delivered = scene.app.deliver("reminders", scene.reminder_queue()).await;
    assert_eq!((delivered.failed, delivered.done), (0, 2));
    assert_eq!(scene.mails_about(&task).await.len(), 1);
    assert_eq!(scene.metric("reminders", "PossibleSecondMail"), 0);
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle_of_a_batch_is_not_noticed() {
    let proxy = proxy_to_database().await;
    let scene = Scene::start_as(|builder| builder.through(&proxy)).await;
    // The reading, the claims, the marks.
    for flight in 1..=3 {
        let tasks = scene.tasks(10).await;
        let losing = lose_answer(&proxy, flight);
        let (delivered, ()) = tokio::join!(scene.app.deliver("worker", scene.task_queue()), losing);
        let case = format!("flight {flight}");
        assert_eq!((delivered.failed, delivered.done), (0, 10), "{case}");
        scene.all_are_well(&tasks, &case).await;
    }
}

/// The record fails whose statement waits for a lock too long; those behind it on the connection are repeated at once.
#[tokio::test]
async fn a_statement_that_waits_for_a_lock_fails_its_own_record() {
    let scene = Scene::start().await;
    let tasks = scene.tasks(4).await;
    let lock = Lock::on_promise(&scene.app, tasks[1].outbox_id)
        .await
        .expect("the promise is there");
    let delivered = scene.app.deliver("worker", scene.task_queue()).await;
    assert_eq!((delivered.failed, delivered.done), (1, 3));
    lock.release().await;
    scene.app.drain("worker", scene.task_queue()).await;
    scene.all_are_well(&tasks, "a lock").await;
}
