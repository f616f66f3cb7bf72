//! What a request reads of the database depends on what it answers and not on what else is there. Told by the server's own
//! counters, of the very statements that the functions send, with plans for the values of each request and with the one that
//! the server keeps for all values: it goes over to that after some requests.
//!
//! A list that reads its table from the start instead of an index, or an index from its start instead of the page's, shows
//! as blocks: the large project has 40,000 tasks.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use cairn_tests::{TestApp, User};
use serde_json::{Value, json};

const LARGE: &str = "0b000000-0000-7000-8000-000000000000";
const SMALL: &str = "0b000000-0000-7000-8000-000000000001";
const TASK: &str = "0d000001-0000-7000-8000-000000020000";
/// So many of each request are made: the first prepares its statement, the others use it.
const REQUESTS: i64 = 4;

/// A request, and how many blocks it may read in all tables and indexes: about twice what it needs.
struct Case {
    person: &'static str,
    method: &'static str,
    path: String,
    body: Option<Value>,
    blocks: i64,
    /// Of which index, where several would do and only one is good.
    index: Option<&'static str>,
}

fn get(person: &'static str, path: impl Into<String>, blocks: i64) -> Case {
    Case {
        person,
        method: "GET",
        path: path.into(),
        body: None,
        blocks,
        index: None,
    }
}

impl Case {
    fn by(mut self, index: &'static str) -> Self {
        self.index = Some(index);
        self
    }
}

/// Lists of 50 out of many, and single things.
fn reads(middle: &str, middle_of_mine: &str) -> Vec<Case> {
    let large = format!("/api/tasks/project/{LARGE}/tasks?limit=50");
    let small = format!("/api/tasks/project/{SMALL}/tasks?limit=50");
    let mine = "/api/tasks/mine?limit=50";
    vec![
        get("user_lead", &small, 200),
        get("user_lead", &large, 800).by("tasks_list"),
        get("user_lead", format!("{large}&cursor={middle}"), 800).by("tasks_list"),
        get("user_lead", format!("{large}&status=DONE"), 800).by("tasks_by_status"),
        get(
            "user_lead",
            format!("{large}&status=TODO&cursor={middle}"),
            800,
        )
        .by("tasks_by_status"),
        get("user_busy", mine, 1000).by("tasks_of_assignee"),
        get("user_busy", format!("{mine}&cursor={middle_of_mine}"), 1000).by("tasks_of_assignee"),
        get("user_busy", format!("{mine}&status=DONE"), 1000).by("tasks_of_assignee_by_status"),
        get(
            "user_busy",
            format!("{mine}&status=TODO&cursor={middle_of_mine}"),
            1000,
        )
        .by("tasks_of_assignee_by_status"),
        get(
            "user_busy",
            format!("{mine}&dueAfter=2027-11-01&dueBefore=2027-11-02"),
            1000,
        )
        .by("tasks_of_assignee"),
        get("user_busy", format!("{mine}&dueBefore=2026-12-31"), 100).by("tasks_of_assignee"),
        get("user_lead", format!("/api/tasks/{TASK}"), 60),
        get("user_lead", format!("/api/tasks/{TASK}/comments"), 80),
        get("user_lead", format!("/api/projects/{SMALL}"), 200),
        get("user_10", "/api/projects/workspace/org_1", 700),
        get("user_10", "/api/projects/workspace/org_1?limit=2", 400),
        get("user_lead", format!("/api/projects/{LARGE}/members"), 100),
        get("user_10", "/api/workspace", 100),
        get("user_10", "/api/workspace/org_1", 60),
        get("user_10", "/api/workspace/org_1/members", 120),
    ]
}

/// What changes something: foreign keys are followed by index, too. Each round has things of its own.
fn writes(round: usize) -> Vec<Case> {
    let case = |person, method, path: String, body: Option<Value>| Case {
        person,
        method,
        path,
        body,
        blocks: 2000,
        index: None,
    };
    let task = json!({"title": "One more", "assigneeId": "user_lead", "due_date": "2027-05-05"});
    let colleague = ["user_8@example.com", "user_9@example.com"][round];
    let owner = ["user_200", "user_210"][round];
    vec![
        case(
            "user_lead",
            "POST",
            format!("/api/tasks/project/{SMALL}/tasks"),
            Some(task),
        ),
        case(
            "user_lead",
            "PATCH",
            format!("/api/tasks/{TASK}"),
            Some(json!({"status": "IN_PROGRESS"})),
        ),
        case(
            "user_lead",
            "POST",
            format!("/api/tasks/{TASK}/comments"),
            Some(json!({"message": "Hello"})),
        ),
        case(
            "user_lead",
            "POST",
            format!("/api/projects/{SMALL}/add-member"),
            Some(json!({"email": colleague})),
        ),
        case(
            "user_lead",
            "DELETE",
            format!(
                "/api/projects/0b000000-0000-7000-8000-00000000000{}",
                2 + round
            ),
            None,
        ),
        case(
            owner,
            "DELETE",
            format!("/api/workspace/org_{}", 20 + round),
            None,
        ),
    ]
}

/// What was read.
struct Read {
    rows_in_sequence: BTreeMap<String, i64>,
    blocks: i64,
    indexes: HashSet<String>,
}

/// Functions over a large database that count what they read.
struct Measured {
    app: TestApp,
}

impl Measured {
    async fn start() -> Self {
        let app = TestApp::builder()
            .environments(1)
            .only(&["workspaces", "projects", "tasks", "comments"])
            .start()
            .await;
        let database = app.database();
        let fill = include_str!("plans/data.sql");
        database.batch_execute(fill).await.expect("the data");
        // Nothing but the requests is to be counted.
        database
            .batch_execute(include_str!("plans/settle.sql"))
            .await
            .expect("the tables are settled");
        database
            .batch_execute("VACUUM ANALYZE")
            .await
            .expect("the statistics");
        Self { app }
    }

