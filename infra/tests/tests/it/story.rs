//! From Clerk's events to the mails, over HTTP and through the deployed stack: the production template on a local AWS.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cairn_dev::clerk_events::{self, Organization};
use cairn_tests::{Answer, Mail, Stack, User};
use serde_json::{Value, json};
use tokio::sync::RwLock;
use uuid::Uuid;

mod log;
mod sqs_refuses;
mod stages;

/// How long anything may take that is not waited for on purpose. Two cores run all tests at once, and the relay comes once a
/// minute.
const PATIENCE: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(200);

/// Until the reminder: long enough for all that has to happen before it.
const SOON: Duration = Duration::from_secs(25);
/// How long it is waited for a mail that must not come.
const SETTLED: Duration = Duration::from_secs(5);

/// Taken for writing by who stops a queue that all stories use.
static QUEUES: RwLock<()> = RwLock::const_new(());

/// A workspace that came about at Clerk, with a project: Ada leads, Bob and Cleo are in it.
struct Team<'s> {
    stack: &'s Stack,
    ada: User,
    bob: User,
    cleo: User,
    workspace: String,
    project: String,
}

/// What Clerk tells of a new team, in the order in which it happened.
struct Founding {
    people: [User; 3],
    workspace: String,
    project: String,
    events: Vec<Value>,
}

impl Founding {
    fn new() -> Self {
        let people = ["Ada Lovelace", "Bob Noyce", "Cleo Ra"].map(User::unsynced);
        Self::of(people, "Analytical Engines", "Difference Engine")
    }

    fn of(people: [User; 3], workspace_name: &str, project: &str) -> Self {
        let workspace = format!("org_{}", Uuid::now_v7().simple());
        let organization = Organization {
            id: &workspace,
            name: workspace_name,
            slug: "analytical-engines",
            created_by: &people[0].id,
        };
        let persons = people.each_ref().map(User::at_clerk);
        let now = now_ms();
        let mut events: Vec<Value> = persons
            .iter()
            .map(|person| clerk_events::user("user.created", now, person))
            .collect();
        events.push(clerk_events::organization(
            "organization.created",
            now + 1,
            &organization,
        ));
        for (person, role) in persons
            .iter()
            .zip(["org:admin", "org:member", "org:member"])
        {
            let kind = "organizationMembership.created";
            events.push(clerk_events::membership(
                kind,
                now + 2,
                &organization,
                person,
                role,
            ));
        }
        Self {
            people,
            workspace,
            project: project.to_owned(),
            events,
        }
    }

    /// Delivers the events as they happened.
    async fn deliver_in_order(self, stack: &Stack) -> Team<'_> {
        let all = 0..self.events.len();
        self.deliver(stack, all).await
    }

    /// Delivers the events and waits until everybody is there.
    async fn deliver(self, stack: &Stack, order: impl IntoIterator<Item = usize>) -> Team<'_> {
        for index in order {
            let answer = stack.clerk_event(&self.events[index]).await;
            assert_eq!(answer.status, 200, "{answer}");
            assert_eq!(answer.json(), json!({"received": true}));
        }
        let [ada, bob, cleo] = self.people;
        let members = format!("/api/workspace/{}/members", self.workspace);
        let complete = async || {
            let answer = stack.request(&ada, "GET", &members).await;
            let all = answer.status == 200 && {
                let members = answer.data(200);
                let known = |user: &User| texts(&members, "email").contains(&user.email);
                [&ada, &bob, &cleo].into_iter().all(known)
            };
            all.then_some(answer)
        };
        let listed = eventually("the team is in the database", complete).await;
        assert_eq!(listed.data(200).as_array().map(Vec::len), Some(3));
        let body = json!({
            "workspaceId": self.workspace, "name": self.project, "team_lead": ada.email,
            "team_members": [bob.email, cleo.email],
        });
        let made = stack.request(&ada, "POST", "/api/projects").json(&body);
        let project = id_of(&made.await.says(201, "Project created successfully"));
        Team {
            stack,
            ada,
            bob,
            cleo,
            workspace: self.workspace,
            project,
        }
    }
}

impl Team<'_> {
    /// Ada gives Bob a task.
    async fn task(&self, title: &str, due: &str) -> String {
        let body = json!({
            "title": title, "description": "Mind the <gears> & wheels", "priority": "HIGH",
            "assigneeId": self.bob.id, "due_date": due,
        });
        let path = format!("/api/tasks/project/{}/tasks", self.project);
        let made = self.stack.request(&self.ada, "POST", &path).json(&body);
        id_of(&made.await.says(201, "Task created successfully"))
    }

    async fn change(&self, task: &str, change: &Value) -> Answer {
        let path = format!("/api/tasks/{task}");
        let changed = self.stack.request(&self.ada, "PATCH", &path).json(change);
        let answer = changed.await;
        answer.says(200, "Task updated successfully");
        answer
    }

    /// The mails to `user` about the task with this title.
    async fn mails(&self, user: &User, title: &str) -> Vec<Mail> {
        let mut mails = self.stack.mails_to(&user.email).await;
        mails.retain(|mail| mail.subject.contains(title));
        mails
    }

    /// Waits until as many mails have come, and asserts that no more do.
    async fn assert_assigned(&self, user: &User, title: &str) -> Mail {
        let what = format!("{} is mailed about {title}", user.name);
        let mails = eventually(&what, async || {
            let mails = self.mails(user, title).await;
            (!mails.is_empty()).then_some(mails)
        });
        let mails = mails.await;
        assert!(is_assignment(&mails[0]), "{:?}", mails[0]);
        mails[0].clone()
    }
}

