//! The objects of the HTTP contract, with the mix of `snake_case` and `camelCase` that the existing client expects.
//!
//! Ids are lenient where they come from a request: what can't be an id becomes one that nothing has, so that it is answered
//! like an unknown one, by the same statement.

mod comment;
mod enums;
mod ids;
mod nested;
mod project;
mod task;
mod time;
mod user;
mod workspace;

pub use comment::Comment;
pub use enums::{Priority, ProjectStatus, TaskStatus, TaskType, WorkspaceRole};
pub use ids::{CommentId, ProjectId, TaskId, UserId, WorkspaceId};
pub(crate) use nested::Nested;
pub use project::{
    NewProjectMember, Project, ProjectMember, ProjectMemberRow, ProjectTask, RemovedProjectMember,
};
pub use task::{Task, TaskProject, TaskWithComments};
pub use time::Time;
pub use user::{ShortUser, User};
pub use workspace::{
    NewWorkspaceMember, Owner, Settings, Workspace, WorkspaceDetails, WorkspaceMember,
};
