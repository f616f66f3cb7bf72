//! What is done through our API to what Clerk writes too: late events do not undo it, newer ones do.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use cairn_dev::clerk_events::{self as events, Organization};
use cairn_tests::{Answer, TestApp, User};
use serde_json::{Value, json};
use uuid::Uuid;

/// How often a race is run.
const TRIES: usize = 15;
const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

/// A workspace that came from Clerk, with an ADMIN, a member and somebody who is not in it.
struct Company {
    app: TestApp,
    id: String,
    admin: User,
    member: User,
    newcomer: User,
    /// When it all began, in milliseconds. Everything that Clerk has said so far was said within a minute of it.
    began: i64,
}

impl Company {
    async fn app() -> TestApp {
        TestApp::builder()
            .only(&["workspaces", "worker"])
            .environments(3)
            .start()
            .await
    }

    async fn new() -> Self {
        Self::of(Self::app().await).await
    }

    async fn of(app: TestApp) -> Self {
        let company = Self {
            app,
            id: format!("org_{}", Uuid::now_v7().simple()),
            admin: User::unsynced("Adam Admin"),
            member: User::unsynced("Mia Member"),
            newcomer: User::unsynced("Nora Newcomer"),
            began: now() - HOUR,
        };
        let mut told: Vec<Value> = [&company.admin, &company.member, &company.newcomer]
            .map(|user| events::user("user.created", company.began, &user.at_clerk()))
            .into();
        told.push(company.says("organization.created", company.began, "From Clerk"));
        told.push(company.membership("created", company.began, &company.admin, "org:admin"));
        told.push(company.membership("created", company.began, &company.member, "org:member"));
        company.tell(&told).await;
        company
    }

    fn says(&self, kind: &str, at: i64, name: &str) -> Value {
        events::organization(kind, at, &self.organization(name))
    }

    fn membership(&self, what: &str, at: i64, user: &User, role: &str) -> Value {
        let kind = format!("organizationMembership.{what}");
        events::membership(
            &kind,
            at,
            &self.organization("From Clerk"),
            &user.at_clerk(),
            role,
        )
    }

    fn organization<'a>(&'a self, name: &'a str) -> Organization<'a> {
        Organization {
            id: &self.id,
            name,
            slug: "from-clerk",
            created_by: &self.admin.id,
        }
    }

    /// Lets the worker follow these events, which it must be able to.
    async fn tell(&self, events: &[Value]) {
        for batch in events.chunks(10) {
            let messages: Vec<Value> = batch
                .iter()
                .map(|event| json!({"clerk_event": event}))
                .collect();
            let failed = self.app.invoke_with("worker", &messages).await;
            assert!(failed.is_empty(), "{failed:?} of {messages:#?}");
        }
    }

    fn path(&self) -> String {
        format!("/api/workspace/{}", self.id)
    }

    fn member_path(&self) -> String {
        format!("{}/members/{}", self.path(), self.member.id)
    }

    async fn name(&self) -> String {
        let workspace = self.app.get(&self.admin, &self.path()).await.data(200);
        workspace["name"].as_str().expect("a name").to_owned()
    }

    async fn rename(&self, name: &str) -> Answer {
        self.app
            .patch(&self.admin, &self.path(), &json!({"name": name}))
            .await
    }

    /// The role of `user`, if in the workspace.
    async fn role(&self, user: &User) -> Option<String> {
        self.app
            .database()
            .query_opt(
                "SELECT role::text FROM workspace_members WHERE workspace_id = $1 AND user_id = $2",
                &[&self.id, &user.id],
            )
            .await
            .expect("the role can be read")
            .map(|row| row.get(0))
    }

    async fn exists(&self) -> bool {
        let found = "SELECT FROM workspaces WHERE id = $1";
        let row = self.app.database().query_opt(found, &[&self.id]).await;
        row.expect("the workspace can be looked for").is_some()
    }

    async fn add(&self, user: &User) -> Answer {
        let body = json!({"email": user.email, "role": "MEMBER", "workspaceId": self.id});
        self.app
            .post(&self.admin, "/api/workspace/add-member", &body)
            .await
    }

