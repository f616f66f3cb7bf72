//! Paging while others insert: nothing that was there at the beginning is skipped, and nothing comes twice.

use std::collections::BTreeSet;
use std::fmt;

use cairn_tests::{TestApp, World};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

/// A list that can be paged: where it is, what tells its items apart, and how rows get into it. The statements insert `$3`
/// rows whose places in the list's order are all over it, some of them equal; `$1` and `$2` are ids.
struct List {
    path: fn(&World) -> String,
    id: fn(&Value) -> &Value,
    insert: &'static str,
    ids: fn(&World) -> [String; 2],
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.insert)
    }
}

const INSERT_COMMENTS: &str = "
    INSERT INTO comments (id, task_id, user_id, content, created_at)
    SELECT gen_random_uuid(), $1::text::uuid, $2, 'x', now() - (random() * 5)::int * interval '1 second'
      FROM generate_series(1, $3::bigint)";
const INSERT_TASKS: &str = "
    INSERT INTO tasks (id, project_id, title, assignee_id, due_date, created_at)
    SELECT gen_random_uuid(), $1::text::uuid, 'x', $2, now() - (random() * 5)::int * interval '1 day',
           now() - (random() * 5)::int * interval '1 second'
      FROM generate_series(1, $3::bigint)";
const INSERT_PROJECTS: &str = "
    INSERT INTO projects (id, workspace_id, name, team_lead, created_at)
    SELECT gen_random_uuid(), $1, 'x', $2, now() - (random() * 5)::int * interval '1 second'
      FROM generate_series(1, $3::bigint)";
const INSERT_WORKSPACE_MEMBERS: &str = "
    WITH people AS (
        INSERT INTO users (id, name)
        SELECT $2 || gen_random_uuid(), 'Person ' || (random() * 5)::int FROM generate_series(1, $3::bigint)
        RETURNING id
    )
    INSERT INTO workspace_members (id, workspace_id, user_id, role, created_at)
    SELECT gen_random_uuid(), $1, id, 'MEMBER', now() - (random() * 5)::int * interval '1 second' FROM people";
const INSERT_PROJECT_MEMBERS: &str = "
    WITH people AS (
        INSERT INTO users (id, name)
        SELECT gen_random_uuid(), 'Person ' || (random() * 5)::int FROM generate_series(1, $3::bigint)
        RETURNING id
    ), members AS (
        INSERT INTO workspace_members (id, workspace_id, user_id, role)
        SELECT gen_random_uuid(), $2, id, 'MEMBER' FROM people
    )
    INSERT INTO project_members (id, project_id, user_id, created_at)
    SELECT gen_random_uuid(), $1::text::uuid, id, now() - (random() * 5)::int * interval '1 second' FROM people";
const INSERT_WORKSPACES: &str = "
    WITH added AS (
        INSERT INTO workspaces (id, name, slug, owner_id)
        SELECT $2 || gen_random_uuid(), (ARRAY['a', 'A', 'b', 'Ä', 'aa', '1'])[1 + (random() * 5)::int], 'x', $1
          FROM generate_series(1, $3::bigint)
        RETURNING id
    )
    INSERT INTO workspace_members (id, workspace_id, user_id, role) SELECT gen_random_uuid(), id, $1, 'ADMIN' FROM added";

const LISTS: [List; 9] = [
    List {
        path: |_| "/api/workspace".to_owned(),
        id: |item| &item["id"],
        insert: INSERT_WORKSPACES,
        ids: |world| [world.lead.id.clone(), "org_".to_owned()],
    },
    List {
        path: |world| format!("/api/workspace/{}/members", world.workspace),
        id: |item| &item["id"],
        insert: INSERT_WORKSPACE_MEMBERS,
        ids: |world| [world.workspace.clone(), "user_".to_owned()],
    },
    List {
        path: |world| format!("/api/projects/workspace/{}", world.workspace),
        id: |item| &item["id"],
        insert: INSERT_PROJECTS,
        ids: |world| [world.workspace.clone(), world.lead.id.clone()],
    },
    List {
        path: |world| format!("/api/projects/workspace/{}/projects", world.workspace),
        id: |item| &item["id"],
        insert: INSERT_PROJECTS,
        ids: |world| [world.workspace.clone(), world.lead.id.clone()],
    },
    List {
        path: |world| format!("/api/projects/{}/members", world.project),
        id: |item| &item["id"],
        insert: INSERT_PROJECT_MEMBERS,
        ids: |world| [world.project.clone(), world.workspace.clone()],
    },
    List {
        path: |world| format!("/api/tasks/project/{}/tasks", world.project),
        id: |item| &item["id"],
        insert: INSERT_TASKS,
        ids: |world| [world.project.clone(), world.lead.id.clone()],
    },
    List {
        path: |_| "/api/tasks/mine".to_owned(),
        id: |item| &item["id"],
        insert: INSERT_TASKS,
        ids: |world| [world.project.clone(), world.lead.id.clone()],
    },
    List {
        path: |world| format!("/api/comments/task/{}/comments", world.task),
        id: |item| &item["id"],
        insert: INSERT_COMMENTS,
        ids: |world| [world.task.clone(), world.lead.id.clone()],
    },
    List {
        path: |world| format!("/api/tasks/{}/comments", world.task),
        id: |item| &item["id"],
        insert: INSERT_COMMENTS,
        ids: |world| [world.task.clone(), world.lead.id.clone()],
    },
];

