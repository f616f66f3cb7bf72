//! Idempotency without a table: with an `Idempotency-Key` the new row's id is computed from the user, what is created and
//! the key, so that a repetition meets the row that is there.

use axum::extract::FromRequestParts;
use http::request::Parts;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use uuid::Uuid;

use crate::Error;
use crate::auth::Caller;

const HEADER: &str = "idempotency-key";
const LONGEST: usize = 255;
/// The namespace of ids made from keys.
const NAMESPACE: Uuid = Uuid::from_u128(0x0193_6f30_5b1e_7a62_9f04_c3d8_e7a6_1b5d);

/// The request's `Idempotency-Key`, if it has one; 400 if it is not 1–255 printable ASCII characters.
#[derive(Debug)]
pub struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    /// The id of what is to be created: `what` in `parent` (the workspace, project or task it belongs to).
    pub fn new_id(&self, caller: &Caller, what: &str, parent: &str) -> Uuid {
        match &self.0 {
            Some(key) => {
                let name = [caller.user_id.as_str(), what, parent, key].join("\0");
                Uuid::new_v5(&NAMESPACE, name.as_bytes())
            }
            None => Uuid::now_v7(),
        }
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .min_length(Some(1))
            .max_length(Some(LONGEST))
            .pattern(Some("^[ -~]+$"));
        let parameter = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "The same key of the same user makes one thing, and answers with it again",
            ))
            .schema(Some(schema))
            .example(Some("b4f0c2a1-6d3e-4b6f-9a51-0c1d2e3f4a5b".into()))
            .build();
        vec![parameter]
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        let Some(key) = parts.headers.get(HEADER) else {
            return Ok(Self(None));
        };
        let key = key.as_bytes();
        let printable = key.iter().all(|byte| matches!(byte, b' '..=b'~'));
        match std::str::from_utf8(key) {
            Ok(key) if printable && (1..=LONGEST).contains(&key.len()) => {
                Ok(Self(Some(key.to_owned())))
            }
            _ => Err(Error::invalid(
                "Idempotency-Key",
                format!("must be 1 to {LONGEST} printable characters"),
            )),
        }
    }
}
