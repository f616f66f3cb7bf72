//! Who is mailed that a task is theirs now.

use cairn_tests::{AwsProxy, Operation, SENDER};
use serde_json::json;

use super::{LATER, Scene, schedule_of, task_change};

#[tokio::test]
async fn whoever_is_given_a_task_is_mailed_what_is_to_be_known_of_it() {
    let scene = Scene::start().await;
    let task = scene.task(&scene.world.assignee).await;
    scene.follow_up().await;
    let mails = scene.mails_to(&scene.world.assignee).await;
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert!(mail.source.contains(SENDER), "{}", mail.source);
    assert!(mail.subject.contains("Paint it"), "{}", mail.subject);
    let (workspace, project) = (&scene.world.workspace, &scene.world.project);
    let url =
        format!("https://app.example.com/workspace/{workspace}/projects/{project}/tasks/{task}");
    for part in [&mail.body_text, &mail.body_html] {
        for fact in ["Paint it", "Rocket", "Acme", "2040", &url] {
            assert!(part.contains(fact), "{fact} is missing in: {part}");
        }
    }
    assert_eq!(scene.count("SELECT count(*) FROM outbox").await, 0);
    let sent = "SELECT count(*) FROM deliveries WHERE kind = 'assignment' AND version = 1
                   AND sent_at IS NOT NULL AND message_id <> ''";
    assert_eq!(scene.count(sent).await, 1);
}

#[tokio::test]
async fn each_new_assignee_is_mailed_and_so_is_one_who_gets_it_back() {
    let scene = Scene::start().await;
    let (first, second) = (&scene.world.assignee, &scene.world.project_member);
    let task = scene.task(first).await;
    scene.follow_up().await;
    for (assignee, mails) in [(second, (1, 1)), (first, (2, 1)), (first, (2, 1))] {
        scene
            .change(task, &json!({"assigneeId": assignee.id}))
            .await;
        scene.follow_up().await;
        let sent = (
            scene.mails_to(first).await.len(),
            scene.mails_to(second).await.len(),
        );
        assert_eq!(sent, mails);
    }
}

#[tokio::test]
async fn of_two_assignments_at_a_time_the_one_that_holds_is_mailed() {
    let scene = Scene::start().await;
    let (first, second) = (&scene.world.assignee, &scene.world.project_member);
    let task = scene.task(first).await;
    scene.change(task, &json!({"assigneeId": second.id})).await;
    scene.follow_up().await;
    assert_eq!(scene.mails_to(first).await.len(), 0);
    assert_eq!(scene.mails_to(second).await.len(), 1);
}

#[tokio::test]
async fn who_takes_a_task_is_not_mailed_but_a_creator_is() {
    let scene = Scene::start().await;
    let lead = &scene.world.lead;
    let taken = scene.task(&scene.world.assignee).await;
    scene.change(taken, &json!({"assigneeId": lead.id})).await;
    scene.follow_up().await;
    assert_eq!(scene.mails_to(lead).await.len(), 0);
    scene.task(lead).await;
    scene.follow_up().await;
    assert_eq!(scene.mails_to(lead).await.len(), 1);
}

#[tokio::test]
async fn other_changes_mail_nobody_again() {
    let scene = Scene::start().await;
    let assignee = &scene.world.assignee;
    let task = scene.task(assignee).await;
    scene.follow_up().await;
    for change in [
        json!({"due_date": "2041-01-01"}),
        json!({"status": "DONE"}),
        json!({"status": "TODO"}),
        json!({"title": "Paint it again"}),
    ] {
        scene.change(task, &change).await;
        scene.follow_up().await;
    }
    assert_eq!(scene.mails_to(assignee).await.len(), 1);
}

#[tokio::test]
async fn a_message_that_comes_twice_or_too_late_does_nothing() {
    let scene = Scene::start().await;
    let assignee = &scene.world.assignee;
    let task = scene.task(assignee).await;
    let outbox_id = scene.promise(task).await;
    let message = task_change(outbox_id);
    for _ in 0..2 {
        let failed = scene
            .app
            .invoke_with("worker", &[message.clone(), message.clone()])
            .await;
        assert!(failed.is_empty());
    }
    assert_eq!(scene.mails_to(assignee).await.len(), 1);
    // The row is there again, as if its deletion had been lost.
    let again = "INSERT INTO outbox (id, kind, task_id, next_attempt_at) VALUES ($1, 'task_change', $2, now())";
    scene.execute(again, &[&outbox_id, &task]).await;
    assert!(scene.app.invoke_with("worker", &[message]).await.is_empty());
    assert_eq!(scene.mails_to(assignee).await.len(), 1);
    assert_eq!(scene.schedules().await, [schedule_of(task)]);
    assert_eq!(scene.count("SELECT count(*) FROM outbox").await, 0);
}

