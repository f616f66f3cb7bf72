//! The schemas as derived from the types, made easier to read and to generate code from.

use serde_json::{Map, Value};

/// Where the schemas stand.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

/// - What `OpenAPI` 3.1 calls `examples` is called so.
/// - Texts, of which each length is a type, and truth values that are always the same are spelled out where they are used.
/// - Copies of a schema that has a name refer to it: what is derived from a generic type has copies of its arguments.
pub(super) fn tidy(schemas: &mut Map<String, Value>, paths: &mut Value) {
    let (plain, mut named): (Map<_, _>, Map<_, _>) = std::mem::take(schemas)
        .into_iter()
        .partition(|(name, _)| is_plain(name));
    let objects: Vec<(String, Value)> = named
        .iter()
        .filter(|(_, schema)| schema.get("properties").is_some() || schema.get("allOf").is_some())
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    for schema in named.values_mut() {
        each_part(schema, &mut |part| refer(part, &objects));
    }
    named.values_mut().for_each(modern);
    let spell_out = |part: &mut Value| spell_out(part, &plain);
    for schema in named.values_mut() {
        spell_out(schema);
        each_part(schema, &mut |part| spell_out(part));
    }
    each_schema_of_parameters(paths, &mut |schema| {
        modern(schema);
        spell_out(schema);
    });
    *schemas = named;
}

/// The schema that a reference leads to.
pub(super) fn referred<'s>(reference: &str, schemas: &'s Map<String, Value>) -> &'s Value {
    reference
        .strip_prefix(SCHEMAS)
        .and_then(|name| schemas.get(name))
        .unwrap_or_else(|| panic!("{reference} is no schema of the document"))
}

fn is_plain(name: &str) -> bool {
    let length = name.strip_prefix("Text");
    let is_text = length.is_some_and(|length| length.starts_with(|c: char| c.is_ascii_digit()));
    is_text || ["True", "False"].contains(&name)
}

fn refer(part: &mut Value, objects: &[(String, Value)]) {
    if let Some((name, _)) = objects.iter().find(|(_, schema)| schema == part) {
        *part = serde_json::json!({"$ref": format!("{SCHEMAS}{name}")});
    }
}

fn modern(schema: &mut Value) {
    let rename = |part: &mut Value| {
        if let Some(part) = part.as_object_mut()
            && let Some(example) = part.remove("example")
        {
            part.insert("examples".to_owned(), Value::Array(vec![example]));
        }
    };
    rename(schema);
    each_part(schema, &mut |part| rename(part));
}

fn spell_out(part: &mut Value, plain: &Map<String, Value>) {
    let Some(part) = part.as_object_mut() else {
        return;
    };
    let name = part
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| reference.strip_prefix(SCHEMAS));
    let Some(Value::Object(schema)) = name.and_then(|name| plain.get(name)) else {
        return;
    };
    part.remove("$ref");
    for (key, value) in schema {
        part.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

/// All schemas inside of a schema, outer ones first.
fn each_part(schema: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    for (key, inner) in schema {
        let parts: Vec<&mut Value> = match (key.as_str(), inner) {
            ("properties", Value::Object(properties)) => properties.values_mut().collect(),
            ("oneOf" | "anyOf" | "allOf", Value::Array(options)) => options.iter_mut().collect(),
            ("items" | "additionalProperties", inner) => vec![inner],
            _ => Vec::new(),
        };
        for part in parts {
            visit(part);
            each_part(part, visit);
        }
    }
}

fn each_schema_of_parameters(paths: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    let items = paths.as_object_mut().into_iter().flat_map(Map::values_mut);
    let operations =
        items.flat_map(|item| item.as_object_mut().into_iter().flat_map(Map::values_mut));
    let parameters = operations.flat_map(|operation| {
        operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
    });
    for parameter in parameters {
        visit(&mut parameter["schema"]);
    }
}