#[tokio::test]
async fn from_the_first_event_to_the_last_reminder() {
    let Some(stack) = Stack::find().await else {
        return;
    };
    let _running = QUEUES.read().await;
    let team = Founding::new().deliver_in_order(&stack).await;
    let workspace = format!("/api/workspace/{}", team.workspace);
    let shown = stack.request(&team.bob, "GET", &workspace).await.data(200);
    assert_eq!(shown["name"], "Analytical Engines");
    assert_eq!(shown["role"], "MEMBER");
    assert_eq!(shown["owner"]["id"], json!(team.ada.id));

    let due_ms = now_ms() + i64::try_from(SOON.as_millis()).expect("a short time");
    let due = timestamp(due_ms);
    let kept = team.task("Kept", &due).await;
    let finished = team.task("Finished", &due).await;
    let moved = team.task("Moved", &due).await;
    let handed_over = team.task("Handed over", &due).await;
    let deleted = team.task("Deleted", &due).await;
    team.task("Already past", &timestamp(now_ms() - 60_000))
        .await;

    let mail = team.assert_assigned(&team.bob, "Kept").await;
    assert_eq!(mail.to, [team.bob.email.as_str()]);
    let link = format!(
        "http://localhost:5173/workspace/{}/projects/{}/tasks/{kept}",
        team.workspace, team.project
    );
    for fact in [
        "Kept",
        "Mind the <gears> & wheels",
        "Difference Engine",
        "Analytical Engines",
        "High",
        "Bob Noyce",
        &link,
    ] {
        assert!(
            mail.body_text.contains(fact),
            "{fact} is missing: {}",
            mail.body_text
        );
    }
    let escaped = "Mind the &#60;gears&#62; &#38; wheels";
    assert!(mail.body_html.contains(escaped), "{}", mail.body_html);
    assert!(!mail.body_html.contains("<gears>"), "not as it came");
    assert!(mail.body_html.contains(&link), "{}", mail.body_html);
    for title in [
        "Finished",
        "Moved",
        "Handed over",
        "Deleted",
        "Already past",
    ] {
        team.assert_assigned(&team.bob, title).await;
    }

    team.change(&finished, &json!({"status": "DONE"})).await;
    team.change(&moved, &json!({"due_date": "2040-01-01T10:00:00Z"}))
        .await;
    team.change(&handed_over, &json!({"assigneeId": team.cleo.id}))
        .await;
    let path = format!("/api/tasks/{deleted}");
    let gone = stack.request(&team.ada, "DELETE", &path).await;
    gone.says(200, "1 tasks deleted successfully");
    assert!(
        now_ms() < due_ms,
        "this machine is too slow for a due time so soon: make SOON longer"
    );
    team.assert_assigned(&team.cleo, "Handed over").await;

    for (user, title) in [(&team.bob, "Kept"), (&team.cleo, "Handed over")] {
        let what = format!("{} is reminded of {title}", user.name);
        let reminder = eventually(&what, async || {
            team.mails(user, title).await.into_iter().nth(1)
        })
        .await;
        assert!(!is_assignment(&reminder), "{reminder:?}");
        let late = reminder.timestamp - seconds(due_ms);
        assert!((0.0..10.0).contains(&late), "{late} s late");
        assert!(reminder.body_text.contains("Difference Engine"));
    }
    tokio::time::sleep(SETTLED).await;
    for (user, title, mails) in [
        (&team.bob, "Kept", 2),
        (&team.bob, "Finished", 1),
        (&team.bob, "Moved", 1),
        (&team.bob, "Handed over", 1),
        (&team.bob, "Deleted", 1),
        (&team.bob, "Already past", 1),
        (&team.cleo, "Handed over", 2),
    ] {
        let got = team.mails(user, title).await;
        assert_eq!(got.len(), mails, "{} about {title}: {got:#?}", user.name);
    }
    assert!(stack.mails_to(&team.ada.email).await.is_empty());
}