#[tokio::test]
async fn nobody_is_mailed_at_an_address_that_is_not_theirs() {
    let scene = Scene::start().await;
    let other = &scene.world.bystander;
    // Each makes the assignee's address one that mail may not go to; each is undone afterwards.
    for (what, wrong, right) in [
        (
            "no address",
            "UPDATE users SET email = NULL WHERE id = $1",
            "UPDATE users SET email = $2 WHERE id = $1",
        ),
        (
            "an address that is not verified",
            "UPDATE users SET email_verified = false WHERE id = $1",
            "UPDATE users SET email_verified = true WHERE id = $1",
        ),
        (
            "somebody else verified the address later",
            "UPDATE users SET email = upper($2), version = 9 WHERE id = $3",
            "UPDATE users SET email = 'bea@example.com', version = 1 WHERE id = $3",
        ),
    ] {
        let assignee = &scene.world.assignee;
        let run = async |statement: &str| {
            let statement = statement
                .replace("$1", &format!("'{}'", assignee.id))
                .replace("$2", &format!("'{}'", assignee.email))
                .replace("$3", &format!("'{}'", other.id));
            scene.execute(&statement, &[]).await;
        };
        let task = scene.task(assignee).await;
        run(wrong).await;
        scene.follow_up().await;
        assert_eq!(scene.app.aws().mails().await.len(), 0, "{what}");
        assert!(
            scene.schedules().await.contains(&schedule_of(task)),
            "{what}: the reminder may find another address"
        );
        assert_eq!(scene.count("SELECT count(*) FROM outbox").await, 0);
        run(right).await;
    }
}

#[tokio::test]
async fn who_left_the_workspace_is_not_mailed() {
    let scene = Scene::start().await;
    scene.task(&scene.world.assignee).await;
    let leave = "DELETE FROM workspace_members WHERE user_id = $1";
    scene.execute(leave, &[&scene.world.assignee.id]).await;
    scene.follow_up().await;
    assert_eq!(scene.app.aws().mails().await.len(), 0);
}

#[tokio::test]
async fn nothing_follows_for_a_task_that_is_done_or_gone_by_then() {
    let scene = Scene::start().await;
    let done = scene.task(&scene.world.assignee).await;
    scene.change(done, &json!({"status": "DONE"})).await;
    let gone = scene.task(&scene.world.assignee).await;
    let path = format!("/api/tasks/{gone}");
    scene.app.delete(&scene.world.lead, &path).await.data(200);
    scene.follow_up().await;
    assert_eq!(scene.app.aws().mails().await.len(), 0);
    assert_eq!(scene.schedules().await, Vec::<String>::new());
    assert_eq!(scene.count("SELECT count(*) FROM outbox").await, 0);
}

/// The local SES keeps neither Reply-To nor headers: they are looked up in the request.
#[tokio::test]
async fn a_mail_says_that_it_is_automatic_and_where_answers_go() {
    let proxy = AwsProxy::start();
    let scene = Scene::start_as(|builder| {
        builder
            .aws_through("worker", &proxy)
            .variable("MAIL_REPLY_TO", "Help <help@example.com>")
            .variable("MAIL_CONFIGURATION_SET", "cairn")
    })
    .await;
    scene.task_due(&scene.world.assignee, LATER.0).await;
    scene.follow_up().await;
    let calls = proxy.calls(Operation::SendEmail);
    assert_eq!(calls.len(), 1);
    let sent = &calls[0].body;
    assert_eq!(sent["FromEmailAddress"], format!("Cairn <{SENDER}>"));
    assert_eq!(
        sent["Destination"],
        json!({"ToAddresses": [scene.world.assignee.email]})
    );
    assert_eq!(sent["ReplyToAddresses"], json!(["Help <help@example.com>"]));
    assert_eq!(sent["ConfigurationSetName"], "cairn");
    assert_eq!(
        sent["EmailTags"],
        json!([{"Name": "kind", "Value": "assignment"}])
    );
    let simple = &sent["Content"]["Simple"];
    assert_eq!(
        simple["Headers"],
        json!([{"Name": "Auto-Submitted", "Value": "auto-generated"}])
    );
    for part in [
        &simple["Subject"],
        &simple["Body"]["Text"],
        &simple["Body"]["Html"],
    ] {
        assert_eq!(part["Charset"], "UTF-8");
        assert!(part["Data"].as_str().is_some_and(|text| !text.is_empty()));
    }
}
