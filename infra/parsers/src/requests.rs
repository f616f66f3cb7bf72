//! Bodies and parameters of requests: what is read can be stored and is no longer than it may be; what is not is answered 400, in
//! words of ours.

use std::fmt::Debug;

use axum::extract::FromRequestParts as _;
use http::{Request, StatusCode, Uri};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use shared::Error;
use shared::http::{Query, RequestBody};
use shared::input::Slug;
use shared::paging::Paging;
use shared::queries::comments::CommentInput;
use shared::queries::projects::{
    AddProjectMember, NewProject, NewProjectInWorkspace, ProjectPatch,
};
use shared::queries::tasks::{NewTask, TaskFilter, TaskPatch, TasksToDelete};
use shared::queries::workspaces::{
    AddWorkspaceMember, NewWorkspace, WorkspaceMemberPatch, WorkspacePatch,
};

use crate::cursors::Named;
use crate::now::now;
use crate::tokens::status;
use crate::{MARK, holds_nul};

/// How long a field may be, in characters.
type Longest = (&'static str, usize);

const NAME: Longest = ("name", 200);
const TITLE: Longest = ("title", 200);
const DESCRIPTION: Longest = ("description", 10_000);
const MESSAGE: Longest = ("message", 10_000);
const SLUG: Longest = ("slug", 64);
const EMAIL: Longest = ("email", 320);
const TEAM_LEAD: Longest = ("team_lead", 320);
const IMAGE_URL: Longest = ("image_url", 2_048);

/// As a body of any operation, the text is read or refused as it should be.
pub fn body_is_read_or_refused(text: &str) {
    let workspace = [NAME, SLUG, DESCRIPTION, IMAGE_URL];
    let project = [NAME, DESCRIPTION, TEAM_LEAD];
    let task = [TITLE, DESCRIPTION];
    body::<NewWorkspace>(text, &workspace);
    body::<WorkspacePatch>(text, &workspace);
    body::<AddWorkspaceMember>(text, &[EMAIL, MESSAGE]);
    body::<WorkspaceMemberPatch>(text, &[]);
    body::<NewProject>(text, &project);
    body::<NewProjectInWorkspace>(text, &project);
    body::<ProjectPatch>(text, &project);
    body::<AddProjectMember>(text, &[EMAIL]);
    body::<NewTask>(text, &task);
    body::<TaskPatch>(text, &task);
    body::<TasksToDelete>(text, &[]);
    body::<CommentInput>(text, &[MESSAGE]);
}

fn body<T: RequestBody + Debug>(text: &str, fields: &[Longest]) {
    if !is_read(T::from_json(text)) {
        return;
    }
    let given: Map<String, Value> = serde_json::from_str(text).expect("what is read is an object");
    for (name, most) in fields {
        let text = given.get(*name).and_then(Value::as_str).unwrap_or_default();
        assert!(text.trim().chars().count() <= *most, "{name} is too long");
    }
}

/// As the parameters of any list, the text is read or refused as it should be.
pub fn query_is_read_or_refused(text: &str) {
    if let Some(filter) = parameters::<TaskFilter>(text) {
        is_read(filter);
    }
    // A cursor is looked at when it is known which list it should be of.
    if let Some(paging) = parameters::<Paging>(text) {
        is_read(paging.and_then(|paging| paging.part::<Named>("all")));
    }
}

/// What the functions read; nothing if no such address can be sent.
fn parameters<T: DeserializeOwned>(text: &str) -> Option<Result<T, Error>> {
    let uri = Uri::try_from(format!("/?{text}")).ok()?;
    let request = Request::builder().uri(uri).body(());
    let (mut parts, ()) = request.expect("a request").into_parts();
    let read = now(Query::from_request_parts(&mut parts, &()));
    Some(read.map(|Query(parameters)| parameters))
}

/// Whether it was read, and not refused.
fn is_read<T: Debug>(read: Result<T, Error>) -> bool {
    match read {
        Ok(value) => {
            let read = format!("{value:?}");
            assert!(!holds_nul(&read), "cannot be stored: {read}");
            true
        }
        Err(error) => {
            assert_eq!(status(&error), StatusCode::BAD_REQUEST);
            let told = format!("{error:?}");
            assert!(!told.contains(MARK), "quoted: {told}");
            false
        }
    }
}

/// Whatever a workspace and its id are called, the slug that is made of them is one.
pub fn slug_is_one(name: &str, id: &str) {
    let slug = Slug::of(name, id).into_string();
    serde_json::from_value::<Slug>(Value::from(slug)).expect("a slug that was made is one");
}

/// The input is the body or the parameters, or a workspace's name and id.
pub fn holds(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    body_is_read_or_refused(text);
    query_is_read_or_refused(text);
    let (name, id) = text.split_once('\n').unwrap_or((text, ""));
    slug_is_one(name, id);
}
