//! The dashboard: its text is JSON inside YAML, which no validator looks into.

use serde_json::Value;

use super::{counted_metrics, functions, resources, template};

/// The dashboard as it is shown, in a stage `dev`.
fn dashboard() -> Value {
    let template = template();
    let dashboards = resources(&template, "AWS::CloudWatch::Dashboard");
    let [(_, dashboard)] = dashboards[..] else {
        panic!("one dashboard");
    };
    let serde_yaml_ng::Value::Tagged(body) = &dashboard["DashboardBody"] else {
        panic!("its body names the stage");
    };
    let body = body
        .value
        .as_str()
        .expect("a text")
        .replace("${StageName}", "dev")
        .replace("${AWS::Region}", "eu-central-1")
        .replace("${Api}", "a1b2c3d4");
    assert!(
        !body.contains("${"),
        "a variable that this test does not know"
    );
    serde_json::from_str(&body).expect("the dashboard's body is JSON")
}

/// The rows of a widget, written out: `.` is what stands above, `...` all that stands above but the end.
fn rows(widget: &Value) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in widget["properties"]["metrics"].as_array().expect("metrics") {
        let texts: Vec<&str> = row
            .as_array()
            .expect("a row")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let above = rows.last().cloned().unwrap_or_default();
        let written_out = match texts[..] {
            // An expression.
            [] => continue,
            ["..."] => above,
            ["...", ref end @ ..] => {
                let kept = above.len() - end.len();
                let end = end.iter().map(|text| (*text).to_owned());
                above[..kept].iter().cloned().chain(end).collect()
            }
            ref all => {
                let at = |(place, text): (usize, &&str)| {
                    if *text == "." {
                        above[place].clone()
                    } else {
                        (*text).to_owned()
                    }
                };
                all.iter().enumerate().map(at).collect()
            }
        };
        rows.push(written_out);
    }
    rows
}

fn expressions(widget: &Value) -> Vec<&str> {
    let rows = widget["properties"]["metrics"].as_array().expect("metrics");
    rows.iter()
        .filter_map(|row| row[0]["expression"].as_str())
        .collect()
}

/// What stands between `before` and `after`.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).expect("it is there").1;
    rest.split_once(after).expect("it ends").0
}

#[test]
fn the_dashboard_shows_metrics_that_are_counted_of_functions_that_exist() {
    let counted = counted_metrics();
    let template = template();
    let names: Vec<String> = functions(&template)
        .into_iter()
        .filter_map(|(_, function)| function["Metadata"]["BuildProperties"]["Binary"].as_str())
        .map(|binary| format!("cairn-dev-{binary}"))
        .collect();
    let dashboard = dashboard();
    let mut ours = Vec::new();
    for widget in dashboard["widgets"].as_array().expect("widgets") {
        let title = &widget["properties"]["title"];
        for row in rows(widget) {
            let [namespace, metric, dimensions @ ..] = &row[..] else {
                panic!("{title}: {row:?}");
            };
            assert!(dimensions.len() % 2 == 0, "{title}: {row:?}");
            for dimension in dimensions.chunks(2) {
                let is_function = dimension[0] == "FunctionName";
                assert!(
                    !is_function || names.contains(&dimension[1]),
                    "{title}: there is no function {}",
                    dimension[1]
                );
            }
            if namespace == "Cairn" {
                ours.push(metric.clone());
            }
        }
        for expression in expressions(widget) {
            assert!(expression.starts_with("SEARCH('{Cairn,FunctionName,"));
            assert!(expression.len() < 1024, "{title}: too long for CloudWatch");
            ours.push(between(expression, "MetricName=\"", "\"").to_owned());
            let searched = between(expression, "FunctionName=(", ")");
            for name in searched.split(" OR ") {
                let known = names.iter().any(|known| format!("\"{known}\"") == name);
                assert!(known, "{title}: there is no function {name}");
            }
        }
    }
    for metric in &ours {
        assert!(counted(metric), "nothing counts {metric} of the dashboard");
    }
    for wanted in [
        "Requests",
        "RequestDuration",
        "ServerErrors",
        "OutboxOldestSeconds",
        "Deliveries",
        "ReminderLatenessSeconds",
        "SyncLagSeconds",
        "SyncEvents",
        "ScheduleMade",
    ] {
        assert!(ours.iter().any(|shown| shown == wanted), "{wanted}");
    }
}

#[test]
fn the_widgets_do_not_lie_over_each_other() {
    let dashboard = dashboard();
    let mut taken = std::collections::BTreeSet::new();
    for widget in dashboard["widgets"].as_array().expect("widgets") {
        let [x, y, width, height] =
            ["x", "y", "width", "height"].map(|side| widget[side].as_u64().expect("a number"));
        assert!(x + width <= 24, "a dashboard has 24 columns: {widget}");
        for cell in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
            assert!(taken.insert(cell), "{widget} lies over another one");
        }
    }
}
