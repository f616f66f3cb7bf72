//! Objects that many items of an answer hold.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// A `T` that many items of an answer hold: written as JSON once, and shared.
pub(crate) struct Written<T> {
    json: Arc<RawValue>,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize> From<&T> for Written<T> {
    fn from(value: &T) -> Self {
        let json = to_raw_value(value).expect("what answers hold is plain data");
        Self {
            json: json.into(),
            of: PhantomData,
        }
    }
}

impl<T> Clone for Written<T> {
    fn clone(&self) -> Self {
        Self {
            json: Arc::clone(&self.json),
            of: PhantomData,
        }
    }
}

impl<T> Serialize for Written<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

impl<T> fmt::Debug for Written<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Written").field(&self.json).finish()
    }
}
