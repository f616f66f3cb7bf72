//! `limit` and `cursor`, of every list.

use cairn_tests::{TestApp, World};

#[tokio::test]
async fn limits_and_cursors_that_are_none_of_ours_are_refused() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    let World {
        workspace,
        project,
        task,
        ..
    } = &world;
    for path in [
        "/api/workspace".to_owned(),
        format!("/api/workspace/{workspace}/members"),
        format!("/api/projects/workspace/{workspace}"),
        format!("/api/projects/workspace/{workspace}/projects"),
        format!("/api/projects/{project}/members"),
        format!("/api/tasks/project/{project}/tasks"),
        "/api/tasks/mine".to_owned(),
        format!("/api/comments/task/{task}/comments"),
        format!("/api/tasks/{task}/comments"),
    ] {
        let get = |query: &str| app.get(&world.lead, &format!("{path}?{query}"));
        for limit in [
            "0",
            "-1",
            "101",
            "abc",
            "1.5",
            "",
            "99999999999999999999",
            "%00",
        ] {
            get(&format!("limit={limit}")).await.blames("limit");
        }
        for limit in ["1", "100"] {
            let page = get(&format!("limit={limit}")).await.data(200);
            assert!(
                page["items"].is_array() && page.get("nextCursor").is_some(),
                "{path}: {page}"
            );
        }
        for cursor in [
            "abc",
            "",
            "%00",
            "e30",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "bnVsbA==",
            "%F0%9F%9A%80",
        ] {
            get(&format!("limit=5&cursor={cursor}"))
                .await
                .blames("cursor");
        }
        get("limit=5&limit=6").await.blames("limit");
        get("unknown=parameter&limit=5").await.data(200);
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    for number in 0..2 {
        app.comment(&world.lead, &world.task, &number.to_string())
            .await;
    }
    let comments = app
        .get(
            &world.lead,
            &format!("/api/tasks/{}/comments?limit=1", world.task),
        )
        .await
        .data(200);
    let cursor = comments["nextCursor"].as_str().expect("there are more");
    let (lead, assignee) = (&world.lead, &world.assignee);
    let other = app.task(lead, &world.project, assignee, "Other").await;
    for path in [
        format!("/api/tasks/{other}/comments"),
        "/api/workspace".to_owned(),
        "/api/tasks/mine".to_owned(),
        format!("/api/workspace/{}/members", world.workspace),
    ] {
        app.get(&world.lead, &format!("{path}?limit=5&cursor={cursor}"))
            .await
            .blames("cursor");
    }
}
