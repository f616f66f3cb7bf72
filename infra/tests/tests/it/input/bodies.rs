//! Every body of the contract, and what each of its fields may be.

use cairn_tests::{User, World};
use serde_json::{Value, json};

/// What a field may hold; from it follow the values that must be refused.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text of 1 to this many characters.
    Text(usize),
    /// Text of at most this many characters, which may be blank.
    BlankText(usize),
    Slug,
    /// Something to look people up by: any text is well formed.
    Email,
    Emails,
    /// An id in the body: any text is well formed.
    Id,
    Enum,
    Date,
    Number,
    Flag,
    TimeZone,
    TimeOfDay,
}

use Kind::{
    BlankText, Date, Email, Emails, Enum, Flag, Id, Number, Slug, Text, TimeOfDay, TimeZone,
};

impl Kind {
    /// Values that no field of this kind takes.
    pub fn wrong(self) -> Vec<Value> {
        let texts = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect::<Vec<_>>();
        let mut wrong = match self {
            Text(longest) => vec![
                json!(""),
                json!(" \n "),
                json!("é".repeat(longest + 1)),
                json!("a\0b"),
                json!(5),
            ],
            BlankText(longest) => vec![json!("é".repeat(longest + 1)), json!("a\0b"), json!(5)],
            Slug => {
                let mut wrong =
                    texts(&["", "Upper", "with space", "ümlaut", "under_score", "a\0b"]);
                wrong.extend([json!("a".repeat(65)), json!(5)]);
                wrong
            }
            Email => vec![json!("a\0b"), json!(5)],
            Emails => vec![json!("a@example.com"), json!(5)],
            Id => vec![json!(5)],
            Enum => vec![json!("WRONG"), json!(""), json!("low"), json!(5), json!(0)],
            Date => {
                let mut wrong = texts(&[
                    "tomorrow",
                    "2030-02-31",
                    "2030-02-31T10:00:00Z",
                    "2030-13-01",
                    "0000-01-01",
                    "300000-01-01",
                    "+300000-01-01T00:00:00Z",
                    "2030-01-01T25:00:00Z",
                    "2030-01-01T10:00:00",
                    "1893456000000",
                ]);
                wrong.push(json!(1_893_456_000_000_u64));
                wrong
            }
            Number => vec![json!("50"), json!("")],
            Flag => vec![json!("true"), json!(1), json!("")],
            TimeZone => vec![json!("Mars/Olympus"), json!(""), json!("a\0b"), json!(5)],
            TimeOfDay => vec![
                json!("25:00"),
                json!("8:00"),
                json!("08:60"),
                json!("08:00:00"),
                json!(""),
                json!(8),
            ],
        };
        wrong.push(json!({"a": 1}));
        // A list is wrong by its elements, which have paths of their own.
        if !matches!(self, Emails) {
            wrong.push(json!([1]));
        }
        if !matches!(self, Flag) {
            wrong.push(json!(true));
        }
        wrong
    }
}

