//! `/api/workspace`: the workspaces themselves.

use cairn_tests::{TestApp, User, World};
use serde_json::{Value, json};

use crate::shapes::texts;

fn as_owner(user: &User) -> Value {
    json!({"id": user.id, "name": user.name, "email": user.email, "imageUrl": user.image})
}

#[tokio::test]
async fn making_a_workspace_makes_the_caller_its_owner_and_admin() {
    let app = TestApp::shared().await;
    let ada = app.user("Ada").await;
    let body = json!({
        "name": "  Analytical Engines  ",
        "slug": "engines-1",
        "description": "Machines",
        "image_url": "https://img.example.com/logo",
        "unknown": "ignored",
    });
    let made = app
        .post(&ada, "/api/workspace", &body)
        .await
        .says(201, "Workspace created successfully");
    assert!(
        uuid::Uuid::parse_str(made["id"].as_str().unwrap_or_default()).is_ok(),
        "{made}"
    );
    let expected = json!({
        "id": made["id"],
        "name": "Analytical Engines",
        "slug": "engines-1",
        "image_url": "https://img.example.com/logo",
        "role": "ADMIN",
        "owner": as_owner(&ada),
    });
    assert_eq!(made, expected);
    assert_eq!(
        app.get(&ada, "/api/workspace").await.data(200),
        json!([expected])
    );
}

#[tokio::test]
async fn a_slug_is_made_where_none_is_given() {
    let app = TestApp::shared().await;
    let ada = app.user("Ada").await;
    for name in ["Crème Brûlée & Söhne", "日本語", "!!!", "🚀"] {
        let made = app
            .post(&ada, "/api/workspace", &json!({"name": name}))
            .await
            .data(201);
        let slug = made["slug"].as_str().expect("a slug");
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(
            (1..=64).contains(&slug.len()) && slug.chars().all(allowed),
            "{slug} for {name}"
        );
        assert_eq!(made["image_url"], "");
        assert_eq!(made["name"], name);
    }
}

#[tokio::test]
async fn somebody_not_synced_yet_can_make_a_workspace() {
    let app = TestApp::shared().await;
    let stranger = User::unsynced("Not Yet");
    assert_eq!(
        app.get(&stranger, "/api/workspace").await.data(200),
        json!([])
    );
    let made = app
        .post(&stranger, "/api/workspace", &json!({"name": "Early"}))
        .await
        .data(201);
    assert_eq!(
        made["owner"],
        json!({"id": stranger.id, "name": "User", "email": "", "imageUrl": ""})
    );
    let listed = app.get(&stranger, "/api/workspace").await.data(200);
    assert_eq!(texts(&listed, "name"), ["Early"]);
}

#[tokio::test]
async fn everybody_sees_their_own_workspaces_by_name() {
    let app = TestApp::shared().await;
    let (ada, bob) = (app.user("Ada").await, app.user("Bob").await);
    for name in ["Zebra", "Apple", "mango"] {
        app.post(&ada, "/api/workspace", &json!({"name": name}))
            .await
            .data(201);
    }
    let of_bob = app.workspace(&bob).await;
    app.add_to_workspace(&bob, &of_bob, &ada, "MEMBER").await;
    let listed = app.get(&ada, "/api/workspace").await.data(200);
    let mut names = texts(&listed, "name");
    assert_eq!(names.len(), 4);
    names.sort_by_key(|name| name.to_lowercase());
    assert_eq!(texts(&listed, "name"), names);
    let guest = listed
        .as_array()
        .and_then(|all| all.iter().find(|one| one["id"] == of_bob.as_str()));
    let guest = guest.expect("the workspace that Ada was added to");
    assert_eq!(
        (&guest["role"], &guest["owner"]),
        (&json!("MEMBER"), &as_owner(&bob))
    );
}

