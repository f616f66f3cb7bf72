//! Objects inside others.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// A `T` inside an item of an answer.
#[derive(Clone, Debug)]
pub(crate) enum Nested<T> {
    /// This item's own.
    Own(T),
    /// One that many items hold: written as JSON once.
    Shared(Arc<RawValue>),
}

impl<T: Serialize> Nested<T> {
    /// For many items: clones are cheap.
    pub(crate) fn shared(value: &T) -> Self {
        let json = to_raw_value(value).expect("what answers hold is plain data");
        Self::Shared(json.into())
    }
}

impl<T: Serialize> Serialize for Nested<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Own(value) => value.serialize(serializer),
            Self::Shared(json) => json.serialize(serializer),
        }
    }
}
