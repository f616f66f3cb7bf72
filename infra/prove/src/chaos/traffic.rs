//! Clients that read and write all the time, and remember what they were told.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};

use cairn_tests::{Request, TestApp, World};
use serde_json::json;
use uuid::Uuid;

use super::site::newcomer;

/// What names of things that are written begin with; a UUID follows.
pub const MARK: &str = "chaos-";
/// So long is a comment, and cannot be compressed: it takes room of its own on a disk.
pub const COMMENT_LENGTH: usize = 8_000;
const PAUSE: Duration = Duration::from_millis(15);

/// When something is with regard to a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Before,
    During,
    After,
}

/// The present phase.
#[derive(Debug, Default)]
pub struct Phases(AtomicU8);

impl Phases {
    pub fn begin(&self) {
        self.0.store(1, Ordering::SeqCst);
    }

    pub fn end(&self) {
        self.0.store(2, Ordering::SeqCst);
    }

    fn now(&self) -> Phase {
        match self.0.load(Ordering::SeqCst) {
            0 => Phase::Before,
            1 => Phase::During,
            _ => Phase::After,
        }
    }
}

/// What became of a request.
#[derive(Debug)]
pub struct Answered {
    pub writes: bool,
    pub begun: Phase,
    pub ended: Phase,
    pub took: Duration,
    status: u16,
    /// It is a 503 of the function's own that says when to come back, and nothing else.
    proper_503: bool,
}

impl Answered {
    pub fn succeeded(&self) -> bool {
        matches!(self.status, 200 | 201)
    }

    pub fn unavailable(&self) -> bool {
        self.proper_503
    }
}

/// Something that was to be written.
#[derive(Debug)]
pub struct Asked {
    pub what: What,
    pub mark: String,
    /// The answer was that it was.
    pub answered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Workspace,
    Project,
    Task,
    Comment,
}

const WHAT: [What; 4] = [What::Workspace, What::Project, What::Task, What::Comment];

/// A read of each function that uses the database.
pub fn reads(world: &World) -> [String; 5] {
    [
        "/api/health".to_owned(),
        "/api/workspace".to_owned(),
        format!("/api/projects/{}", world.project),
        format!("/api/tasks/{}", world.task),
        format!("/api/tasks/{}/comments", world.task),
    ]
}

/// What one client does until it is told to stop: reads and writes in turn.
pub async fn traffic(
    client: usize,
    app: &TestApp,
    world: &World,
    task: &str,
    phases: &Phases,
    done: &AtomicBool,
) -> (Vec<Answered>, Vec<Asked>) {
    let (mut answers, mut asked) = (Vec::new(), Vec::new());
    let reads = reads(world);
    let mut turn = client;
    while !done.load(Ordering::Relaxed) {
        turn += 1;
        if turn.is_multiple_of(2) {
            let request = app.get(&world.lead, &reads[turn / 2 % reads.len()]);
            answers.push(send(false, request, phases).await);
        } else {
            let what = WHAT[turn / 2 % WHAT.len()];
            let mark = format!("{MARK}{}", Uuid::now_v7().simple());
            let request = write(app, world, task, what, &mark);
            let answer = send(true, request, phases).await;
            asked.push(Asked {
                what,
                mark,
                answered: answer.succeeded(),
            });
            answers.push(answer);
        }
        tokio::time::sleep(PAUSE).await;
    }
    (answers, asked)
}

fn write(app: &TestApp, world: &World, task: &str, what: What, mark: &str) -> Request {
    match what {
        What::Workspace => app.post(&newcomer(), "/api/workspace", &json!({"name": mark})),
        What::Project => {
            let body = json!({
                "workspaceId": world.workspace,
                "name": mark,
                "team_lead": world.lead.email,
                "team_members": [world.assignee.email, world.project_member.email],
            });
            app.post(&world.owner, "/api/projects", &body)
        }
        What::Task => {
            let path = format!("/api/tasks/project/{}/tasks", world.project);
            let body =
                json!({"title": mark, "assigneeId": world.assignee.id, "due_date": "2040-05-04"});
            app.post(&world.lead, &path, &body)
        }
        What::Comment => {
            let path = format!("/api/tasks/{task}/comments");
            app.post(&world.lead, &path, &json!({"message": comment(mark)}))
        }
    }
}

/// A long text that begins with its mark.
fn comment(mark: &str) -> String {
    let rest = std::iter::repeat_with(fastrand::alphanumeric).take(COMMENT_LENGTH - mark.len());
    mark.chars().chain(rest).collect()
}

async fn send(writes: bool, request: Request, phases: &Phases) -> Answered {
    let (begun, start) = (phases.now(), Instant::now());
    let answer = request.await;
    let (ended, took) = (phases.now(), start.elapsed());
    let status = answer.status.as_u16();
    let retry_after = answer.header("retry-after").parse::<u32>();
    let proper_503 = status == 503 && retry_after.is_ok_and(|seconds| seconds > 0) && {
        let body = answer.json();
        body["success"] == false && body["message"] == "Service unavailable"
    };
    Answered {
        writes,
        begun,
        ended,
        took,
        status,
        proper_503,
    }
}
