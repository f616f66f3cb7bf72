//! The database goes away in the middle of the work.

use std::sync::Arc;
use std::time::Duration;

use cairn_tests::{Behaviour, DatabaseProxy, Fault, Moment, Operation, proxy_to_database};

use super::Scene;

async fn behind(proxy: &Arc<DatabaseProxy>) -> Scene {
    Scene::start_as(|builder| builder.through(proxy)).await
}

#[tokio::test]
async fn while_the_database_is_stopped_messages_come_back_and_nothing_is_sent() {
    let proxy = proxy_to_database().await;
    let scene = behind(&proxy).await;
    let task = scene.task().await;
    let reminded = scene.task_with_reminder().await;
    proxy.behave(Behaviour::Refuse);
    for _ in 0..2 {
        let delivered = scene.app.deliver("worker", scene.task_queue()).await;
        assert_eq!((delivered.failed, delivered.done), (2, 0));
        let delivered = scene.app.deliver("reminders", scene.reminder_queue()).await;
        assert_eq!((delivered.failed, delivered.done), (1, 0));
    }
    assert_eq!(scene.app.aws().mails().await.len(), 0);
    proxy.behave(Behaviour::Forward);
    scene.app.drain("reminders", scene.reminder_queue()).await;
    assert_eq!(scene.mails_about(&reminded).await.len(), 1);
    scene.app.drain("worker", scene.task_queue()).await;
    scene
        .all_is_well(&task, 1, "after the database came back")
        .await;
}

#[tokio::test]
async fn a_database_that_is_away_for_a_moment_after_the_mail_makes_no_second_one() {
    let proxy = proxy_to_database().await;
    let scene = behind(&proxy).await;
    let task = scene.task().await;
    let hold = scene.aws.next(Operation::SendEmail).hold(Moment::After);
    let moment = async {
        hold.reached().await;
        proxy.behave(Behaviour::Refuse);
        hold.release();
        // The worker finds it away at least once.
        tokio::time::sleep(Duration::from_millis(400)).await;
        proxy.behave(Behaviour::Forward);
    };
    let (delivered, ()) = tokio::join!(scene.app.deliver("worker", scene.task_queue()), moment);
    assert_eq!((delivered.failed, delivered.done), (0, 1));
    scene
        .all_is_well(&task, 1, "a moment without a database")
        .await;
    assert_eq!(scene.metric("worker", "PossibleSecondMail"), 0);
}

#[tokio::test]
async fn a_database_that_stays_away_after_the_mail_makes_a_second_one_which_is_counted() {
    let proxy = proxy_to_database().await;
    let scene = behind(&proxy).await;
    let task = scene.task().await;
    let hold = scene.aws.next(Operation::SendEmail).hold(Moment::After);
    let outage = async {
        hold.reached().await;
        proxy.behave(Behaviour::Refuse);
        hold.release();
    };
    let (delivered, ()) = tokio::join!(scene.app.deliver("worker", scene.task_queue()), outage);
    assert_eq!((delivered.failed, delivered.done), (1, 0));
    proxy.behave(Behaviour::Forward);

    let early = scene.app.deliver("worker", scene.task_queue()).await;
    assert_eq!((early.failed, early.done), (1, 0), "the claim still holds");
    scene.a_minute_passes().await;
    scene.app.drain("worker", scene.task_queue()).await;
    scene.all_is_well(&task, 2, "the documented case").await;
    assert_eq!(scene.metric("worker", "PossibleSecondMail"), 1);
}

#[tokio::test]
async fn a_database_that_goes_away_before_the_schedule_or_the_end_repeats_nothing() {
    let proxy = proxy_to_database().await;
    let scene = behind(&proxy).await;
    for moment in [Moment::Before, Moment::After] {
        let task = scene.task().await;
        let hold = scene.aws.next(Operation::CreateSchedule).hold(moment);
        let outage = async {
            hold.reached().await;
            proxy.behave(Behaviour::Refuse);
            hold.release();
        };
        let (delivered, ()) = tokio::join!(scene.app.deliver("worker", scene.task_queue()), outage);
        assert_eq!((delivered.failed, delivered.done), (1, 0), "{moment:?}");
        proxy.behave(Behaviour::Forward);
        scene.app.drain("worker", scene.task_queue()).await;
        scene.all_is_well(&task, 1, &format!("{moment:?}")).await;
    }
    assert_eq!(scene.metric("worker", "PossibleSecondMail"), 0);
}

/// The statement was carried out and its answer lost: it is sent again on another connection.
#[tokio::test]
async fn an_answer_of_the_database_lost_on_the_way_is_not_noticed() {
    let proxy = proxy_to_database().await;
    let scene = behind(&proxy).await;
    // One flight after the other: the reading, the claim, the mark with the deletion.
    for flight in 1..=3 {
        let task = scene.task().await;
        let losing = lose_answer(&proxy, flight);
        let (delivered, ()) = tokio::join!(scene.app.deliver("worker", scene.task_queue()), losing);
        let case = format!("flight {flight}");
        assert_eq!((delivered.failed, delivered.done), (0, 1), "{case}");
        scene.all_is_well(&task, 1, &case).await;
    }
    assert_eq!(scene.metric("worker", "PossibleSecondMail"), 0);
}

#[tokio::test]
async fn a_second_mail_is_counted_though_the_answer_to_its_claim_is_lost() {
    let proxy = proxy_to_database().await;
    let scene = behind(&proxy).await;
    let task = scene.task().await;
    scene.aws.next(Operation::SendEmail).meet(Fault::LoseAnswer);
    let first = scene.app.deliver("worker", scene.task_queue()).await;
    assert_eq!((first.failed, first.done), (1, 0));
    // After the reading comes the claim.
    let losing = lose_answer(&proxy, 2);
    let (second, ()) = tokio::join!(scene.app.deliver("worker", scene.task_queue()), losing);
    assert_eq!((second.failed, second.done), (0, 1));
    scene.all_is_well(&task, 2, "the documented case").await;
    assert_eq!(scene.metric("worker", "PossibleSecondMail"), 1);
}

/// Loses the answer to the flight of this number from now on. Who awaits it must begin before the flights do.
pub async fn lose_answer(proxy: &DatabaseProxy, flight: u32) {
    let before = proxy.flights();
    while proxy.flights() < before + flight {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    proxy.lose_next_answer();
}
