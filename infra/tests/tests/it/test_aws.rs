//! The tests' own ways to AWS: accounts that keep apart, and the proxy that breaks what it is told to.

use std::sync::Arc;
use std::time::Duration;

use cairn_tests::{Aws, AwsProxy, Fault, Moment, Operation, Queue, Received};
use serde_json::{Value, json};

/// An SQS call as functions make them: the answer's status, or nothing if the connection broke.
async fn send(proxy: &AwsProxy, aws: &Aws, body: &str) -> Option<u16> {
    let account = &aws.variables()["AWS_ACCESS_KEY_ID"];
    let credential = format!(
        "AWS4-HMAC-SHA256 Credential={account}/20260101/eu-central-1/sqs/aws4_request, SignedHeaders=host, Signature=0"
    );
    let call = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(3))
        .build()
        .expect("an HTTP client");
    let answer = call
        .post(proxy.url())
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "AmazonSQS.SendMessage")
        .header("authorization", credential)
        .body(json!({"QueueUrl": aws.task_queue.url, "MessageBody": body}).to_string())
        .send()
        .await;
    answer.ok().map(|answer| answer.status().as_u16())
}

async fn bodies(aws: &Aws, queue: &Queue) -> Vec<Value> {
    aws.messages(&queue.url).await
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let (mine, other) = (Aws::create().await, Aws::create().await);
    mine.send(&mine.task_queue.url, &json!({"mine": 1})).await;
    assert_eq!(bodies(&mine, &mine.task_queue).await, [json!({"mine": 1})]);
    assert!(bodies(&other, &other.task_queue).await.is_empty());
    assert!(bodies(&mine, &mine.reminder_queue).await.is_empty());
}

#[tokio::test]
async fn a_message_that_is_never_deleted_ends_among_the_dead_letters_and_can_be_redriven() {
    let aws = Aws::create().await;
    let queue = &aws.task_queue;
    aws.send(&queue.url, &json!("poison")).await;
    let mut receives = Vec::new();
    loop {
        let batch: Vec<Received> = aws.receive(&queue.url).await;
        let Some(message) = batch.first() else { break };
        receives.push(message.receives);
        aws.return_now(&queue.url, message).await;
    }
    assert_eq!(receives, [1, 2, 3, 4, 5]);
    assert_eq!(aws.messages(&queue.dead_letters).await, [json!("poison")]);
    aws.redrive(queue).await;
    assert_eq!(bodies(&aws, queue).await, [json!("poison")]);
    assert!(aws.messages(&queue.dead_letters).await.is_empty());
}

#[tokio::test]
async fn each_fault_is_what_it_says() {
    let aws = Aws::create().await;
    let proxy = AwsProxy::start();
    let cases = [
        (
            Fault::Refuse(400, "Throttling", "slow down"),
            Some(400),
            false,
        ),
        (Fault::Reset, None, false),
        (Fault::Swallow, None, false),
        (Fault::LoseAnswer, None, true),
        (Fault::SwallowAnswer, None, true),
        (Fault::Delay(Duration::from_millis(50)), Some(200), true),
    ];
    let mut carried_out = Vec::new();
    for (number, (fault, status, arrives)) in cases.into_iter().enumerate() {
        let body = format!("\"case {number}\"");
        proxy
            .next(Operation::SendMessage)
            .containing(&format!("case {number}"))
            .meet(fault.clone());
        assert_eq!(send(&proxy, &aws, &body).await, status, "{fault:?}");
        if arrives {
            carried_out.push(json!(format!("case {number}")));
        }
    }
    assert_eq!(bodies(&aws, &aws.task_queue).await, carried_out);
    let calls = proxy.calls(Operation::SendMessage);
    let recorded: Vec<bool> = calls.iter().map(|call| call.carried_out).collect();
    assert_eq!(recorded, [false, false, false, true, true, true]);
    assert_eq!(send(&proxy, &aws, "\"healthy\"").await, Some(200));
}

