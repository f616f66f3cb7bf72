//! Tokens whose signature was found good: a client sends the same one with every request until it expires, about a minute.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::auth::Caller;

/// How many tokens are remembered. An execution environment serves one request at a time, so few are in use at once.
const MOST: usize = 64;
/// The longest token that is remembered, in bytes: with [`MOST`] it bounds the memory.
const LONGEST: usize = 4 * 1024;
/// How long a token is believed without looking at its signature again, in seconds, even if it is valid for longer: so that
/// a key that is taken back ends here too.
const LONGEST_TIME: u64 = 60;

/// The callers of tokens that were verified and are still valid, by the whole token.
#[derive(Default)]
pub(super) struct VerifiedTokens(Mutex<HashMap<Box<str>, Verified>>);

struct Verified {
    caller: Caller,
    /// The first second in which the token must be looked at again.
    until: u64,
}

/// Shows no token.
impl fmt::Debug for VerifiedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedTokens").finish_non_exhaustive()
    }
}

impl VerifiedTokens {
    /// Whose token it is, if it was verified and is valid at `now`, in seconds since the epoch.
    pub(super) fn caller(&self, token: &str, now: u64) -> Option<Caller> {
        let tokens = self.tokens();
        let verified = tokens.get(token).filter(|verified| now < verified.until)?;
        Some(verified.caller.clone())
    }

    /// Remembers a token that was just verified, until the second `expires` in which it is no longer valid.
    pub(super) fn insert(&self, token: &str, caller: &Caller, expires: u64, now: u64) {
        if token.len() > LONGEST {
            return;
        }
        let mut tokens = self.tokens();
        if tokens.len() >= MOST {
            tokens.retain(|_, verified| now < verified.until);
        }
        if tokens.len() >= MOST {
            tokens.clear();
        }
        let verified = Verified {
            caller: caller.clone(),
            until: expires.min(now + LONGEST_TIME),
        };
        tokens.insert(token.into(), verified);
    }

    fn tokens(&self) -> std::sync::MutexGuard<'_, HashMap<Box<str>, Verified>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UserId;

    fn ada() -> Caller {
        Caller {
            user_id: UserId::from("user_ada".to_owned()),
        }
    }

    #[test]
    fn a_token_is_believed_until_it_expires_and_not_longer_than_a_minute() {
        let tokens = VerifiedTokens::default();
        tokens.insert("short", &ada(), 130, 100);
        tokens.insert("long", &ada(), 4_000, 100);
        assert_eq!(tokens.caller("short", 129), Some(ada()));
        assert_eq!(tokens.caller("short", 130), None);
        assert_eq!(tokens.caller("long", 159), Some(ada()));
        assert_eq!(tokens.caller("long", 160), None);
        assert_eq!(tokens.caller("shorter", 100), None);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let tokens = VerifiedTokens::default();
        for number in 0..10 * MOST {
            tokens.insert(&format!("token {number}"), &ada(), 200, 100);
            assert!(tokens.tokens().len() <= MOST);
        }
        for (length, remembered) in [(4_096, true), (4_097, false), (5_000, false)] {
            let token = "x".repeat(length);
            tokens.insert(&token, &ada(), 200, 100);
            assert_eq!(tokens.caller(&token, 100).is_some(), remembered, "{length}");
        }
    }

    #[test]
    fn tokens_are_not_shown() {
        let tokens = VerifiedTokens::default();
        tokens.insert("eyJhbGciOi", &ada(), 200, 100);
        assert_eq!(format!("{tokens:?}"), "VerifiedTokens { .. }");
    }

    #[test]
    fn expired_tokens_make_room_first() {
        let tokens = VerifiedTokens::default();
        tokens.insert("in use", &ada(), 200, 150);
        tokens.insert("just expired", &ada(), 150, 100);
        for number in 2..MOST {
            tokens.insert(&format!("token {number}"), &ada(), 140, 100);
        }
        tokens.insert("new", &ada(), 200, 150);
        assert_eq!(tokens.caller("in use", 150), Some(ada()));
        assert_eq!(tokens.tokens().len(), 2);
    }
}
