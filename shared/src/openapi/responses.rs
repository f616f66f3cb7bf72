//! Answers that many operations may give.

use serde_json::{Map, Value, json};

use crate::Error;

/// An answer that needs no word of an operation's own.
struct Shared {
    /// The name of its component.
    name: &'static str,
    description: &'static str,
    error: fn() -> Error,
}

const SHARED: [Shared; 5] = [
    Shared {
        name: "Unauthorized",
        description: "The session token is missing, expired or not one of this system's",
        error: || Error::unauthorized(""),
    },
    Shared {
        name: "BodyTooLarge",
        description: "The body is over 256 KiB",
        error: Error::body_too_large,
    },
    Shared {
        name: "TooManyResults",
        description: "More than fits into one answer: use `limit`",
        error: Error::too_many_results,
    },
    Shared {
        name: "InternalError",
        description: "Something is wrong on our side; `x-request-id` finds it in the log",
        error: || Error::internal(""),
    },
    Shared {
        name: "Unavailable",
        description: "The database is away for the moment: try again after `retry-after` seconds",
        error: || Error::unavailable(""),
    },
];

/// The components.
pub(super) fn shared() -> Value {
    let responses = SHARED.iter().map(|shared| {
        let mut response = json!({"description": shared.description});
        add_examples(&mut response, &[(String::new(), (shared.error)())]);
        (shared.name.to_owned(), response)
    });
    Value::Object(responses.collect())
}

/// A reference to one of them.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/responses/{name}")})
}

/// Lets a response show these errors, each by its name (an only one may have none), and the headers that they have.
pub(super) fn add_examples(response: &mut Value, errors: &[(String, Error)]) {
    let status = errors[0].1.status();
    let body = |error: &Error| serde_json::to_value(error.body()).expect("an error is plain data");
    let content = &mut response["content"]["application/json"];
    content["schema"] = json!({"$ref": "#/components/schemas/ErrorBody"});
    match errors {
        [(name, error)] if name.is_empty() => content["example"] = body(error),
        named => {
            let examples: Map<String, Value> = named
                .iter()
                .map(|(name, error)| {
                    let body = body(error);
                    (
                        name.clone(),
                        json!({"summary": body["message"], "value": body}),
                    )
                })
                .collect();
            content["examples"] = Value::Object(examples);
        }
    }
    let header = match status.as_u16() {
        401 => (
            "www-authenticate",
            json!({"schema": {"type": "string", "enum": ["Bearer"]}}),
        ),
        429 | 503 => (
            "retry-after",
            json!({"description": "After how many seconds to try again", "schema": {"type": "integer", "minimum": 1}}),
        ),
        _ => return,
    };
    response["headers"] = json!({header.0: header.1});
}
