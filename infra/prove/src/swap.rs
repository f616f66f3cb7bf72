//! Three tenants of the same shape, of which the third is gone. Whoever asks with an id of the second is answered as with one of the
//! third: in the same words, after the same conversation with the database, and without any change. So nobody can tell which ids
//! there are.

mod conversation;
mod slots;

use std::collections::BTreeMap;

use cairn_tests::operations::{documented, request, somebody_allowed};
use cairn_tests::{Answer, DatabaseProxy, TestApp, User, World};
use serde_json::Value;

use self::conversation::messages;
use self::slots::{Operation, Slot, Source};
use crate::findings::Findings;
use crate::settings::Settings;

/// What differs from answer to answer.
const OF_THIS_ANSWER: [&str; 3] = ["apigw-requestid", "date", "x-request-id"];

struct Stage<'a> {
    app: &'a TestApp,
    proxy: &'a DatabaseProxy,
    own: World,
    foreign: Source,
    unknown: Source,
}

/// What somebody sees who sends a request, and who watches the database.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
    flights: u32,
    /// Kind and length of each message to the database.
    messages: Vec<(char, usize)>,
}

pub async fn run(settings: Settings) -> Findings {
    let mut findings = Findings::new();
    let (app, proxy) = TestApp::behind_proxy().await;
    let document = app.anonymous("GET", "/api/openapi.json").await.json();
    let mut operations = Vec::new();
    for name in documented(&app).await {
        operations.push(Operation::read(&document, &name));
    }
    // What is asked works when the ids are one's own: or nothing would be shown by the rest.
    for operation in &operations {
        let world = World::create(app.database()).await;
        let token = app.token(somebody_allowed(&world, &operation.name));
        let answer = request(&app, &world, &operation.name).token(&token).await;
        findings.check(answer.status.is_success(), || answer.to_string());
    }
    let own = World::create(app.database()).await;
    let foreign = Source::create(&app, &operations).await;
    let unknown = Source::create(&app, &operations).await;
    unknown.remove(&app).await;
    let stage = Stage {
        app: &app,
        proxy: &proxy,
        own,
        foreign,
        unknown,
    };
    let (mut slots, mut requests, mut telling, mut different, mut changed) = (0, 0, 0, 0, 0);
    for operation in &operations {
        let before = app.contents().await;
        slots += operation.slots.len();
        for replaced in operation.replacements() {
            for (who, caller) in stage.callers(settings, &operation.name) {
                if operation.tells_by_contract(&replaced, who) {
                    telling += 1;
                    continue;
                }
                requests += 1;
                let case = format!("{} by {who}, {replaced:?}", operation.name);
                if let Err(difference) = stage.compare(operation, &replaced, caller).await {
                    different += 1;
                    findings.fail(format!("{case}: {difference}"));
                }
            }
        }
        if app.contents().await != before {
            changed += 1;
            let name = &operation.name;
            findings.fail(format!(
                "{name} with another tenant's ids changed something"
            ));
        }
    }
    findings.did(format!(
        "every id of every operation ({slots} in {} operations), alone and together, replaced by another tenant's and by one of \
         nothing, sent by {} people with different rights",
        operations.len(),
        stage.callers(settings, "").len()
    ));
    findings.figure(format!(
        "{requests} pairs of requests (and {telling} left out that add people by address, which tells by contract who has an account)"
    ));
    findings.figure(format!(
        "{different} that differ in status, header, body, round trips, or number and length of what is said to the database"
    ));
    findings.figure(format!("{changed} changes"));
    findings
}

impl Stage<'_> {
    /// People of the first tenant, and one of none.
    fn callers(&self, settings: Settings, operation: &str) -> Vec<(&'static str, &User)> {
        let own = &self.own;
        let allowed = somebody_allowed(own, operation);
        let all = [
            ("somebody allowed", allowed),
            ("a workspace member", &own.workspace_member),
            ("a newcomer", &own.newcomer),
            ("the owner", &own.owner),
            ("an ADMIN", &own.admin),
            ("the team lead", &own.lead),
            ("the assignee", &own.assignee),
            ("a project member", &own.project_member),
        ];
        all[..settings.pick(3, all.len())].to_vec()
    }

    async fn compare(
        &self,
        operation: &Operation,
        replaced: &[&Slot],
        caller: &User,
    ) -> Result<(), String> {
        // The first time a statement is sent otherwise than later.
        self.ask(operation, replaced, &self.unknown, caller).await;
        let unknown = self.ask(operation, replaced, &self.unknown, caller).await;
        let foreign = self.ask(operation, replaced, &self.foreign, caller).await;
        if unknown == foreign {
            return Ok(());
        }
        Err(format!(
            "of nothing {unknown:?}, of another tenant {foreign:?}"
        ))
    }

    async fn ask(
        &self,
        operation: &Operation,
        replaced: &[&Slot],
        source: &Source,
        caller: &User,
    ) -> Seen {
        let request = operation.request(self.app, &self.own, replaced, source);
        let before = self.proxy.flights();
        self.proxy.take_said();
        let answer = request.token(&self.app.token(caller)).await;
        let messages = messages(&self.proxy.take_said());
        Seen {
            status: answer.status.as_u16(),
            headers: headers(&answer),
            body: source.masked(&String::from_utf8_lossy(&answer.body)),
            flights: self.proxy.flights() - before,
            messages,
        }
    }
}

fn headers(answer: &Answer) -> BTreeMap<String, String> {
    let all = answer.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.to_string(), value)
    });
    all.filter(|(name, _)| !OF_THIS_ANSWER.contains(&name.as_str()))
        .collect()
}

/// The text of a value in a path or a query.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
