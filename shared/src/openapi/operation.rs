//! What an operation's own description leaves out: answers that follow from what it takes, and examples.

use serde_json::{Map, Value, json};

use super::responses::{add_examples, reference};
use super::schemas::{SCHEMAS, referred};
use super::{refused, sample};
use crate::Error;

/// Completes the description of an operation.
///
/// An operation names the rules that may refuse it as `examples` of the response; what they answer is filled in. The example
/// of a success is that of its schema, with what the operation's own `example` says instead.
pub(super) fn complete(operation: &mut Value, schemas: &Map<String, Value>) {
    // A summary is plain text, unlike the comment it comes from.
    let summary = operation["summary"].as_str().unwrap_or_default();
    operation["summary"] = summary.replace('`', "").into();
    let parameters = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        show_parameter(parameter, schemas);
    }
    if let Some(body) = operation.get_mut("requestBody") {
        let content = &mut body["content"]["application/json"];
        content["example"] = sample::of(&content["schema"], schemas);
    }
    answers_that_follow(operation);
    let wrong_input = wrong_input(operation);
    let responses = operation["responses"].as_object_mut();
    for (status, response) in responses.into_iter().flatten() {
        if response.get("$ref").is_some() {
            continue;
        }
        if status.starts_with('2') {
            show_success(response, schemas);
        } else {
            show_failure(status, response, &wrong_input);
        }
    }
}

/// What has to be given stands in the page's form at once. What may be left out must not: a request that is tried would be
/// about the example's filter, page or key.
fn show_parameter(parameter: &mut Value, schemas: &Map<String, Value>) {
    let own = parameter
        .as_object_mut()
        .and_then(|parameter| parameter.remove("example"));
    let example = own.unwrap_or_else(|| sample::of(&parameter["schema"], schemas));
    if parameter["required"] == true {
        parameter["example"] = example;
    } else {
        parameter["schema"]["examples"] = json!([example]);
    }
}

/// Adds the answers that follow from what an operation takes and gives.
fn answers_that_follow(operation: &mut Value) {
    let signed_in = operation.get("security").is_some();
    let body = operation.get("requestBody").is_some();
    let paged = names(operation).contains(&"cursor");
    let whole_list = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        .as_str()
        .is_some_and(|reference| reference.starts_with(&format!("{SCHEMAS}Answer_Listing_")));
    let responses = &mut operation["responses"];
    let mut add = |if_so: bool, status: &str, response: Value| {
        if if_so && responses.get(status).is_none() {
            responses[status] = response;
        }
    };
    add(true, "500", reference("InternalError"));
    add(signed_in, "401", reference("Unauthorized"));
    add(signed_in, "503", reference("Unavailable"));
    add(body, "413", reference("BodyTooLarge"));
    add(whole_list, "413", reference("TooManyResults"));
    add(
        body,
        "400",
        json!({"description": "The input is wrong; `errors` names the field"}),
    );
    add(
        paged,
        "400",
        json!({"description": "A parameter is wrong; `errors` names it"}),
    );
}

fn names(operation: &Value) -> Vec<&str> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters
        .filter_map(|parameter| parameter["name"].as_str())
        .collect()
}

/// What wrong input is answered with, by the field.
fn wrong_input(operation: &Value) -> Vec<(String, Error)> {
    let body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix(SCHEMAS));
    let of_body = body.map(refused::of_body).into_iter().flatten();
    let errors = refused::of_parameters(&names(operation))
        .into_iter()
        .chain(of_body);
    errors
        .map(|error| (error.field().unwrap_or("body").to_owned(), error))
        .collect()
}

fn show_failure(status: &str, response: &mut Value, wrong_input: &[(String, Error)]) {
    let rules = response["content"]["application/json"]["examples"]
        .as_object()
        .into_iter()
        .flatten();
    let by_rule = rules.map(|(rule, _)| (rule.clone(), refused::by_rule(rule)));
    let mut errors: Vec<(String, Error)> = by_rule.collect();
    match status {
        "400" => errors.extend(wrong_input.iter().cloned()),
        "503" => errors.push((String::new(), Error::unavailable(""))),
        _ => {}
    }
    assert!(
        !errors.is_empty(),
        "name the rules that may refuse with {status} in the response's `examples`: {response}"
    );
    for (rule, error) in &errors {
        assert_eq!(error.status().as_str(), status, "what {rule} answers");
    }
    add_examples(response, &errors);
}

fn show_success(response: &mut Value, schemas: &Map<String, Value>) {
    let Some(contents) = response["content"].as_object_mut() else {
        return;
    };
    for (content_type, content) in contents {
        let own = content["example"].take();
        if content_type != "application/json" || content["schema"].get("$ref").is_none() {
            content["example"] = own;
            continue;
        }
        let schema = referred(
            content["schema"]["$ref"].as_str().unwrap_or_default(),
            schemas,
        );
        let example = sample::with(sample::of(schema, schemas), &own_or_nothing(own));
        let forms = schema["properties"]["data"]["oneOf"].as_array();
        let Some([whole, page]) = forms.map(Vec::as_slice) else {
            content["example"] = example;
            continue;
        };
        let form = |summary: &str, data: &Value| {
            let data = json!({"data": sample::of(data, schemas)});
            json!({"summary": summary, "value": sample::with(example.clone(), &data)})
        };
        content["examples"] = json!({
            "array": form("Without limit: the whole list", whole),
            "page": form("With limit or cursor: a page of it", page),
        });
        if let Some(content) = content.as_object_mut() {
            content.remove("example");
        }
    }
}

fn own_or_nothing(own: Value) -> Value {
    if own.is_null() { json!({}) } else { own }
}
