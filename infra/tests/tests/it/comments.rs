//! Comments on tasks, under both spellings.

use cairn_tests::{TestApp, User, World};
use serde_json::{Value, json};

use crate::shapes::{assert_instant, assert_new_id, short_person, texts};

/// The comment that there is from the beginning, with the times of `read`.
fn first_comment(world: &World, read: &Value) -> Value {
    json!({
        "id": world.comment,
        "content": "Mind the wind",
        "taskId": world.task,
        "userId": world.project_member.id,
        "createdAt": read["createdAt"],
        "updatedAt": read["updatedAt"],
        "user": short_person(&world.project_member),
    })
}

/// Those who see the task of `world`.
fn those_who_see(world: &World) -> [&User; 5] {
    [
        &world.owner,
        &world.admin,
        &world.lead,
        &world.assignee,
        &world.project_member,
    ]
}

#[tokio::test]
async fn who_sees_a_task_comments_on_it() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/tasks/{}/comments", world.task);
    for user in those_who_see(&world) {
        let made = app
            .post(user, &path, &json!({"message": "  Well done \n"}))
            .await;
        let made = made.says(201, "Comment added successfully");
        assert_new_id(&made["id"]);
        assert_instant(&made["createdAt"]);
        let expected = json!({
            "id": made["id"],
            "content": "Well done",
            "taskId": world.task,
            "userId": user.id,
            "createdAt": made["createdAt"],
            "updatedAt": made["createdAt"],
            "user": short_person(user),
        });
        assert_eq!(made, expected);
    }
    let stranger = app.user("Stranger").await;
    for user in [&world.workspace_member, &stranger] {
        let refused = app.post(user, &path, &json!({"message": "Hello"})).await;
        refused.is_refused(404, "Task not found or you are not authorized to comment");
    }
    for blank in ["", "  \n "] {
        let refused = app
            .post(&world.lead, &path, &json!({"message": blank}))
            .await;
        refused.is_refused(400, "message cannot be empty");
    }
}

#[tokio::test]
async fn comments_are_read_as_an_array_and_as_pages() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    for number in 1..=12 {
        app.comment(&world.assignee, &world.task, &format!("Remark {number}"))
            .await;
    }
    let mut expected = vec!["Mind the wind".to_owned()];
    expected.extend((1..=12).map(|number| format!("Remark {number}")));

    let array_path = format!("/api/comments/task/{}/comments", world.task);
    let all = app.get(&world.admin, &array_path).await.data(200);
    assert_eq!(texts(&all, "content"), expected);
    let first = first_comment(&world, &all[0]);
    assert_eq!(all[0], first);

    let page_path = format!("/api/tasks/{}/comments", world.task);
    let page = app.get(&world.admin, &page_path).await.data(200);
    assert_eq!(texts(&page["items"], "content"), expected[..10]);
    assert_eq!(page["items"][0], first);
    let cursor = page["nextCursor"].as_str().expect("there are more");
    let rest = app
        .get(&world.admin, &format!("{page_path}?cursor={cursor}"))
        .await
        .data(200);
    assert_eq!(texts(&rest["items"], "content"), expected[10..]);
    assert_eq!(rest["nextCursor"], Value::Null);

    let stranger = app.user("Stranger").await;
    for path in [&array_path, &page_path] {
        for user in [&world.workspace_member, &stranger] {
            app.get(user, path)
                .await
                .is_refused(404, "Task not found or unauthorized");
        }
    }
}

#[tokio::test]
async fn a_comment_is_read_by_who_sees_its_task() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/comments/{}", world.comment);
    for user in those_who_see(&world) {
        let read = app.get(user, &path).await.data(200);
        assert_eq!(read, first_comment(&world, &read));
    }
    let stranger = app.user("Stranger").await;
    for user in [&world.workspace_member, &stranger] {
        app.get(user, &path)
            .await
            .is_refused(404, "Comment not found");
    }
    let unknown = app.get(&world.lead, &format!("/api/comments/{}", world.task));
    unknown.await.is_refused(404, "Comment not found");
}

#[tokio::test]
async fn only_the_author_changes_a_comment() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/comments/{}", world.comment);
    let body = json!({"message": " Mind the rain "});
    for user in [&world.owner, &world.admin, &world.lead, &world.assignee] {
        app.patch(user, &path, &body)
            .await
            .is_refused(403, "Unauthorized to change this comment");
    }
    let stranger = app.user("Stranger").await;
    app.patch(&stranger, &path, &body)
        .await
        .is_refused(404, "Comment not found");
    let changed = app
        .patch(&world.project_member, &path, &body)
        .await
        .says(200, "Comment updated successfully");
    assert_eq!(changed["content"], "Mind the rain");
    assert_eq!(changed["user"], short_person(&world.project_member));
    assert!(
        changed["updatedAt"].as_str() > changed["createdAt"].as_str(),
        "{changed}"
    );
    let blank = app
        .patch(&world.project_member, &path, &json!({"message": " "}))
        .await;
    blank.is_refused(400, "message cannot be empty");
}

#[tokio::test]
async fn author_lead_and_admin_delete_a_comment() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let stranger = app.user("Stranger").await;
    for user in [&world.project_member, &world.lead, &world.admin] {
        let comment = app
            .comment(&world.project_member, &world.task, "Delete me")
            .await;
        let path = format!("/api/comments/{comment}");
        let refused = app.delete(&world.assignee, &path).await;
        refused.is_refused(403, "Unauthorized to change this comment");
        app.delete(&stranger, &path)
            .await
            .is_refused(404, "Comment not found");
        app.delete(user, &path)
            .await
            .says(200, "Comment deleted successfully");
        app.delete(user, &path)
            .await
            .is_refused(404, "Comment not found");
    }
}

#[tokio::test]
async fn a_comment_of_somebody_deleted_at_clerk_stays() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let deletion =
        "UPDATE users SET name = NULL, email = NULL, image = '', deleted_at = now() WHERE id = $1";
    app.database()
        .execute(deletion, &[&world.project_member.id])
        .await
        .expect("the deletion is written");
    let all = app
        .get(
            &world.lead,
            &format!("/api/comments/task/{}/comments", world.task),
        )
        .await
        .data(200);
    let expected = json!({"id": world.project_member.id, "name": "Deleted user", "image": ""});
    assert_eq!(all[0]["user"], expected);
}
