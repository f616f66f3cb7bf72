//! Clerk's events: what they say, and how the database follows them.
//!
//! Svix delivers each event at least once and in no order, for up to 28 hours. So an event is read into what it says of
//! *one* object and since when ([`Version`]), and [`apply`] keeps it only if nothing newer is known: any permutation of a
//! stream with any duplicates ends in the same database. Nothing that is stored depends on when it arrived.

mod event;
mod payload;
mod version;

pub use crate::queries::clerk::{Applied, apply};
pub(crate) use event::{Change, Membership, Organization, Source, User};
pub use event::{Event, Unreadable};
pub(crate) use version::Version;