    /// All of it again, as Svix may deliver it for a day.
    async fn tell_all_again(&self) {
        let mut told = vec![self.says("organization.created", self.began, "From Clerk")];
        told.push(self.says(
            "organization.updated",
            self.began + MINUTE,
            "Renamed at Clerk",
        ));
        for (user, role) in [(&self.admin, "org:admin"), (&self.member, "org:member")] {
            told.push(events::user("user.created", self.began, &user.at_clerk()));
            told.push(self.membership("created", self.began, user, role));
            told.push(self.membership("updated", self.began + MINUTE, user, role));
        }
        self.tell(&told).await;
    }
}

/// The present time in milliseconds, never twice the same.
fn now() -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(0);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let now = i64::try_from(now.as_millis()).expect("a time");
    LAST.fetch_max(now, Ordering::Relaxed).max(now)
}

#[tokio::test]
async fn a_name_given_here_stays_until_clerk_gives_a_newer_one() {
    let company = Company::new().await;
    company
        .rename("Ours")
        .await
        .says(200, "Workspace updated successfully");
    company.tell_all_again().await;
    assert_eq!(company.name().await, "Ours");
    company
        .tell(&[company.says("organization.updated", now() + HOUR, "Newer")])
        .await;
    assert_eq!(company.name().await, "Newer");
    // Also where Clerk's clock is ahead: what came last counts.
    company.rename("Ours again").await.data(200);
    company
        .tell(&[company.says("organization.updated", now() + HOUR / 2, "Older")])
        .await;
    assert_eq!(company.name().await, "Ours again");
}

#[tokio::test]
async fn what_clerk_does_not_know_leaves_the_rest_to_it() {
    let company = Company::new().await;
    let settings = json!({"description": "Ours", "settings": {"timezone": "Europe/Prague"}});
    company
        .app
        .patch(&company.admin, &company.path(), &settings)
        .await
        .data(200);
    company
        .tell(&[company.says(
            "organization.updated",
            company.began + 2,
            "Renamed at Clerk",
        )])
        .await;
    let workspace = company
        .app
        .get(&company.admin, &company.path())
        .await
        .data(200);
    assert_eq!(workspace["name"], "Renamed at Clerk");
    assert_eq!(workspace["description"], "Ours");
    assert_eq!(workspace["settings"]["timezone"], "Europe/Prague");
}

#[tokio::test]
async fn who_was_removed_here_stays_out_until_clerk_says_something_newer() {
    let company = Company::new().await;
    let removed = company
        .app
        .delete(&company.admin, &company.member_path())
        .await;
    removed.says(200, "Member removed successfully");
    company.tell_all_again().await;
    assert_eq!(company.role(&company.member).await, None);
    let joined = company.membership("created", now() + HOUR, &company.member, "org:member");
    company.tell(&[joined]).await;
    assert_eq!(
        company.role(&company.member).await.as_deref(),
        Some("MEMBER")
    );
}

#[tokio::test]
async fn a_role_given_here_stays_until_clerk_says_something_newer() {
    let company = Company::new().await;
    let admin = json!({"role": "ADMIN"});
    company
        .app
        .patch(&company.admin, &company.member_path(), &admin)
        .await
        .says(200, "Member updated successfully");
    company.tell_all_again().await;
    assert_eq!(
        company.role(&company.member).await.as_deref(),
        Some("ADMIN")
    );
    let changed = company.membership("updated", now() + HOUR, &company.member, "org:member");
    company.tell(&[changed]).await;
    assert_eq!(
        company.role(&company.member).await.as_deref(),
        Some("MEMBER")
    );
}

#[tokio::test]
async fn who_was_added_here_is_not_removed_by_what_clerk_said_before() {
    let company = Company::new().await;
    let newcomer = &company.newcomer;
    company
        .add(newcomer)
        .await
        .says(201, "Member added successfully");
    let deleted = company.membership("deleted", company.began + 5, newcomer, "org:member");
    company.tell(&[deleted]).await;
    assert_eq!(company.role(newcomer).await.as_deref(), Some("MEMBER"));
    let deleted = company.membership("deleted", now() + HOUR, newcomer, "org:member");
    company.tell(&[deleted]).await;
    assert_eq!(company.role(newcomer).await, None);
}

