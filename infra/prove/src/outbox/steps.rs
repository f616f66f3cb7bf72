//! The named steps at which functions are killed.

use std::time::Duration;

use cairn_tests::kills::{Promised, Stop, WORKER_STEPS};
use cairn_tests::{Lock, Moment, Operation};
use tokio::time::timeout;

use super::scene::Scene;
use crate::findings::Findings;

/// How long a function may take until it is where it is to be killed.
const REACHED: Duration = Duration::from_secs(15);

/// What a request does that creates a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Creation {
    /// The statement is sent, and the server gives it up with its client.
    InTheStatement,
    /// The statement is sent, and the server carries it out for nobody.
    AfterSendingTheStatement,
    /// The task is there; SQS knows of nothing.
    BeforeTheMessage,
    /// SQS has the message; nobody was answered.
    BeforeTheAnswer,
}

const CREATION: [Creation; 4] = [
    Creation::InTheStatement,
    Creation::AfterSendingTheStatement,
    Creation::BeforeTheMessage,
    Creation::BeforeTheAnswer,
];

/// Kills the function that creates a task at each of its steps.
pub async fn creations(scene: &mut Scene, findings: &mut Findings) {
    for step in CREATION {
        let killing = async {
            match step {
                Creation::InTheStatement | Creation::AfterSendingTheStatement => {
                    let lock = Lock::on_outbox(&scene.app).await;
                    // The request is sent when the lock is held.
                    let killing = async {
                        lock.reached(&scene.app).await;
                        scene.app.kill_and_replace("tasks").await;
                        if step == Creation::InTheStatement {
                            lock.drop_waiting(&scene.app).await;
                        }
                    };
                    let (asked, ()) = tokio::join!(scene.ask(false), killing);
                    lock.release().await;
                    asked
                }
                Creation::BeforeTheMessage | Creation::BeforeTheAnswer => {
                    let moment = if step == Creation::BeforeTheMessage {
                        Moment::Before
                    } else {
                        Moment::After
                    };
                    let hold = scene.aws.next(Operation::SendMessage).hold(moment);
                    let killing = async {
                        hold.reached().await;
                        scene.app.kill_and_replace("tasks").await;
                        hold.discard();
                    };
                    tokio::join!(scene.ask(false), killing).0
                }
            }
        };
        let Ok(asked) = timeout(REACHED, killing).await else {
            let log = scene.app.logs_of("tasks");
            let last = log.last().map_or("nothing", String::as_str);
            findings.fail(format!(
                "{step:?} was not reached; the function said: {last}"
            ));
            continue;
        };
        findings.check(!asked.answered, || {
            format!("{step:?}: answered by a function that was killed")
        });
        let expected = step != Creation::InTheStatement;
        findings.check(scene.comes_to_be(&asked.title, expected).await, || {
            format!("{step:?}: the task should be there: {expected}")
        });
        scene.asked.push(asked);
    }
}

/// Kills the worker at each of its steps.
pub async fn of_the_worker(scene: &mut Scene, findings: &mut Findings) {
    for step in WORKER_STEPS {
        let asked = scene.ask(false).await;
        let Some((task, outbox_id)) = scene.promise(&asked.title).await else {
            findings.fail(format!("{step:?}: a task without a promise"));
            return;
        };
        let promised = Promised {
            task: &task,
            title: &asked.title,
            outbox_id,
        };
        let stop = Stop::at(step, &scene.app, &scene.aws, &promised).await;
        let (killed, ()) = tokio::join!(
            scene.app.deliver("worker", scene.queue()),
            stop.and_kill(&scene.app, "worker")
        );
        findings.check((killed.failed, killed.done) == (1, 0), || {
            format!("{step:?}: {killed:?}")
        });
        scene.asked.push(asked);
        scene.settle().await;
    }
}
