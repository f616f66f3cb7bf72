//! `routes`: what a request takes, of each operation of the API.

mod operations;
mod tables;

use cairn_dev::progress::Progress;
use serde_json::json;

use super::measure::{Measured, measure};
use super::report::Section;
use super::sides::Side;
use super::stage::Stage;
use super::targets::Answer;

/// An operation with what was measured of it, on each side.
struct Row {
    name: String,
    function: String,
    answer: Answer,
    sides: Vec<Measured>,
}

/// Measures every operation.
pub async fn run(stage: &Stage) -> anyhow::Result<Section> {
    let mut rows = Vec::new();
    let mut step = Progress::new().step("Measuring routes");
    for operation in operations::all() {
        if !stage.wants(operation.name) {
            continue;
        }
        step.tell(operation.name);
        let case = operation.case(stage)?;
        let measured = measure(stage, &[&case]).await?;
        rows.push(Row {
            name: case.name.clone(),
            function: case.function()?.to_owned(),
            answer: operation.answer,
            sides: measured.into_iter().flatten().collect(),
        });
    }
    step.done();
    let figures: Vec<_> = rows
        .iter()
        .map(|row| json!({"route": row.name, "function": row.function, "sides": row.sides}))
        .collect();
    let labels: Vec<_> = stage.sides.iter().map(Side::label).collect();
    let tables = tables::of(&rows, &labels);
    Ok(Section::new(
        "routes",
        tables,
        json!({"labels": labels, "rows": figures}),
    ))
}