/// How many rows there are at first, the size of the pages, and how many rows are inserted during each of the first pages.
fn courses() -> impl Strategy<Value = (i64, usize, Vec<i64>)> {
    (0..25_i64, 1..9_usize, prop::collection::vec(0..6_i64, 0..6))
}

impl List {
    async fn insert(&self, app: &TestApp, world: &World, rows: i64) {
        let [first, second] = (self.ids)(world);
        app.database()
            .execute(self.insert, &[&first, &second, &rows])
            .await
            .expect("the rows are written");
    }

    /// The ids of a page, and the cursor of the next one.
    async fn page(
        &self,
        app: &TestApp,
        world: &World,
        query: &str,
    ) -> (Vec<String>, Option<String>) {
        let page = app
            .get(&world.lead, &format!("{}?{query}", (self.path)(world)))
            .await
            .data(200);
        let items = page["items"]
            .as_array()
            .unwrap_or_else(|| panic!("no page: {page}"));
        let ids = items
            .iter()
            .map(|item| (self.id)(item).to_string())
            .collect();
        (ids, page["nextCursor"].as_str().map(str::to_owned))
    }

    /// All ids, page by page, while `inserts` happen.
    async fn paged(
        &self,
        app: &TestApp,
        world: &World,
        limit: usize,
        inserts: &[i64],
    ) -> Vec<String> {
        let mut seen = Vec::new();
        let mut query = format!("limit={limit}");
        let mut inserts = inserts.iter();
        loop {
            let insert = async {
                if let Some(rows) = inserts.next() {
                    self.insert(app, world, *rows).await;
                }
            };
            let ((ids, cursor), ()) = tokio::join!(self.page(app, world, &query), insert);
            assert!(
                ids.len() <= limit,
                "a page of {} where {limit} were asked for",
                ids.len()
            );
            seen.extend(ids);
            match cursor {
                Some(cursor) => query = format!("limit={limit}&cursor={cursor}"),
                None => return seen,
            }
        }
    }
}

async fn nothing_is_skipped_or_repeated(
    list: &List,
    (rows, limit, inserts): (i64, usize, Vec<i64>),
) {
    let app = TestApp::shared().await;
    let world = World::create(app.database()).await;
    list.insert(&app, &world, rows).await;
    let at_first: BTreeSet<String> = list
        .paged(&app, &world, 100, &[])
        .await
        .into_iter()
        .collect();
    let seen = list.paged(&app, &world, limit, &inserts).await;
    let distinct: BTreeSet<String> = seen.iter().cloned().collect();
    assert_eq!(
        seen.len(),
        distinct.len(),
        "something came twice in {}",
        (list.path)(&world)
    );
    let skipped: Vec<&String> = at_first.difference(&distinct).collect();
    assert!(
        skipped.is_empty(),
        "skipped in {}: {skipped:?}",
        (list.path)(&world)
    );
    assert!(
        at_first.len() >= usize::try_from(rows).expect("not negative"),
        "the list shows what was inserted"
    );
}

#[test]
fn paging_skips_and_repeats_nothing_while_others_insert() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let mut runner = TestRunner::new(Config {
        cases: 6,
        max_shrink_iters: 20,
        failure_persistence: None,
        ..Config::default()
    });
    for list in &LISTS {
        let property = |course| {
            runtime.block_on(nothing_is_skipped_or_repeated(list, course));
            Ok(())
        };
        runner
            .run(&courses(), property)
            .unwrap_or_else(|failure| panic!("{failure}"));
    }
}

#[tokio::test]
async fn the_last_page_says_so_also_when_it_is_full() {
    let app = TestApp::shared().await;
    for list in &LISTS {
        let world = World::create(app.database()).await;
        list.insert(&app, &world, 3).await;
        let (all, none) = list.page(&app, &world, "limit=100").await;
        assert_eq!(none, None);
        let (exactly, none) = list
            .page(&app, &world, &format!("limit={}", all.len()))
            .await;
        assert_eq!((exactly, none), (all.clone(), None), "{list:?}");
        let (fewer, more) = list
            .page(&app, &world, &format!("limit={}", all.len() - 1))
            .await;
        assert_eq!(fewer, all[..all.len() - 1], "{list:?}");
        assert!(more.is_some(), "{list:?}");
    }
}