#[tokio::test]
async fn events_that_come_twice_and_backwards_end_the_same() {
    let Some(stack) = Stack::find().await else {
        return;
    };
    let _running = QUEUES.read().await;
    let founding = Founding::new();
    let backwards = (0..founding.events.len()).rev();
    let twice: Vec<usize> = backwards.flat_map(|index| [index, index]).collect();
    let team = founding.deliver(&stack, twice).await;

    let due_ms = now_ms() + i64::try_from(SOON.as_millis()).expect("a short time");
    let task = team.task("Once", &timestamp(due_ms)).await;
    // The same promise twice more, as when the relay publishes what was not lost.
    team.change(&task, &json!({"due_date": "2040-01-01T10:00:00Z"}))
        .await;
    team.change(&task, &json!({"due_date": timestamp(due_ms)}))
        .await;
    let reminded = async || team.mails(&team.bob, "Once").await.into_iter().nth(1);
    eventually("Bob is reminded", reminded).await;
    tokio::time::sleep(SETTLED).await;
    let mails = team.mails(&team.bob, "Once").await;
    let assignments: Vec<bool> = mails.iter().map(is_assignment).collect();
    assert_eq!(assignments, [true, false], "{mails:#?}");

    let members = format!("/api/workspace/{}/members", team.workspace);
    let members = stack.request(&team.ada, "GET", &members).await.data(200);
    let mut roles = texts(&members, "role");
    roles.sort();
    assert_eq!(roles, ["ADMIN", "MEMBER", "MEMBER"]);
    let workspace = format!("/api/workspace/{}", team.workspace);
    let shown = stack.request(&team.ada, "GET", &workspace).await.data(200);
    assert_eq!(shown["name"], "Analytical Engines");
    assert_eq!(shown["owner"]["id"], json!(team.ada.id));
}

#[tokio::test]
async fn a_due_time_that_passes_while_the_queue_is_down_reminds_late_and_once() {
    let Some(stack) = Stack::find().await else {
        return;
    };
    let team = Founding::new().deliver_in_order(&stack).await;
    let stopped = QUEUES.write().await;
    stack.enable_queue("tasks", false).await;
    let due_ms = now_ms() + 1_500;
    team.task("Late", &timestamp(due_ms)).await;
    team.task("Past when set", &timestamp(now_ms() - 60_000))
        .await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(
        stack.mails_to(&team.bob.email).await.is_empty(),
        "the queue is down"
    );
    stack.enable_queue("tasks", true).await;
    drop(stopped);

    let both = async || {
        let mails = team.mails(&team.bob, "Late").await;
        (mails.len() >= 2).then_some(mails)
    };
    let mails = eventually("Bob is told and reminded", both).await;
    assert!(mails.iter().all(|mail| mail.timestamp > seconds(due_ms)));
    tokio::time::sleep(SETTLED).await;
    let mut kinds: Vec<bool> = team
        .mails(&team.bob, "Late")
        .await
        .iter()
        .map(is_assignment)
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [false, true], "one of each");
    let past = team.mails(&team.bob, "Past when set").await;
    assert_eq!(past.len(), 1, "assigned, and not reminded: {past:#?}");
}

/// The relay's schedule, its role and its queue are those of the template.
#[tokio::test]
async fn what_got_lost_is_published_within_a_minute_or_so() {
    let Some(stack) = Stack::find().await else {
        return;
    };
    let _running = QUEUES.read().await;
    let team = Founding::new().deliver_in_order(&stack).await;
    let task = team.task("Lost", "2040-01-01T10:00:00Z").await;
    team.assert_assigned(&team.bob, "Lost").await;
    let promise = Uuid::now_v7();
    stack
        .database()
        .execute(
            "INSERT INTO outbox (id, kind, task_id, next_attempt_at) VALUES ($1, 'task_change', $2, now())",
            &[&promise, &task.parse::<Uuid>().expect("an id")],
        )
        .await
        .expect("a promise can be made");
    let kept = async || {
        let left = stack
            .database()
            .query_opt("SELECT FROM outbox WHERE id = $1", &[&promise])
            .await
            .expect("the outbox can be read");
        left.is_none().then_some(())
    };
    eventually("the promise is kept", kept).await;
    let mails = team.mails(&team.bob, "Lost").await;
    assert_eq!(mails.len(), 1, "and nobody is told twice: {mails:#?}");
}

fn is_assignment(mail: &Mail) -> bool {
    mail.subject.starts_with("Assigned to you")
}

/// Asks again and again until there is an answer.
async fn eventually<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let answer = tokio::time::timeout(PATIENCE, asking).await;
    answer.unwrap_or_else(|_| panic!("not so after {PATIENCE:?}: {what}"))
}

fn now_ms() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970");
    i64::try_from(now.as_millis()).expect("a time near now")
}

/// As clients write a due date, with its milliseconds.
fn timestamp(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .expect("a time near now")
        .to_string()
}

/// Milliseconds as the local AWS writes times.
fn seconds(ms: i64) -> f64 {
    Duration::from_millis(u64::try_from(ms).expect("past 1970")).as_secs_f64()
}

fn id_of(thing: &Value) -> String {
    thing["id"].as_str().expect("an id").to_owned()
}

/// This field of every element.
fn texts(list: &Value, field: &str) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|element| element[field].as_str().expect("a text").to_owned())
        .collect()
}