#[tokio::test]
async fn a_fault_lasts_as_long_as_it_was_told_to() {
    let aws = Aws::create().await;
    let proxy = AwsProxy::start();
    let refused = Fault::Refuse(503, "ServiceUnavailable", "");
    proxy
        .next(Operation::SendMessage)
        .times(2)
        .meet(refused.clone());
    for expected in [503, 503, 200] {
        assert_eq!(send(&proxy, &aws, "{}").await, Some(expected));
    }
    proxy.every(Operation::SendMessage).meet(refused);
    assert_eq!(send(&proxy, &aws, "{}").await, Some(503));
    assert_eq!(send(&proxy, &aws, "{}").await, Some(503));
    proxy.heal();
    assert_eq!(send(&proxy, &aws, "{}").await, Some(200));
}

#[tokio::test]
async fn a_held_call_waits_and_may_be_let_go_or_discarded() {
    let aws = Arc::new(Aws::create().await);
    let proxy = AwsProxy::start();
    for (moment, released, arrived_while_held, arrives) in [
        (Moment::Before, true, 0, 1),
        (Moment::After, true, 2, 2),
        (Moment::Before, false, 2, 2),
        (Moment::After, false, 3, 3),
    ] {
        let hold = proxy.next(Operation::SendMessage).hold(moment);
        let call = tokio::spawn({
            let (proxy, aws) = (Arc::clone(&proxy), Arc::clone(&aws));
            async move { send(&proxy, &aws, "{}").await }
        });
        hold.reached().await;
        let count = async || bodies(&aws, &aws.task_queue).await.len();
        assert_eq!(count().await, arrived_while_held, "{moment:?}");
        if released {
            hold.release();
        } else {
            hold.discard();
        }
        let status = call.await.expect("the call ends");
        assert_eq!(status, released.then_some(200), "{moment:?}");
        assert_eq!(count().await, arrives, "{moment:?}");
    }
}

#[tokio::test]
async fn schedules_are_listed_in_pages() {
    let aws = Aws::create().await;
    let mut names: Vec<String> = (0..130).map(|number| format!("task-{number}")).collect();
    for name in &names {
        let schedule = cairn_tests::Schedule {
            name: name.clone(),
            expression: "at(2030-01-01T00:00:00)".to_owned(),
            target: aws.reminder_queue.arn.clone(),
            input: json!({}),
        };
        aws.create_schedule(&schedule).await;
    }
    names.sort();
    let listed: Vec<String> = aws
        .schedules()
        .await
        .into_iter()
        .map(|it| it.name)
        .collect();
    assert_eq!(listed, names);
}

#[tokio::test]
async fn mails_and_schedules_can_be_read_back() {
    let aws = Aws::create().await;
    let schedule = cairn_tests::Schedule {
        name: "task-1-1".to_owned(),
        expression: "at(2030-01-01T00:00:00)".to_owned(),
        target: aws.reminder_queue.arn.clone(),
        input: json!({"a": 1}),
    };
    aws.create_schedule(&schedule).await;
    assert_eq!(aws.schedules().await, std::slice::from_ref(&schedule));
    aws.delete_schedule("task-1-1").await;
    assert_eq!(aws.schedule("task-1-1").await, None);
    let soon = cairn_tests::Schedule {
        expression: "at(2020-01-01T00:00:00)".to_owned(),
        ..schedule
    };
    aws.create_schedule(&soon).await;
    let began = std::time::Instant::now();
    while bodies(&aws, &aws.reminder_queue).await.is_empty() {
        assert!(began.elapsed() < Duration::from_secs(30), "it fires");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(bodies(&aws, &aws.reminder_queue).await, [json!({"a": 1})]);
    assert!(aws.schedules().await.is_empty(), "a fired schedule is gone");
    assert!(aws.mails().await.is_empty());
}