#[tokio::test]
async fn a_workspace_deleted_here_is_never_made_again() {
    let company = Company::new().await;
    let deleted = company.app.delete(&company.admin, &company.path()).await;
    deleted.says(200, "Workspace deleted successfully");
    company.tell_all_again().await;
    let later = now() + HOUR;
    company
        .tell(&[
            company.says("organization.updated", later, "Newer"),
            company.membership("created", later, &company.newcomer, "org:admin"),
        ])
        .await;
    assert!(!company.exists().await);
    let said = "SELECT FROM clerk_memberships WHERE workspace_id = $1";
    let said = company.app.database().query(said, &[&company.id]).await;
    assert!(said.expect("the rows can be read").is_empty());
}

/// A person whom only a session token told of has a row before Clerk's event comes.
#[tokio::test]
async fn who_signed_in_before_clerk_told_of_them_is_completed() {
    let company = Company::new().await;
    let early = User::unsynced("Erin Early");
    let made = company
        .app
        .post(&early, "/api/workspace", &json!({"name": "Early"}))
        .await;
    let id = made.data(201)["id"].as_str().expect("an id").to_owned();
    company
        .tell(&[events::user(
            "user.created",
            company.began,
            &early.at_clerk(),
        )])
        .await;
    let workspace = company
        .app
        .get(&early, &format!("/api/workspace/{id}"))
        .await
        .data(200);
    assert_eq!(workspace["owner"]["name"], "Erin Early");
    assert_eq!(workspace["owner"]["email"], early.email.as_str());
}

#[tokio::test]
async fn at_the_same_time_as_an_older_event_what_is_done_here_wins() {
    let mut app = Company::app().await;
    for _ in 0..TRIES {
        let company = Company::of(app).await;
        let (admin, newcomer) = (&company.admin, &company.newcomer);
        let renamed = [company.says(
            "organization.updated",
            company.began + 1,
            "Renamed at Clerk",
        )];
        let (answer, ()) = tokio::join!(company.rename("Ours"), company.tell(&renamed));
        answer.data(200);
        assert_eq!(company.name().await, "Ours");

        let late = company.membership("deleted", company.began + 5, newcomer, "org:member");
        let late = [late];
        let (answer, ()) = tokio::join!(company.add(newcomer), company.tell(&late));
        answer.data(201);
        assert_eq!(company.role(newcomer).await.as_deref(), Some("MEMBER"));

        let late =
            [company.membership("updated", company.began + 2, &company.member, "org:member")];
        let removal = company.app.delete(admin, &company.member_path());
        let (answer, ()) = tokio::join!(removal.into_future(), company.tell(&late));
        answer.data(200);
        assert_eq!(company.role(&company.member).await, None);

        let late = [
            company.membership("created", company.began + 3, &company.member, "org:member"),
            company.says(
                "organization.updated",
                company.began + 3,
                "Renamed at Clerk",
            ),
        ];
        let removal = company.app.delete(admin, &company.path());
        let (answer, ()) = tokio::join!(removal.into_future(), company.tell(&late));
        answer.data(200);
        assert!(!company.exists().await);
        app = company.app;
    }
}

/// Who comes first decides whether there is somebody to add; an addition is the newest word on the role.
#[tokio::test]
async fn an_addition_at_the_same_time_as_an_older_event_gives_its_own_role() {
    let mut app = Company::app().await;
    for _ in 0..TRIES {
        let company = Company::of(app).await;
        let newcomer = &company.newcomer;
        let late = [company.membership("created", company.began + 5, newcomer, "org:admin")];
        let (answer, ()) = tokio::join!(company.add(newcomer), company.tell(&late));
        let role = company.role(newcomer).await;
        if answer.status.as_u16() == 201 {
            assert_eq!(role.as_deref(), Some("MEMBER"));
        } else {
            answer.is_refused(400, "User is already a member");
            assert_eq!(role.as_deref(), Some("ADMIN"));
        }
        app = company.app;
    }
}

#[tokio::test]
async fn who_is_deleted_at_clerk_while_being_added_is_in_nothing() {
    let mut app = Company::app().await;
    for _ in 0..TRIES {
        let company = Company::of(app).await;
        let newcomer = &company.newcomer;
        let gone = [events::deletion("user.deleted", now(), &newcomer.id)];
        let (answer, ()) = tokio::join!(company.add(newcomer), company.tell(&gone));
        assert!([201, 404].contains(&answer.status.as_u16()), "{answer}");
        assert_eq!(company.role(newcomer).await, None);
        app = company.app;
    }
}