#[tokio::test]
async fn a_member_reads_a_workspace_with_its_settings() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/workspace/{}", world.workspace);
    let expected = json!({
        "id": world.workspace,
        "name": "Acme",
        "slug": "acme",
        "image_url": "",
        "role": "MEMBER",
        "owner": as_owner(&world.owner),
        "description": null,
        "settings": {"timezone": "UTC", "reminder_time": "00:00", "admins_manage_projects": false},
    });
    assert_eq!(app.get(&world.lead, &path).await.data(200), expected);
    let stranger = app.user("Stranger").await;
    app.get(&stranger, &path)
        .await
        .is_refused(404, "Workspace not found");
}

#[tokio::test]
async fn an_admin_changes_any_part_of_a_workspace() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/workspace/{}", world.workspace);
    let change = |body: Value| app.patch(&world.admin, &path, &body);

    let changed = change(
        json!({"name": "New", "slug": "new", "description": "Text", "image_url": "https://i"}),
    )
    .await;
    let changed = changed.says(200, "Workspace updated successfully");
    let expected = json!({
        "id": world.workspace, "name": "New", "slug": "new", "image_url": "https://i", "role": "ADMIN",
        "owner": as_owner(&world.owner),
    });
    for (field, value) in expected.as_object().expect("an object") {
        assert_eq!(&changed[field], value, "{field}");
    }
    let settings = json!({"timezone": "Europe/Prague", "reminder_time": "08:30", "admins_manage_projects": true});
    change(json!({"settings": settings})).await.data(200);
    // What is left out stays, also inside of settings; null clears the description.
    change(json!({"settings": {"reminder_time": "09:00"}, "description": null}))
        .await
        .data(200);
    let read = app.get(&world.admin, &path).await.data(200);
    assert_eq!(read["name"], "New");
    assert_eq!(read["description"], Value::Null);
    assert_eq!(
        read["settings"],
        json!({"timezone": "Europe/Prague", "reminder_time": "09:00", "admins_manage_projects": true})
    );
    change(json!({})).await.data(200);
    assert_eq!(app.get(&world.admin, &path).await.data(200), read);
}

#[tokio::test]
async fn only_an_admin_changes_a_workspace() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/workspace/{}", world.workspace);
    let body = json!({"name": "Mine"});
    let refused = app.patch(&world.lead, &path, &body).await;
    refused.is_refused(403, "Only workspace admins can perform this action");
    let stranger = app.user("Stranger").await;
    app.patch(&stranger, &path, &body)
        .await
        .is_refused(404, "Workspace not found");
}

#[tokio::test]
async fn only_the_owner_deletes_a_workspace_and_all_that_is_in_it() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/workspace/{}", world.workspace);
    let refused = app.delete(&world.admin, &path).await;
    refused.is_refused(403, "Only the workspace owner can perform this action");
    let stranger = app.user("Stranger").await;
    app.delete(&stranger, &path)
        .await
        .is_refused(404, "Workspace not found");
    app.delete(&world.owner, &path)
        .await
        .says(200, "Workspace deleted successfully");
    app.delete(&world.owner, &path)
        .await
        .is_refused(404, "Workspace not found");
    let task = app
        .get(&world.assignee, &format!("/api/tasks/{}", world.task))
        .await;
    task.is_refused(404, "Task not found or unauthorized");
    for (table, id) in [
        ("projects", &world.project),
        ("tasks", &world.task),
        ("comments", &world.comment),
    ] {
        let left = app
            .database()
            .query(&format!("SELECT FROM {table} WHERE id::text = $1"), &[id])
            .await;
        assert!(
            left.expect("the table can be read").is_empty(),
            "something is left in {table}"
        );
    }
}

#[tokio::test]
async fn an_owner_who_left_is_followed_by_the_longest_standing_admin() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let path = format!("/api/workspace/{}", world.workspace);
    app.delete(&world.owner, &format!("{path}/members/{}", world.owner.id))
        .await
        .data(200);
    let read = app.get(&world.admin, &path).await.data(200);
    assert_eq!(read["owner"], as_owner(&world.admin));
    app.delete(&world.admin, &path)
        .await
        .says(200, "Workspace deleted successfully");
}
