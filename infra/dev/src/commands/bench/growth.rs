//! `growth`: a page out of 100,000 tasks beside the same page out of 1,000.

use anyhow::{Context as _, ensure};
use cairn_dev::progress::Progress;
use serde_json::{Value, json};

use super::dataset::{LARGE, SMALL, lead, project};
use super::measure::{Case, Measured, measure};
use super::report::{Section, Table};
use super::request::{Asked, Expected, check};
use super::samples::times;
use super::stage::{Stage, Way};
use super::targets::{self, verdict};

/// How many pages of each kind differ from each other, where they can.
const PAGES: usize = 10;
/// The largest page, to walk with.
const STEP: usize = 100;
const PAGE: usize = 50;

/// One list, as the large project has it and the small one.
struct Pair {
    name: &'static str,
    large: Case,
    small: Case,
}

/// Measures the pages.
pub async fn run(stage: &Stage) -> anyhow::Result<Section> {
    let mut step = Progress::new().step("Measuring pages out of 100,000 tasks");
    let mut rows = Vec::new();
    for pair in pairs(stage)? {
        if !stage.wants(pair.name) {
            continue;
        }
        step.tell(pair.name);
        let measured = measure(stage, &[&pair.large, &pair.small]).await?;
        let [large, small] =
            <[_; 2]>::try_from(measured).map_err(|_| anyhow::anyhow!("two cases were measured"))?;
        rows.push((pair.name, large, small));
    }
    step.done();
    let tables = stage.sides.iter().enumerate().map(|(side, it)| {
        let title = format!(
            "Pages out of 100,000 and out of 1,000 tasks{}",
            it.suffix(&stage.sides)
        );
        table(title, &rows, side)
    });
    let tables = tables.collect();
    let figures: Vec<Value> = rows
        .iter()
        .map(|(name, large, small)| json!({"page": name, "large": large, "small": small}))
        .collect();
    Ok(Section::new("growth", tables, json!(figures)))
}

fn table(title: String, rows: &[(&str, Vec<Measured>, Vec<Measured>)], side: usize) -> Table {
    let columns = [
        "page",
        "p50 of 100,000, ms",
        "of 1,000",
        "ratio",
        "PostgreSQL's CPU of 100,000, ms",
        "of 1,000",
        "ratio",
        "target",
    ];
    let head = columns.map(str::to_owned).to_vec();
    let mut table = Table::new(title, head);
    for (name, large, small) in rows {
        let (large, small) = (large[side].plain, small[side].plain);
        let worst =
            (large.p50_ms / small.p50_ms).max(large.database_cpu_ms / small.database_cpu_ms);
        table.push(vec![
            (*name).to_owned(),
            format!("{:.2}", large.p50_ms),
            format!("{:.2}", small.p50_ms),
            times(large.p50_ms, small.p50_ms),
            format!("{:.3}", large.database_cpu_ms),
            format!("{:.3}", small.database_cpu_ms),
            times(large.database_cpu_ms, small.database_cpu_ms),
            format!(
                "≤ {} {}",
                targets::TIMES_GROWTH,
                verdict(worst, targets::TIMES_GROWTH)
            ),
        ]);
    }
    table
}

fn pairs(stage: &Stage) -> anyhow::Result<Vec<Pair>> {
    let list = |query: &'static str, count| {
        let of = |number| {
            let path = format!("{}?{query}", path_of(number));
            page(stage, &lead(number), &[path], count)
        };
        anyhow::Ok((of(LARGE)?, of(SMALL)?))
    };
    let (first_large, first_small) = list("limit=50", PAGE)?;
    let (some_large, some_small) = list("status=TODO&limit=50", PAGE)?;
    let (rare_large, rare_small) = list("status=DONE&limit=10", 10)?;
    let mine = ["/api/tasks/mine?limit=50".to_owned()];
    Ok(vec![
        Pair {
            name: "the first 50 tasks of a project",
            large: first_large,
            small: first_small,
        },
        Pair {
            name: "50 tasks in the middle",
            large: middle(stage, LARGE, 100_000)?,
            small: middle(stage, SMALL, 1_000)?,
        },
        Pair {
            name: "50 tasks with a status that half of them have",
            large: some_large,
            small: some_small,
        },
        Pair {
            name: "10 tasks with a status that one in a hundred has",
            large: rare_large,
            small: rare_small,
        },
        Pair {
            name: "50 tasks of one's own",
            large: page(stage, "user_busy", &mine, PAGE)?,
            small: page(stage, "user_calm", &mine, PAGE)?,
        },
    ])
}

fn path_of(number: usize) -> String {
    format!("/api/tasks/project/{}/tasks", project(number))
}

/// Pages that one person asks for.
fn page(stage: &Stage, who: &str, paths: &[String], count: usize) -> anyhow::Result<Case> {
    let requests: Vec<Asked> = paths
        .iter()
        .cycle()
        .take(PAGES)
        .map(|path| get(stage, who, path))
        .collect();
    Case::of(who, &requests, Expected::list("/data/items", count))
}

fn get(stage: &Stage, who: &str, path: &str) -> Asked {
    Asked {
        method: "GET",
        path: path.to_owned(),
        token: Some(stage.token(who)),
        body: Value::Null,
    }
}

/// Pages around the middle of a project, whose cursors one gets by walking there.
fn middle(stage: &Stage, number: usize, tasks: usize) -> anyhow::Result<Case> {
    let who = lead(number);
    let mut function = stage.spawn(0, "tasks", Way::Plain)?;
    let mut cursor = String::new();
    let mut paths = Vec::new();
    let first = tasks / 2 / STEP;
    let last = (first + PAGES).min(tasks / STEP - 1);
    for position in 0..last {
        let path = format!("{}?limit={STEP}{cursor}", path_of(number));
        let answered = function.invoke(&get(stage, &who, &path).event(false)?.json)?;
        let answer = check(&answered.body, Expected::list("/data/items", STEP))?.json;
        let next = answer["data"]["nextCursor"].as_str();
        cursor = format!("&cursor={}", next.context("the list ended early")?);
        if position + 1 >= first {
            paths.push(format!("{}?limit={PAGE}{cursor}", path_of(number)));
        }
    }
    ensure!(!paths.is_empty(), "the list has no middle");
    page(stage, &who, &paths, PAGE)
}
