//! The mails about tasks: what they say ([`TaskMail`]) and where their button leads ([`TaskUrl`]).
//!
//! What a mail looks like stands in `templates/mail`.

mod mailer;
mod sender;
mod task_mail;
mod task_url;
mod wording;

pub use mailer::{Mailer, Unsent};
pub(crate) use sender::is_sender;
pub use task_mail::{MailKind, Rendered, TaskMail};
pub use task_url::TaskUrl;
