//! The operations of the API, each with requests that succeed on the data of data.sql.

use serde_json::{Value, json};

use super::super::dataset::{
    RESET, SCRATCH, address, comment_of_lead, gone, lead, member, person, project, task, workspace,
};
use super::super::measure::Case;
use super::super::request::{Asked, Expected};
use super::super::stage::Stage;
use super::super::targets::Answer;

/// How many requests of each kind differ from each other. There are as many things of each kind to be deleted.
const REQUESTS: usize = 20;
const QUICK_REQUESTS: usize = 4;

/// An operation, by the numbers of its requests.
pub struct Operation {
    /// As in the document of the API, and what is asked for where there is a choice.
    pub name: &'static str,
    /// How much is in its answer.
    pub answer: Answer,
    status: u16,
    list: Option<(&'static str, usize)>,
    json: bool,
    writes: bool,
    /// Who asks; nobody where no token is needed.
    who: fn(usize) -> String,
    path: fn(usize) -> String,
    body: fn(usize) -> Value,
}

impl Operation {
    /// The requests, with everything that they need.
    pub fn case(&self, stage: &Stage) -> anyhow::Result<Case> {
        let count = if stage.quick {
            QUICK_REQUESTS
        } else {
            REQUESTS
        };
        let requests: Vec<_> = (0..count).map(|n| self.request(stage, n)).collect();
        let expected = Expected::Http {
            status: self.status,
            list: self.list,
            json: self.json,
        };
        let case = Case::of(self.name, &requests, expected)?;
        Ok(Case {
            reset: self.writes.then(|| RESET.to_owned()),
            ..case
        })
    }

    fn request(&self, stage: &Stage, n: usize) -> Asked {
        let who = (self.who)(n);
        Asked {
            method: self.name.split(' ').next().unwrap_or_default(),
            path: (self.path)(n),
            token: (!who.is_empty()).then(|| stage.token(&who)),
            body: (self.body)(n),
        }
    }

    fn read(name: &'static str, who: fn(usize) -> String, path: fn(usize) -> String) -> Self {
        Self {
            name,
            answer: Answer::Small,
            status: 200,
            list: None,
            json: true,
            writes: false,
            who,
            path,
            body: |_| Value::Null,
        }
    }

    fn write(
        name: &'static str,
        who: fn(usize) -> String,
        path: fn(usize) -> String,
        body: fn(usize) -> Value,
    ) -> Self {
        Self {
            writes: true,
            body,
            ..Self::read(name, who, path)
        }
    }

    /// The list in the answer has so many things.
    fn of(mut self, pointer: &'static str, count: usize) -> Self {
        self.list = Some((pointer, count));
        self
    }

    fn created(mut self) -> Self {
        self.status = 201;
        self
    }

    fn fifty(mut self) -> Self {
        self.answer = Answer::Fifty;
        self
    }

    fn larger(mut self) -> Self {
        self.answer = Answer::Larger;
        self
    }

