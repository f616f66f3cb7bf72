//! Where ids stand in requests, as the `OpenAPI` document tells, and what to put there.

use std::collections::BTreeMap;

use cairn_tests::operations::{body, id, request_with_query, somebody_allowed};
use cairn_tests::{Request, TestApp, World};
use serde_json::{Value, json};

use super::plain;

/// What stands in queries and bodies and is not the id of anything.
const NO_IDS: [&str; 22] = [
    "admins_manage_projects",
    "description",
    "dueAfter",
    "dueBefore",
    "due_date",
    "end_date",
    "image_url",
    "limit",
    "message",
    "name",
    "priority",
    "progress",
    "q",
    "reminder_time",
    "role",
    "settings",
    "slug",
    "start_date",
    "status",
    "timezone",
    "title",
    "type",
];

/// A place in a request where an id stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    place: Place,
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Path,
    Query,
    Body,
}

/// An operation with the places of its ids.
pub struct Operation {
    /// `METHOD /path/{parameter}`.
    pub name: String,
    pub slots: Vec<Slot>,
}

impl Operation {
    /// What the document says of an operation.
    pub fn read(document: &Value, name: &str) -> Self {
        let (method, path) = name.split_once(' ').expect("a method and a path");
        let item = &document["paths"][path];
        let operation = &item[method.to_lowercase()];
        let listed = [&operation["parameters"], &item["parameters"]];
        let parameters = listed
            .iter()
            .filter_map(|list| list.as_array())
            .flatten()
            .filter_map(|parameter| {
                let place = match parameter["in"].as_str()? {
                    "path" => Place::Path,
                    "query" => Place::Query,
                    // An idempotency key is a name within what its user made.
                    _ => return None,
                };
                let name = parameter["name"].as_str()?.to_owned();
                Some(Slot { place, name })
            });
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let fields = properties(document, schema).into_iter().map(|name| Slot {
            place: Place::Body,
            name,
        });
        let slots = parameters.chain(fields).filter(Slot::holds_an_id);
        Self {
            slots: slots.collect(),
            name: name.to_owned(),
        }
    }

    /// Each place alone, and all of them together: then they are about things that belong together.
    pub fn replacements(&self) -> Vec<Vec<&Slot>> {
        let mut replacements: Vec<Vec<&Slot>> = self.slots.iter().map(|slot| vec![slot]).collect();
        if self.slots.len() > 1 {
            replacements.push(self.slots.iter().collect());
        }
        replacements
    }

    /// Whether the answer tells by contract who has an account: it does where people are added by their addresses. Whoever administers
    /// a workspace invites from anywhere, and a team lead hears whether somebody is unknown or only not in the workspace.
    pub fn tells_by_contract(&self, replaced: &[&Slot], who: &str) -> bool {
        let may_add: &[&str] = match self.name.as_str() {
            "POST /api/workspace/add-member" => &["somebody allowed", "the owner", "an ADMIN"],
            "POST /api/projects/{projectId}/add-member" => &["somebody allowed", "the team lead"],
            _ => &[],
        };
        matches!(replaced, [slot] if slot.name == "email") && may_add.contains(&who)
    }

    /// The request about what is in `own`, with what is `replaced` taken from a source.
    pub fn request(
        &self,
        app: &TestApp,
        own: &World,
        replaced: &[&Slot],
        source: &Source,
    ) -> Request {
        let value = |place: Place, name: &str| {
            let mut slots = replaced.iter();
            let slot = slots.find(|slot| slot.place == place && slot.name == name)?;
            Some(source.value(&self.name, slot))
        };
        let in_path = |name: &str| {
            let replaced = value(Place::Path, name).as_ref().map(plain);
            replaced.unwrap_or_else(|| id(own, &self.name, name))
        };
        let mut query = Vec::new();
        let mut sent = body(own, &self.name);
        for slot in replaced {
            let value = source.value(&self.name, slot);
            match slot.place {
                Place::Path => {}
                Place::Query => query.push((slot.name.as_str(), plain(&value))),
                Place::Body => sent[&slot.name] = value,
            }
        }
        request_with_query(app, &self.name, in_path, &query, &sent)
    }
}

