//! What people did today of that of which a day has only so much ([`crate::quotas`]). The statements that do it count it.

use crate::Error;
use crate::db::{Call, Database};

/// Forgets what was done before yesterday. Answers how many rows there were.
pub async fn forget_past(db: &Database) -> Result<usize, Error> {
    let forget = Call::new(include_str!("forget_past.sql"));
    Ok(db.rows(forget).await?.len())
}