    fn no_json(mut self) -> Self {
        self.json = false;
        self
    }
}

/// A project that is only read and changed, another one for each request, and from workspace to workspace.
fn some(n: usize) -> usize {
    n % SCRATCH * 20 + n
}

/// A project of the workspace in which things are made and deleted.
fn scratch(n: usize) -> usize {
    SCRATCH * 20 + n
}

fn nobody(_: usize) -> String {
    String::new()
}

fn lead_of_some(n: usize) -> String {
    lead(some(n))
}

fn admin_of_scratch(_: usize) -> String {
    person(SCRATCH, 0)
}

fn nothing(_: usize) -> Value {
    Value::Null
}

const DESCRIPTION: &str = "The second sensor drifts by two percent after an hour in the sun and nobody knows why. Please check the \
     cable at the north wall first, then compare with the numbers of last week.";

/// All of them: reads, then writes.
pub fn all() -> Vec<Operation> {
    around()
        .into_iter()
        .chain(reads())
        .chain(workspaces())
        .chain(projects())
        .chain(tasks())
        .chain(comments())
        .collect()
}

fn around() -> [Operation; 4] {
    [
        Operation::read("GET /", nobody, |_| "/".to_owned()),
        Operation::read("GET /api/health", nobody, |_| "/api/health".to_owned()),
        Operation::read("GET /api/openapi.json", nobody, |_| {
            "/api/openapi.json".to_owned()
        })
        .larger(),
        Operation::read("GET /api/docs", nobody, |_| "/api/docs".to_owned()).no_json(),
    ]
}

fn reads() -> [Operation; 13] {
    [
        Operation::read(
            "GET /api/workspace",
            |n| person(n % (SCRATCH - 1), 15 + n % 8),
            |_| "/api/workspace".to_owned(),
        )
        .of("/data", 2),
        Operation::read("GET /api/workspace/{workspaceId}", lead_of_some, |n| {
            format!("/api/workspace/{}", workspace(some(n) / 20))
        }),
        Operation::read(
            "GET /api/workspace/{workspaceId}/members",
            lead_of_some,
            |n| format!("/api/workspace/{}/members", workspace(some(n) / 20)),
        )
        .of("/data", 30),
        Operation::read(
            "GET /api/projects/workspace/{workspaceId}",
            lead_of_some,
            |n| format!("/api/projects/workspace/{}", workspace(some(n) / 20)),
        )
        .of("/data", 20)
        .larger(),
        Operation::read(
            "GET /api/projects/workspace/{workspaceId}/projects, limit 5",
            lead_of_some,
            |n| {
                let workspace = workspace(some(n) / 20);
                format!("/api/projects/workspace/{workspace}/projects?limit=5")
            },
        )
        .of("/data/items", 5)
        .larger(),
        Operation::read("GET /api/projects/{projectId}", lead_of_some, |n| {
            format!("/api/projects/{}", project(some(n)))
        })
        .of("/data/tasks", 50)
        .fifty(),
        Operation::read("GET /api/projects/{projectId}/members", lead_of_some, |n| {
            format!("/api/projects/{}/members", project(some(n)))
        })
        .of("/data", 8),
        Operation::read(
            "GET /api/tasks/project/{projectId}/tasks",
            lead_of_some,
            |n| format!("/api/tasks/project/{}/tasks", project(some(n))),
        )
        .of("/data", 50)
        .fifty(),
        Operation::read("GET /api/tasks/mine, limit 10", lead_of_some, |_| {
            "/api/tasks/mine?limit=10".to_owned()
        })
        .of("/data/items", 10),
        Operation::read("GET /api/tasks/mine", lead_of_some, |_| {
            "/api/tasks/mine".to_owned()
        })
        .of("/data/items", 50)
        .fifty(),
        Operation::read("GET /api/tasks/{taskId}", lead_of_some, |n| {
            format!("/api/tasks/{}", task(some(n), n))
        }),
        Operation::read(
            "GET /api/comments/task/{taskId}/comments",
            lead_of_some,
            |n| format!("/api/comments/task/{}/comments", task(some(n), n)),
        )
        .of("/data", 3),
        Operation::read("GET /api/tasks/{taskId}/comments", lead_of_some, |n| {
            format!("/api/tasks/{}/comments", task(some(n), n))
        })
        .of("/data/items", 3),
    ]
}

fn workspaces() -> [Operation; 6] {
    let member = |n: usize| {
        let (workspace, member) = (workspace(SCRATCH), person(SCRATCH, 2 + n));
        format!("/api/workspace/{workspace}/members/{member}")
    };
    [
        Operation::write(
            "POST /api/workspace",
            lead_of_some,
            |_| "/api/workspace".to_owned(),
            |n| json!({"name": format!("Workspace of the bench {n}"), "description": DESCRIPTION}),
        )
        .created(),
        Operation::write(
            "PATCH /api/workspace/{workspaceId}",
            lead_of_some,
            |n| format!("/api/workspace/{}", workspace(some(n) / 20)),
            |n| json!({"name": format!("Renamed {n}")}),
        ),
        Operation::write(
            "DELETE /api/workspace/{workspaceId}",
            admin_of_scratch,
            |n| format!("/api/workspace/org_gone_{n}"),
            nothing,
        ),
        Operation::write(
            "POST /api/workspace/add-member",
            admin_of_scratch,
            |_| "/api/workspace/add-member".to_owned(),
            |n| json!({"email": address(n), "role": "MEMBER", "workspaceId": workspace(SCRATCH)}),
        )
        .created(),
        Operation::write(
            "PATCH /api/workspace/{workspaceId}/members/{userId}",
            admin_of_scratch,
            member,
            |_| json!({"role": "ADMIN"}),
        ),
        Operation::write(
            "DELETE /api/workspace/{workspaceId}/members/{userId}",
            admin_of_scratch,
            member,
            nothing,
        ),
    ]
}

/// A new project with a lead of its own and two members.
fn new_project(n: usize) -> Value {
    json!({
        "name": format!("Project of the bench {n}"),
        "description": DESCRIPTION,
        "status": "ACTIVE",
        "priority": "HIGH",
        "progress": 0,
        "start_date": "2026-11-01",
        "end_date": "2027-03-31",
        "team_lead": address(SCRATCH * 15 + 3),
        "team_members": [address(SCRATCH * 15 + 4), address(SCRATCH * 15 + 5)],
        "workspaceId": workspace(SCRATCH),
    })
}

fn projects() -> [Operation; 7] {
    let change = |n: usize| json!({"description": DESCRIPTION, "progress": n, "status": "ACTIVE"});
    let some_project = |n: usize| format!("/api/projects/{}", project(some(n)));
    [
        Operation::write(
            "POST /api/projects",
            admin_of_scratch,
            |_| "/api/projects".to_owned(),
            new_project,
        )
        .created(),
        Operation::write(
            "POST /api/projects/workspace/{workspaceId}",
            admin_of_scratch,
            |_| format!("/api/projects/workspace/{}", workspace(SCRATCH)),
            new_project,
        )
        .created(),
        Operation::write(
            "PATCH /api/projects/{projectId}",
            lead_of_some,
            some_project,
            change,
        )
        .of("/data/tasks", 50)
        .fifty(),
        Operation::write(
            "PUT /api/projects/{projectId}",
            lead_of_some,
            some_project,
            change,
        )
        .of("/data/tasks", 50)
        .fifty(),
        Operation::write(
            "DELETE /api/projects/{projectId}",
            admin_of_scratch,
            |n| format!("/api/projects/{}", gone("project", n)),
            nothing,
        ),
        Operation::write(
            "POST /api/projects/{projectId}/add-member",
            admin_of_scratch,
            |n| format!("/api/projects/{}/add-member", project(scratch(n))),
            |_| json!({"email": address(SCRATCH * 15 + 2)}),
        ),
        Operation::write(
            "DELETE /api/projects/{projectId}/member/{userId}",
            admin_of_scratch,
            |n| {
                let number = scratch(n);
                let (project, member) = (project(number), person(SCRATCH, member(number)));
                format!("/api/projects/{project}/member/{member}")
            },
            nothing,
        ),
    ]
}

fn tasks() -> [Operation; 5] {
    let change = |n: usize| json!({"title": format!("Renamed {n}"), "description": DESCRIPTION, "priority": "HIGH"});
    let some_task = |n: usize| format!("/api/tasks/{}", task(some(n), n));
    [
        Operation::write(
            "POST /api/tasks/project/{projectId}/tasks",
            admin_of_scratch,
            |n| format!("/api/tasks/project/{}/tasks", project(scratch(n))),
            |n| {
                json!({
                    "title": format!("Task of the bench {n}"),
                    "description": DESCRIPTION,
                    "type": "BUG",
                    "status": "TODO",
                    "priority": "MEDIUM",
                    "assigneeId": person(SCRATCH, member(scratch(n))),
                    "due_date": "2027-03-31",
                })
            },
        )
        .created(),
        Operation::write("PATCH /api/tasks/{taskId}", lead_of_some, some_task, change),
        Operation::write("PUT /api/tasks/{taskId}", lead_of_some, some_task, change),
        Operation::write(
            "DELETE /api/tasks/{taskId}",
            admin_of_scratch,
            |n| format!("/api/tasks/{}", gone("task", n)),
            nothing,
        ),
        Operation::write(
            "DELETE /api/tasks",
            admin_of_scratch,
            |_| "/api/tasks".to_owned(),
            |n| {
                let ids = [0, 1, 2].map(|i| gone("task", REQUESTS + n * 3 + i));
                json!({"taskIds": ids})
            },
        ),
    ]
}

fn comments() -> [Operation; 3] {
    [
        Operation::write(
            "POST /api/tasks/{taskId}/comments",
            lead_of_some,
            |n| format!("/api/tasks/{}/comments", task(some(n), n)),
            |_| json!({"message": DESCRIPTION}),
        )
        .created(),
        Operation::write(
            "PATCH /api/comments/{commentId}",
            lead_of_some,
            |n| format!("/api/comments/{}", comment_of_lead(some(n))),
            |_| json!({"message": DESCRIPTION}),
        ),
        Operation::write(
            "DELETE /api/comments/{commentId}",
            admin_of_scratch,
            |n| format!("/api/comments/{}", gone("comment", n)),
            nothing,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use cairn_dev::places::Places;

    use super::*;

    /// An operation of the API that nobody measures is noticed here.
    #[test]
    fn every_operation_is_measured() {
        let file = Places::find().root().join("infra/openapi.json");
        let document = std::fs::read_to_string(file).expect("there is a document");
        let document: Value = serde_json::from_str(&document).expect("it is JSON");
        let measured: Vec<&str> = all()
            .iter()
            .map(|operation| operation.name.split(", ").next().unwrap_or_default())
            .collect();
        for (path, methods) in document["paths"].as_object().expect("it has paths") {
            for method in methods.as_object().expect("it has methods").keys() {
                let operation = format!("{} {path}", method.to_uppercase());
                assert!(
                    measured.contains(&operation.as_str()),
                    "{operation} is not measured: add it to infra/dev/src/commands/bench/routes/operations.rs"
                );
            }
        }
    }

    #[test]
    fn projects_that_are_read_are_not_those_that_change() {
        let mut numbers: Vec<usize> = (0..REQUESTS).map(some).collect();
        assert!(numbers.iter().all(|number| number / 20 < SCRATCH));
        numbers.dedup();
        assert_eq!(numbers.len(), REQUESTS);
        assert!((0..REQUESTS).all(|n| scratch(n) / 20 == SCRATCH));
    }
}
