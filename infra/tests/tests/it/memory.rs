//! What an execution environment keeps in memory: it may live for hours, and answer a million requests.

use cairn_tests::{TestApp, World};

/// After so many answers buffers have found their size.
const WARM: usize = 500;
const REQUESTS: usize = 3_000;
/// Lambda's runtime keeps each trace id it was given, about 140 bytes: it sets a variable of the environment, and the C library
/// never gives the old value back.
const TRACE_ID: u64 = 200;
/// What else may come and go, in bytes.
const ROOM: u64 = 512 * 1024;

#[tokio::test]
async fn an_environment_does_not_grow_with_what_it_answers() {
    let app = TestApp::builder()
        .only(&["tasks"])
        .environments(1)
        .start()
        .await;
    let world = World::create(app.database()).await;
    let fill = format!(
        "WITH made AS (
             INSERT INTO tasks (id, project_id, title, description, assignee_id, due_date)
             SELECT gen_random_uuid(), '{project}', 'Task ' || n, repeat('What is to be done. ', 10), '{assignee}', now()
               FROM generate_series(1, 49) n
             RETURNING id
         )
         INSERT INTO comments (id, task_id, user_id, content)
         SELECT gen_random_uuid(), made.id, '{assignee}', repeat('What was said of it. ', 10)
           FROM made, generate_series(1, 3)",
        project = world.project,
        assignee = world.assignee.id,
    );
    app.database().batch_execute(&fill).await.expect("a list");
    let list = format!("/api/tasks/project/{}/tasks", world.project);
    // Clients that take compressed answers, and others.
    let ask = async |times: usize| {
        for _ in 0..times / 2 {
            app.get(&world.lead, &list).await.data(200);
            let compressed = app
                .get(&world.lead, &list)
                .header("accept-encoding", "gzip")
                .await;
            assert_eq!(compressed.status, 200);
        }
    };
    ask(WARM).await;
    let before = memory(&app);
    ask(REQUESTS).await;
    let grown = memory(&app).saturating_sub(before);
    let requests = u64::try_from(REQUESTS).expect("a number");
    assert!(
        grown <= ROOM + requests * TRACE_ID,
        "{before} bytes grew by {grown} in {requests} requests"
    );
}

/// The memory that the environment's process occupies, in bytes.
fn memory(app: &TestApp) -> u64 {
    let processes = app.process_ids();
    let [id] = processes[..] else {
        panic!("one process is expected: {processes:?}");
    };
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kibibytes.expect("the kernel tells") * 1024
}
