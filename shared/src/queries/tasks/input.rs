//! What clients send about tasks.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use utoipa::{IntoParams, ToSchema};

use crate::Error;
use crate::db::Call;
use crate::http::{RequestBody, read_json};
use crate::input::{
    Description, InputDate, Name, Text, date_unless_blank, given, nullable, optional_date, too_many,
};
use crate::model::{Priority, TaskId, TaskStatus, TaskType, UserId};

/// How many tasks can be deleted at once.
const MOST_TASKS: usize = 500;

const MESSAGES: &[(&str, &str)] = &[
    ("title", "Title is required"),
    ("due_date", "Valid due date is required"),
];

/// A task to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"title": "Show delays in the timetable", "type": "FEATURE", "priority": "HIGH", "assigneeId": "user_bruno", "due_date": "2027-03-01T09:30:00Z"}))]
pub struct NewTask {
    /// What is to be done.
    pub title: Name,
    /// More about it.
    pub description: Option<Description>,
    /// `TASK` where it is left out.
    #[serde(default, rename = "type", deserialize_with = "given")]
    #[schema(nullable = false)]
    pub task_type: Option<TaskType>,
    /// `TODO` where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub status: Option<TaskStatus>,
    /// `MEDIUM` where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub priority: Option<Priority>,
    /// Who is to do it, someone in the project.
    #[serde(rename = "assigneeId")]
    pub assignee_id: UserId,
    /// When it is due.
    pub due_date: InputDate,
}

/// What to change of a task; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"status": "DONE"}))]
pub struct TaskPatch {
    /// What is to be done.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub title: Option<Name>,
    /// More about it; `null` clears it.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Description>)]
    pub description: Option<Option<Description>>,
    /// What kind of work it is.
    #[serde(default, rename = "type", deserialize_with = "given")]
    #[schema(nullable = false)]
    pub task_type: Option<TaskType>,
    /// Where it stands.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub status: Option<TaskStatus>,
    /// How urgent it is.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub priority: Option<Priority>,
    /// Who is to do it from now on, someone in the project; only the team lead may set another.
    #[serde(default, rename = "assigneeId", deserialize_with = "given")]
    #[schema(nullable = false)]
    pub assignee_id: Option<UserId>,
    /// When it is due; empty leaves it as it is.
    #[serde(default, deserialize_with = "date_unless_blank")]
    #[schema(nullable = false)]
    pub due_date: Option<InputDate>,
}

/// Which tasks to delete.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"taskIds": ["0d000000-0000-7000-8000-000000000009", "0d000000-0000-7000-8000-000000000010"]}))]
pub struct TasksToDelete {
    /// Tasks of one project; an id given twice counts once.
    #[serde(rename = "taskIds", deserialize_with = "task_ids")]
    #[schema(min_items = 1, max_items = 500)]
    pub task_ids: Vec<TaskId>,
}

/// Which tasks of a list to answer with.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TaskFilter {
    /// Where they stand.
    #[param(nullable = false)]
    status: Option<TaskStatus>,
    /// What kind of work they are.
    #[serde(rename = "type")]
    #[param(nullable = false)]
    task_type: Option<TaskType>,
    /// How urgent they are.
    #[param(nullable = false)]
    priority: Option<Priority>,
    /// Who is to do them.
    #[serde(rename = "assigneeId")]
    #[param(nullable = false)]
    assignee_id: Option<UserId>,
    /// Due before this instant.
    #[serde(default, rename = "dueBefore", deserialize_with = "optional_date")]
    #[param(nullable = false)]
    due_before: Option<InputDate>,
    /// Due at this instant or after it.
    #[serde(default, rename = "dueAfter", deserialize_with = "optional_date")]
    #[param(nullable = false)]
    due_after: Option<InputDate>,
    /// What stands in the title or the description, whatever its case.
    #[param(value_type = Option<String>, max_length = 200, nullable = false, example = "timetable")]
    q: Option<Text<0, 200>>,
}

impl RequestBody for NewTask {
    fn from_json(text: &str) -> Result<Self, Error> {
        read_json(text, MESSAGES)
    }
}

impl RequestBody for TaskPatch {
    fn from_json(text: &str) -> Result<Self, Error> {
        read_json(text, MESSAGES)
    }
}

impl RequestBody for TasksToDelete {
    fn from_json(text: &str) -> Result<Self, Error> {
        read_json(text, &[("taskIds", "taskIds must be a non-empty array")])
    }
}

impl TaskFilter {
    /// The statement for this filter, of one that has any status and one that has the filter's: only the latter finds the
    /// rows by an index that holds the status.
    pub(super) fn one_of(
        &self,
        any_status: &'static str,
        with_status: &'static str,
    ) -> &'static str {
        match self.status {
            Some(_) => with_status,
            None => any_status,
        }
    }

    /// The first due date that passes.
    pub(super) fn due_after(&self) -> Option<Timestamp> {
        self.due_after.as_ref().map(|InputDate(at)| *at)
    }

    /// Adds the seven filters to a statement, in the order both lists expect.
    pub(super) fn bind_to(&self, call: Call) -> Call {
        call.bind(self.status.map(TaskStatus::as_str))
            .bind(self.task_type.map(TaskType::as_str))
            .bind(self.priority.map(Priority::as_str))
            .bind(self.assignee_id.as_ref().map(UserId::param))
            .bind(self.due_before.map(|InputDate(at)| at))
            .bind(self.due_after.map(|InputDate(at)| at))
            .bind(self.q.as_ref().map(|q| q.as_str().to_owned()))
    }
}

fn task_ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<TaskId>, D::Error> {
    let mut ids = Vec::<TaskId>::deserialize(deserializer)?;
    if ids.is_empty() {
        return Err(D::Error::custom("must be a non-empty array"));
    }
    if ids.len() > MOST_TASKS {
        return Err(D::Error::custom(too_many(MOST_TASKS, "items")));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