impl Slot {
    fn holds_an_id(&self) -> bool {
        let known = [
            "assigneeId",
            "commentId",
            "cursor",
            "email",
            "projectId",
            "taskId",
            "taskIds",
            "team_lead",
            "team_members",
            "userId",
            "workspaceId",
        ];
        let holds = known.contains(&self.name.as_str());
        assert!(
            holds || NO_IDS.contains(&self.name.as_str()),
            "{} is new in the OpenAPI document: say in infra/prove/src/swap/slots.rs whether it names a thing, and which",
            self.name
        );
        holds
    }
}

/// The names of an object's fields.
fn properties(document: &Value, schema: &Value) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        let schema = document.pointer(pointer).expect("a known schema");
        return properties(document, schema);
    }
    let own = schema["properties"].as_object().into_iter().flatten();
    let parts = schema["allOf"].as_array().into_iter().flatten();
    own.map(|(name, _)| name.clone())
        .chain(parts.flat_map(|part| properties(document, part)))
        .collect()
}

/// Another tenant, to take ids from.
pub struct Source {
    world: World,
    /// A cursor for each list.
    cursors: BTreeMap<String, String>,
}

impl Source {
    /// A new tenant, and the cursors that its people get.
    pub async fn create(app: &TestApp, operations: &[Operation]) -> Self {
        let world = World::create(app.database()).await;
        // A list of one thing has no second page.
        let members = [&world.assignee, &world.project_member];
        app.project(&world.owner, &world.workspace, &world.lead, &members)
            .await;
        for title in ["Another", "And another"] {
            app.task(&world.lead, &world.project, &world.lead, title)
                .await;
        }
        app.comment(&world.lead, &world.task, "Another").await;
        app.workspace(&world.owner).await;
        let mut cursors = BTreeMap::new();
        for operation in operations {
            if !operation.slots.iter().any(|slot| slot.name == "cursor") {
                continue;
            }
            let in_path = |name: &str| id(&world, &operation.name, name);
            let query = [("limit", "1".to_owned())];
            let token = app.token(somebody_allowed(&world, &operation.name));
            let page = request_with_query(app, &operation.name, in_path, &query, &Value::Null)
                .token(&token)
                .await
                .data(200);
            let cursor = page["nextCursor"].as_str();
            let cursor = cursor.unwrap_or_else(|| panic!("{}: {page}", operation.name));
            cursors.insert(operation.name.clone(), cursor.to_owned());
        }
        Self { world, cursors }
    }

    /// Takes the tenant away, so that its ids are of nothing.
    pub async fn remove(&self, app: &TestApp) {
        let world = &self.world;
        let people = self.people();
        let workspaces = "DELETE FROM workspaces WHERE id = $1 OR owner_id = ANY ($2)";
        let removed = app
            .database()
            .execute(workspaces, &[&world.workspace, &people])
            .await;
        removed.expect("the workspaces are removed");
        let users = "DELETE FROM users WHERE id = ANY ($1)";
        let removed = app.database().execute(users, &[&people]).await;
        assert_eq!(removed.expect("the people are removed"), 8);
    }

    fn people(&self) -> Vec<&str> {
        let world = &self.world;
        [
            &world.owner,
            &world.admin,
            &world.lead,
            &world.assignee,
            &world.project_member,
            &world.workspace_member,
            &world.bystander,
            &world.newcomer,
        ]
        .map(|user| user.id.as_str())
        .to_vec()
    }

    fn value(&self, operation: &str, slot: &Slot) -> Value {
        let world = &self.world;
        match slot.name.as_str() {
            "assigneeId" => json!(world.assignee.id),
            "cursor" => json!(self.cursors[operation]),
            "email" if operation.contains("/projects/") => json!(world.bystander.email),
            "email" => json!(world.newcomer.email),
            "taskIds" => json!([world.task]),
            "team_lead" => json!(world.lead.email),
            "team_members" => json!([world.assignee.email, world.project_member.email]),
            "workspaceId" => json!(world.workspace),
            name => json!(id(world, operation, name)),
        }
    }

    /// A text without what a caller sent: answers may repeat that.
    pub fn masked(&self, text: &str) -> String {
        let world = &self.world;
        let mut sent = vec![
            &world.workspace,
            &world.project,
            &world.task,
            &world.comment,
        ];
        for user in [
            &world.assignee,
            &world.bystander,
            &world.newcomer,
            &world.lead,
            &world.project_member,
        ] {
            sent.extend([&user.id, &user.email]);
        }
        sent.into_iter().fold(text.to_owned(), |text, sent| {
            text.replace(sent.as_str(), "<sent>")
        })
    }
}
