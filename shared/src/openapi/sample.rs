//! An example of what a schema describes, put together from the examples of its parts.

use serde_json::{Map, Value};

use super::schemas::referred;

/// An example of what `schema` describes, with whatever it requires.
pub(super) fn of(schema: &Value, schemas: &Map<String, Value>) -> Value {
    if let Some(example) = schema["examples"].get(0) {
        return example.clone();
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return of(referred(reference, schemas), schemas);
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Value::Null;
        for part in parts {
            whole = with(whole, &of(part, schemas));
        }
        return whole;
    }
    if let Some(first) = schema["oneOf"].get(0).or_else(|| schema["anyOf"].get(0)) {
        return of(first, schemas);
    }
    match schema["type"].as_str() {
        Some("object") => object(schema, schemas),
        Some("array") => Value::Array(vec![of(&schema["items"], schemas)]),
        Some("null") => Value::Null,
        _ => panic!("give this field an `example` in its type's `#[schema(…)]`: {schema}"),
    }
}

fn object(schema: &Value, schemas: &Map<String, Value>) -> Value {
    let required = schema["required"].as_array().into_iter().flatten();
    let fields = required.filter_map(Value::as_str);
    fields
        .map(|field| {
            let value = of(&schema["properties"][field], schemas);
            (field.to_owned(), value)
        })
        .collect()
}

/// `value`, with what `given` says instead: of an object field by field.
pub(super) fn with(value: Value, given: &Value) -> Value {
    match (value, given) {
        (Value::Object(mut object), Value::Object(fields)) => {
            for (field, given) in fields {
                let value = object.remove(field).unwrap_or_default();
                object.insert(field.clone(), with(value, given));
            }
            Value::Object(object)
        }
        (_, given) => given.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{of, with};

    #[test]
    fn an_example_has_what_is_required_from_the_examples_of_the_parts() {
        let Value::Object(schemas) = json!({
            "Id": {"type": "string", "examples": ["7"]},
            "Kind": {"type": "string", "enum": ["BUG", "TASK"]},
            "Base": {
                "type": "object",
                "required": ["id", "kind"],
                "properties": {
                    "id": {"$ref": "#/components/schemas/Id"},
                    "kind": {"$ref": "#/components/schemas/Kind"},
                    "left_out": {"type": "string"},
                },
            },
        }) else {
            unreachable!("it is an object")
        };
        let schema = json!({
            "allOf": [
                {"$ref": "#/components/schemas/Base"},
                {
                    "type": "object",
                    "required": ["others", "end", "parent"],
                    "properties": {
                        "others": {"type": "array", "items": {"$ref": "#/components/schemas/Id"}},
                        "end": {"oneOf": [{"type": "string", "examples": ["2027"]}, {"type": "null"}]},
                        "parent": {"$ref": "#/components/schemas/Id", "examples": ["8"]},
                    },
                },
            ],
        });
        assert_eq!(
            of(&schema, &schemas),
            json!({"id": "7", "kind": "BUG", "others": ["7"], "end": "2027", "parent": "8"})
        );
    }

    #[test]
    fn what_an_operation_says_goes_over_what_its_types_say() {
        assert_eq!(
            with(
                json!({"a": 1, "b": {"c": 2, "d": 3}}),
                &json!({"b": {"c": null}, "e": [4]})
            ),
            json!({"a": 1, "b": {"c": null, "d": 3}, "e": [4]})
        );
    }
}