/// A field: its name (with dots for fields inside of objects), what it may be, and whether it may be missing or null.
pub struct Field(pub &'static str, pub Kind, pub Missing, pub Null);

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Missing {
    Allowed,
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Null {
    Allowed,
    Refused,
}

/// A request with a body: who sends it, where, a body that is accepted, and its fields.
pub struct Operation<'a> {
    pub user: &'a User,
    pub method: &'static str,
    pub path: String,
    pub valid: Value,
    pub fields: Vec<Field>,
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub fn operations(world: &World) -> Vec<Operation<'_>> {
    use Missing::{Allowed as Optional, Refused as Required};
    use Null::{Allowed as Nullable, Refused as NotNull};
    let World {
        workspace,
        project,
        task,
        comment,
        ..
    } = world;
    let (owner, lead, author) = (&world.owner, &world.lead, &world.project_member);
    let workspace_path = format!("/api/workspace/{workspace}");
    let project_path = format!("/api/projects/{project}");
    let project_fields = |missing| {
        vec![
            Field("name", Text(200), missing, NotNull),
            Field("description", BlankText(10_000), Optional, Nullable),
            Field("status", Enum, Optional, NotNull),
            Field("priority", Enum, Optional, NotNull),
            Field("progress", Number, Optional, NotNull),
            Field("start_date", Date, Optional, Nullable),
            Field("end_date", Date, Optional, Nullable),
            Field("team_lead", Email, missing, NotNull),
        ]
    };
    let with_members = |mut fields: Vec<Field>| {
        fields.push(Field("team_members", Emails, Optional, NotNull));
        fields
    };
    let task_fields = |missing| {
        vec![
            Field("title", Text(200), missing, NotNull),
            Field("description", BlankText(10_000), Optional, Nullable),
            Field("type", Enum, Optional, NotNull),
            Field("status", Enum, Optional, NotNull),
            Field("priority", Enum, Optional, NotNull),
            Field("assigneeId", Id, missing, NotNull),
            Field("due_date", Date, missing, NotNull),
        ]
    };
    let message = || vec![Field("message", Text(10_000), Required, NotNull)];
    let new_project = json!({"name": "New", "team_lead": lead.email});
    let mut new_project_in_body = new_project.clone();
    new_project_in_body["workspaceId"] = json!(workspace);
    let mut operations = vec![
        Operation {
            user: owner,
            method: "POST",
            path: "/api/workspace".to_owned(),
            valid: json!({"name": "New"}),
            fields: vec![
                Field("name", Text(200), Required, NotNull),
                Field("slug", Slug, Optional, Nullable),
                Field("description", BlankText(10_000), Optional, Nullable),
                Field("image_url", BlankText(2_048), Optional, Nullable),
            ],
        },
        Operation {
            user: owner,
            method: "PATCH",
            path: workspace_path.clone(),
            valid: json!({"name": "Newer", "settings": {}}),
            fields: vec![
                Field("name", Text(200), Optional, NotNull),
                Field("slug", Slug, Optional, NotNull),
                Field("description", BlankText(10_000), Optional, Nullable),
                Field("image_url", BlankText(2_048), Optional, Nullable),
                Field("settings.timezone", TimeZone, Optional, NotNull),
                Field("settings.reminder_time", TimeOfDay, Optional, NotNull),
                Field("settings.admins_manage_projects", Flag, Optional, NotNull),
            ],
        },
        Operation {
            user: owner,
            method: "POST",
            path: "/api/workspace/add-member".to_owned(),
            valid: json!({"email": world.bystander.email, "role": "MEMBER", "workspaceId": workspace}),
            fields: vec![
                Field("email", Email, Required, NotNull),
                Field("role", Enum, Required, NotNull),
                Field("workspaceId", Id, Required, NotNull),
                Field("message", BlankText(10_000), Optional, Nullable),
            ],
        },
        Operation {
            user: owner,
            method: "PATCH",
            path: format!("{workspace_path}/members/{}", world.bystander.id),
            valid: json!({"role": "MEMBER"}),
            fields: vec![Field("role", Enum, Required, NotNull)],
        },
        Operation {
            user: owner,
            method: "POST",
            path: "/api/projects".to_owned(),
            valid: new_project_in_body,
            fields: {
                let mut fields = with_members(project_fields(Required));
                fields.push(Field("workspaceId", Id, Required, NotNull));
                fields
            },
        },
        Operation {
            user: owner,
            method: "POST",
            path: format!("/api/projects/workspace/{workspace}"),
            valid: new_project,
            fields: with_members(project_fields(Required)),
        },
        Operation {
            user: lead,
            method: "POST",
            path: format!("{project_path}/add-member"),
            valid: json!({"email": world.workspace_member.email}),
            fields: vec![Field("email", Email, Required, NotNull)],
        },
        Operation {
            user: lead,
            method: "POST",
            path: format!("/api/tasks/project/{project}/tasks"),
            valid: json!({"title": "New", "assigneeId": lead.id, "due_date": "2030-01-01"}),
            fields: task_fields(Required),
        },
        Operation {
            user: author,
            method: "POST",
            path: format!("/api/tasks/{task}/comments"),
            valid: json!({"message": "New"}),
            fields: message(),
        },
        Operation {
            user: author,
            method: "PATCH",
            path: format!("/api/comments/{comment}"),
            valid: json!({"message": "Newer"}),
            fields: message(),
        },
    ];
    for method in ["PATCH", "PUT"] {
        operations.push(Operation {
            user: lead,
            method,
            path: project_path.clone(),
            valid: json!({"name": "Newer"}),
            fields: project_fields(Optional),
        });
        operations.push(Operation {
            user: lead,
            method,
            path: format!("/api/tasks/{task}"),
            valid: json!({"title": "Newer"}),
            fields: task_fields(Optional),
        });
    }
    operations
}