    async fn ask(&self, case: &Case) {
        let user = user(case.person);
        let mut request = self.app.request(&user, case.method, &case.path);
        if let Some(body) = &case.body {
            request = request.json(body);
        }
        let answer = request.await;
        assert!(
            answer.status.is_success(),
            "{} {}: {answer}",
            case.method,
            case.path
        );
    }

    /// The `nextCursor` of a page.
    async fn cursor(&self, person: &str, path: &str) -> String {
        let page = self.app.get(&user(person), path).await.data(200);
        let cursor = page["nextCursor"].as_str();
        cursor.expect("there is a next page").to_owned()
    }

    /// From now on the server plans like that, for new connections.
    async fn plan(&self, mode: &str) {
        let name: String = self.one("SELECT current_database()::text").await;
        let set = format!("ALTER DATABASE {name} SET plan_cache_mode = '{mode}'");
        self.app.database().batch_execute(&set).await.expect("set");
    }

    async fn one<T: for<'a> tokio_postgres::types::FromSql<'a>>(&self, sql: &str) -> T {
        let row = self.app.database().query_one(sql, &[]).await;
        row.expect("an answer").get(0)
    }

    /// What `work` makes the functions read. A connection tells its counters at its end at the latest: so they are read once
    /// the functions' connections are gone.
    async fn read_by(&self, work: impl AsyncFnOnce()) -> Read {
        self.end_connections().await;
        // What this connection itself has read and not told yet is not to be told in between.
        for statement in [
            "SELECT pg_stat_force_next_flush()",
            "SELECT pg_stat_reset()",
        ] {
            let done = self.app.database().batch_execute(statement).await;
            done.expect("the counters are reset");
        }
        work().await;
        self.end_connections().await;
        let tables = self
            .app
            .database()
            .query(include_str!("plans/tables.sql"), &[])
            .await
            .expect("the counters");
        let indexes = self
            .app
            .database()
            .query(
                "SELECT indexrelname::text FROM pg_stat_user_indexes WHERE idx_scan > 0",
                &[],
            )
            .await
            .expect("the counters");
        Read {
            rows_in_sequence: tables
                .iter()
                .map(|row| (row.get("name"), row.get("rows_in_sequence")))
                .collect(),
            blocks: tables.iter().map(|row| row.get::<_, i64>("blocks")).sum(),
            indexes: indexes.iter().map(|row| row.get(0)).collect(),
        }
    }

    async fn end_connections(&self) {
        const OTHERS: &str = "SELECT array_agg(pid) FROM pg_stat_activity
                               WHERE datname = current_database() AND pid <> pg_backend_pid()
                                 AND backend_type = 'client backend'";
        let ending: Option<Vec<i32>> = self.one(OTHERS).await;
        let ending = ending.unwrap_or_default();
        self.app.replace_environments();
        loop {
            let present: Option<Vec<i32>> = self.one(OTHERS).await;
            if !present
                .unwrap_or_default()
                .iter()
                .any(|pid| ending.contains(pid))
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn user(id: &str) -> User {
    User {
        id: id.to_owned(),
        ..User::unsynced("Some Body")
    }
}

/// What is wrong with what one of the requests of `case` read.
fn faults(name: &str, read: &Read, blocks: i64, index: Option<&str>) -> Vec<String> {
    let mut faults = Vec::new();
    let each = read.blocks / REQUESTS;
    if each > blocks {
        faults.push(format!("{name} read {each} blocks, more than {blocks}"));
    }
    // A table of a few rows is read whole, and rightly so.
    for (table, rows) in read
        .rows_in_sequence
        .iter()
        .filter(|(_, rows)| **rows > 100)
    {
        faults.push(format!(
            "{name} read {rows} rows of {table} without an index"
        ));
    }
    if let Some(index) = index.filter(|index| !read.indexes.contains(*index)) {
        faults.push(format!("{name} used {:?}, but not {index}", read.indexes));
    }
    faults
}

#[tokio::test]
async fn what_a_request_reads_does_not_grow_with_what_else_is_there() {
    let measured = Measured::start().await;
    // A filter does not change a list's cursors: so one that few tasks pass leads far into the list in one page.
    let far = format!("/api/tasks/project/{LARGE}/tasks?assigneeId=user_1&limit=20");
    let middle = measured.cursor("user_lead", &far).await;
    let far = "/api/tasks/mine?dueAfter=2027-07-01&limit=1";
    let middle_of_mine = measured.cursor("user_busy", far).await;
    let mut found = Vec::new();
    for (round, plans) in ["force_custom_plan", "force_generic_plan"]
        .into_iter()
        .enumerate()
    {
        measured.plan(plans).await;
        for case in reads(&middle, &middle_of_mine) {
            let read = measured
                .read_by(async || {
                    for _ in 0..REQUESTS {
                        measured.ask(&case).await;
                    }
                })
                .await;
            let name = format!("{plans}: {} {}", case.method, case.path);
            println!("{name}: {} blocks", read.blocks / REQUESTS);
            found.extend(faults(&name, &read, case.blocks, case.index));
        }
        for case in writes(round) {
            let read = measured.read_by(async || measured.ask(&case).await).await;
            let name = format!("{plans}: {} {}", case.method, case.path);
            println!("{name}: {} blocks", read.blocks);
            found.extend(faults(&name, &read, case.blocks, case.index));
        }
    }
    assert!(
        found.is_empty(),
        "if you are here because a statement changed: docs/statements.md tells how to look at its plan\n{}",
        found.join("\n")
    );
}
