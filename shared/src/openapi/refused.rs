//! Examples of what is refused, made by what refuses it: the table of rules, the bodies' own parsers, and the parameters'.

use jiff::Timestamp;
use uuid::Uuid;

use crate::http::{Query, RequestBody};
use crate::paging::Paging;
use crate::queries::comments::CommentInput;
use crate::queries::projects::{AddProjectMember, NewProject, NewProjectInWorkspace, ProjectPatch};
use crate::queries::tasks::{NewTask, TaskFilter, TaskPatch, TasksToDelete};
use crate::queries::workspaces::{
    AddWorkspaceMember, NewWorkspace, WorkspaceMemberPatch, WorkspacePatch,
};
use crate::{Error, Refusal};

/// How a body is refused.
type Refuse = fn(&str) -> Error;

/// Wrong bodies, by the name of the schema: what people get wrong first.
const BODIES: &[(&str, Refuse, &[&str])] = &[
    (
        "NewWorkspace",
        refuse::<NewWorkspace>,
        &[
            "{}",
            r#"{"name": "Lighthouse Museum", "slug": "Lighthouse Museum"}"#,
        ],
    ),
    (
        "WorkspacePatch",
        refuse::<WorkspacePatch>,
        &[
            r#"{"name": " "}"#,
            r#"{"settings": {"timezone": "Mars/Olympus"}}"#,
        ],
    ),
    (
        "AddWorkspaceMember",
        refuse::<AddWorkspaceMember>,
        &[
            r#"{"role": "MEMBER", "workspaceId": "org_harbor"}"#,
            r#"{"email": "elif@example.com", "role": "BOSS", "workspaceId": "org_harbor"}"#,
        ],
    ),
    (
        "WorkspaceMemberPatch",
        refuse::<WorkspaceMemberPatch>,
        &[r#"{"role": "BOSS"}"#],
    ),
    (
        "NewProject",
        refuse::<NewProject>,
        &[
            "{}",
            r#"{"name": "Winter timetable", "team_lead": "ada@example.com", "status": "LATER"}"#,
            r#"{"name": "Winter timetable", "team_lead": "ada@example.com", "start_date": "2027-06-30", "end_date": "2027-01-11"}"#,
        ],
    ),
    (
        "NewProjectInWorkspace",
        refuse::<NewProjectInWorkspace>,
        &[
            "{}",
            r#"{"workspaceId": "org_harbor", "name": "Winter timetable", "team_lead": "ada@example.com", "status": "LATER"}"#,
            r#"{"workspaceId": "org_harbor", "name": "Winter timetable", "team_lead": "ada@example.com", "start_date": "2027-06-30", "end_date": "2027-01-11"}"#,
        ],
    ),
    (
        "ProjectPatch",
        refuse::<ProjectPatch>,
        &[r#"{"status": "LATER"}"#, r#"{"priority": "URGENT"}"#],
    ),
    ("AddProjectMember", refuse::<AddProjectMember>, &["{}"]),
    (
        "NewTask",
        refuse::<NewTask>,
        &[
            "{}",
            r#"{"title": "Show delays", "assigneeId": "user_bruno", "due_date": "soon"}"#,
        ],
    ),
    (
        "TaskPatch",
        refuse::<TaskPatch>,
        &[r#"{"status": "LATER"}"#, r#"{"due_date": null}"#],
    ),
    (
        "TasksToDelete",
        refuse::<TasksToDelete>,
        &[r#"{"taskIds": []}"#],
    ),
    (
        "CommentInput",
        refuse::<CommentInput>,
        &[r#"{"message": " "}"#],
    ),
];

/// What refuses by this rule answers. Rules that name things name some of the demo data.
pub(super) fn by_rule(name: &str) -> Error {
    let rule = Refusal::named(name).unwrap_or_else(|| {
        panic!(
            "{name} stands in an operation's `examples`, and is no rule of shared/src/refusal.rs"
        )
    });
    let about = match name {
        "leads_projects" => "Harbor festival app",
        "not_workspace_members" => "elif@example.com",
        _ => "",
    };
    rule.about(&[about.to_owned()])
}

/// What wrong bodies of this schema are answered with.
pub(super) fn of_body(schema: &str) -> Vec<Error> {
    let wrong = BODIES.iter().find(|(name, ..)| *name == schema);
    let (_, refuse, wrong) = wrong.unwrap_or_else(|| {
        panic!("{schema} is a new body: add wrong ones to shared/src/openapi/refused.rs")
    });
    // First what is wrong for every body.
    ["[]"]
        .iter()
        .chain(*wrong)
        .map(|text| refuse(text))
        .collect()
}

/// What wrong parameters of these names are answered with.
pub(super) fn of_parameters(names: &[&str]) -> Vec<Error> {
    let mut refused = Vec::new();
    if names.contains(&"limit") {
        refused.extend(Query::<Paging>::read("limit=0").err());
    }
    if names.contains(&"cursor") {
        let read = Query::<Paging>::read("cursor=abc");
        refused.extend(
            read.and_then(|paging| paging.0.part::<(Timestamp, Uuid)>("a list"))
                .err(),
        );
    }
    if names.contains(&"status") {
        refused.extend(Query::<TaskFilter>::read("status=LATER").err());
    }
    refused
}

fn refuse<B: RequestBody>(text: &str) -> Error {
    match B::from_json(text) {
        Ok(_) => panic!("{text} is not refused: change it in shared/src/openapi/refused.rs"),
        Err(error) => error,
    }
}
