//! The mails about tasks: what they say ([`TaskMail`]) and where their button leads ([`TaskUrl`]).

mod task_url;

pub use task_url::TaskUrl;
