//! Everything fails at random while messages come once, twice or again. In the end each mail was sent, each reminder is
//! scheduled, and no mail came twice without being counted.

use std::time::Duration;

use cairn_tests::{Behaviour, DatabaseProxy, Fault, Operation, proxy_to_database};
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::json;
use uuid::Uuid;

use super::{LATER, Scene, Task};

const TASKS: usize = 24;
const ROUNDS: usize = 24;
/// How far into a batch the longest-lived ones come before something is cut or killed.
const LONGEST: u64 = 250;

/// A fault that makes no test wait for a time-out.
fn fault(random: &mut TestRng) -> (Operation, Fault) {
    let operation = match random.next_u32() % 3 {
        0 => Operation::CreateSchedule,
        _ => Operation::SendEmail,
    };
    let fault = match random.next_u32() % 5 {
        0 => Fault::Refuse(500, "InternalFailure", "Internal failure"),
        1 => Fault::Refuse(403, "AccessDeniedException", "not authorized"),
        2 => Fault::Reset,
        3 => Fault::LoseAnswer,
        _ => Fault::Delay(Duration::from_millis(100)),
    };
    (operation, fault)
}

/// Cuts, stops or kills something after a while, or nothing.
async fn strike(scene: &Scene, database: &DatabaseProxy, kind: u32, after: Duration) {
    tokio::time::sleep(after).await;
    match kind % 6 {
        0 => scene.app.kill("worker"),
        1 => database.cut(),
        2 => database.lose_next_answer(),
        3 => {
            database.behave(Behaviour::Refuse);
            tokio::time::sleep(Duration::from_millis(150)).await;
            database.behave(Behaviour::Forward);
        }
        _ => {}
    }
}

#[tokio::test]
async fn whatever_fails_no_mail_is_lost_and_none_comes_twice_uncounted() {
    let seed = Uuid::now_v7();
    println!("seed: {seed}");
    let bytes = [*seed.as_bytes(), *seed.as_bytes()].concat();
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);

    let database = proxy_to_database().await;
    let scene = Scene::start_as(|builder| builder.through(&database).environments(2)).await;
    let mut tasks = Vec::new();
    for _ in 0..TASKS {
        tasks.push(scene.task().await);
    }
    for _ in 0..ROUNDS {
        for _ in 0..random.next_u32() % 4 {
            let (operation, fault) = fault(&mut random);
            scene.aws.next(operation).meet(fault);
        }
        let twice = &tasks[random.next_u32() as usize % TASKS];
        let again = [json!({"task_change": {"outbox_id": twice.outbox_id}})];
        let after = Duration::from_millis(u64::from(random.next_u32()) % LONGEST);
        tokio::join!(
            scene.app.deliver("worker", scene.task_queue()),
            scene.app.invoke_with("worker", &again),
            strike(&scene, &database, random.next_u32(), after),
        );
        if random.next_u32().is_multiple_of(2) {
            scene.a_minute_passes().await;
        }
    }
    scene.aws.heal();
    scene.a_minute_passes().await;
    // What failed too often meanwhile is put back by an operator.
    for _ in 0..2 {
        scene.app.drain("worker", scene.task_queue()).await;
        scene.app.aws().redrive(scene.task_queue()).await;
    }
    scene.check_all(&tasks, &format!("seed {seed}")).await;
}

impl Scene {
    async fn check_all(&self, tasks: &[Task], case: &str) {
        assert_eq!(self.promises().await, 0, "all promises are kept, {case}");
        let mails = self.app.aws().mails().await;
        for task in tasks {
            let about_it = |mail: &&cairn_tests::Mail| mail.subject.contains(&task.title);
            assert_ne!(
                mails.iter().filter(about_it).count(),
                0,
                "a mail is lost, {case}"
            );
        }
        let counted = self.metric("worker", "PossibleSecondMail");
        let more = mails.len() - tasks.len();
        assert!(
            u64::try_from(more).is_ok_and(|more| more <= counted),
            "{more} mails came twice and {counted} are counted, {case}"
        );
        let mut expected: Vec<_> = tasks
            .iter()
            .map(|task| format!("task-{}-{}", task.id, LATER.1))
            .collect();
        expected.sort();
        let schedules = self.app.aws().schedules().await;
        let names: Vec<_> = schedules
            .into_iter()
            .map(|schedule| schedule.name)
            .collect();
        assert_eq!(names, expected, "{case}");
    }
}
