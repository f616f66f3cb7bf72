//! What template.yaml tells every function.

use std::collections::BTreeMap;

use anyhow::Context as _;
use cairn_dev::places::Places;
use serde_yaml_ng::Value;

/// The variables of all functions whose values stand in the template itself, and not in the parameters of a stage.
pub fn fixed_variables(places: &Places) -> anyhow::Result<BTreeMap<String, String>> {
    let path = places.template();
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("Cannot read {}", path.display()))?;
    let template: Value = serde_yaml_ng::from_str(&text)
        .with_context(|| format!("Cannot read {}", path.display()))?;
    let variables = template["Globals"]["Function"]["Environment"]["Variables"].as_mapping();
    let variables = variables.context("template.yaml gives all functions variables")?;
    let fixed = variables.iter().filter_map(|(name, value)| match value {
        // What refers to something else has a tag.
        Value::String(value) => Some((name.as_str()?.to_owned(), value.clone())),
        _ => None,
    });
    Ok(fixed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured_with_what_they_are_deployed_with() {
        let variables = fixed_variables(&Places::find()).expect("the template is readable");
        let names: Vec<&str> = variables.keys().map(String::as_str).collect();
        let expected = ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"];
        assert_eq!(names, expected, "of template.yaml's Globals");
    }
}
