//! `start`: from the start of a process to its first answer, with a new connection to the database, and the answers after it,
//! for which the server still has to plan.

use std::ops::RangeInclusive;
use std::time::Instant;

use anyhow::Context as _;
use cairn_dev::functions;
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use cairn_floor_order::{Order, Sent};
use serde::Serialize;
use serde_json::json;

use super::dataset::{lead, project, task};
use super::limit;
use super::measure::{Case, Recorded};
use super::process;
use super::report::{Section, Table, megabytes};
use super::request::check;
use super::samples::{Spread, ms, times};
use super::stage::{Stage, Way};
use super::targets::{self, verdict};

/// How often each process is started.
const RUNS: usize = 30;
const QUICK_RUNS: usize = 2;

/// The requests after the first: an environment of a small workspace seldom gets more of a kind.
const FOLLOWING: RangeInclusive<usize> = 2..=6;

/// What one start took, in milliseconds.
struct Start {
    next: f64,
    answer: Option<f64>,
    /// Each of [`FOLLOWING`].
    following: Vec<f64>,
    peak_mb: f64,
}

/// A function, and the first request that it gets: none for those whose first answer says nothing about the database.
struct Starter {
    function: String,
    side: usize,
    first: Option<Case>,
    /// What it sends to the database for that request.
    sent: Vec<Vec<Sent>>,
    next: Vec<f64>,
    plain: Vec<f64>,
    secured: Vec<f64>,
    following: Vec<f64>,
    floor: Vec<f64>,
    peak_mb: Vec<f64>,
}

#[derive(Serialize)]
struct Figures<'s> {
    function: &'s str,
    side: usize,
    next_ms: Spread,
    answer_ms: Option<Spread>,
    answer_with_tls_ms: Option<Spread>,
    following_ms: Option<Spread>,
    floor_ms: Option<Spread>,
    peak_mb: Spread,
}

/// Starts everything again and again, in turns.
pub async fn run(stage: &Stage, places: &Places) -> anyhow::Result<Section> {
    let mut starters = starters(stage, places).await?;
    let runs = if stage.quick { QUICK_RUNS } else { RUNS };
    let mut step = Progress::new().step("Measuring starts");
    for run in 0..runs {
        if run % 10 == 0 {
            step.tell(&format!("{run} of {runs}"));
        }
        for starter in &mut starters {
            starter
                .run(stage)
                .with_context(|| format!("{} failed", starter.function))?;
        }
    }
    step.done();
    let tables = stage.sides.iter().enumerate().map(|(side, it)| {
        let title = format!("Start of a process{}", it.suffix(&stage.sides));
        table(
            title,
            starters.iter().filter(|starter| starter.side == side),
        )
    });
    let tables = tables.collect();
    let figures: Vec<_> = starters.iter().map(Starter::figures).collect();
    Ok(Section::new("start", tables, json!(figures)))
}

async fn starters(stage: &Stage, places: &Places) -> anyhow::Result<Vec<Starter>> {
    let mut starters = Vec::new();
    for function in functions::names(places)? {
        if !stage.wants(&function) {
            continue;
        }
        for side in 0..stage.sides.len() {
            let first = first_request(stage, &function)?;
            let sent = match &first {
                Some(case) => {
                    let database = stage.connect(side).await?;
                    Recorded::of(case, stage, side, &database).await?.sent
                }
                None => Vec::new(),
            };
            starters.push(Starter {
                function: function.clone(),
                side,
                first,
                sent,
                next: Vec::new(),
                plain: Vec::new(),
                secured: Vec::new(),
                following: Vec::new(),
                floor: Vec::new(),
                peak_mb: Vec::new(),
            });
        }
    }
    Ok(starters)
}

/// A small read of each group.
fn first_request(stage: &Stage, function: &str) -> anyhow::Result<Option<Case>> {
    let path = match function {
        "docs" => "/api/health".to_owned(),
        "workspaces" => "/api/workspace".to_owned(),
        "projects" => format!("/api/projects/{}/members", project(0)),
        "tasks" => format!("/api/tasks/{}", task(0, 0)),
        "comments" => format!("/api/tasks/{}/comments", task(0, 0)),
        _ => return Ok(None),
    };
    Case::get(stage, &lead(0), &path).map(Some)
}

impl Starter {
    fn run(&mut self, stage: &Stage) -> anyhow::Result<()> {
        let first = self.first.as_ref();
        let start = |way| {
            let function = stage.spawn(self.side, &self.function, way)?;
            start(function, first)
        };
        let plain = start(Way::Plain)?;
        self.next.push(plain.next);
        self.peak_mb.push(plain.peak_mb);
        self.plain.extend(plain.answer);
        if first.is_none() {
            return Ok(());
        }
        let secured = start(Way::Secured)?;
        self.secured.extend(secured.answer);
        self.following.extend(secured.following);
        let root = Case::get(stage, &lead(0), "/")?;
        let least = start_of_floor(stage.spawn_bare()?, &root)?;
        let order = Order {
            url: stage.url(self.side, Way::Secured),
            authority: Some(stage.server.authority()),
            requests: self.sent.clone(),
            queue: None,
        };
        self.floor
            .push(least + ms(limit::connect(&stage.floor, &order)?));
        Ok(())
    }

    fn figures(&self) -> Figures<'_> {
        let spread = |values: &[f64]| (!values.is_empty()).then(|| Spread::of(values));
        Figures {
            function: &self.function,
            side: self.side,
            next_ms: Spread::of(&self.next),
            answer_ms: spread(&self.plain),
            answer_with_tls_ms: spread(&self.secured),
            following_ms: spread(&self.following),
            floor_ms: spread(&self.floor),
            peak_mb: Spread::of(&self.peak_mb),
        }
    }
}

fn start_of_floor(function: super::function::Function, case: &Case) -> anyhow::Result<f64> {
    start(function, Some(case))?
        .answer
        .context("it has answered")
}

fn start(mut function: super::function::Function, first: Option<&Case>) -> anyhow::Result<Start> {
    function.wait_until_ready()?;
    let next = since(function.spawned());
    let mut answer = None;
    let mut following = Vec::new();
    if let Some(case) = first {
        let answered = function.invoke(&case.events[0].json)?;
        answer = Some(ms(u64::try_from(
            (answered.at - function.spawned()).as_nanos(),
        )?));
        check(&answered.body, case.expected)?;
        for _ in FOLLOWING {
            let answered = function.invoke(&case.events[0].json)?;
            check(&answered.body, case.expected)?;
            following.push(ms(u64::try_from(answered.took.as_nanos())?));
        }
    }
    Ok(Start {
        next,
        answer,
        following,
        peak_mb: megabytes(process::memory(function.process())?.peak),
    })
}

fn since(moment: Instant) -> f64 {
    ms(u64::try_from(moment.elapsed().as_nanos()).unwrap_or(u64::MAX))
}

fn table<'s>(title: String, starters: impl Iterator<Item = &'s Starter>) -> Table {
    let columns = [
        "function, ms",
        "first `/next`",
        "first answer",
        "first answer, TLS",
        "floor",
        "TLS / floor",
        "target",
        "requests 2 to 6, TLS",
        "memory, MB",
    ];
    let mut table = Table::new(title, columns.map(str::to_owned).to_vec());
    for starter in starters {
        let figures = starter.figures();
        let shown = |spread: Option<Spread>| {
            spread.map_or_else(|| "–".to_owned(), |spread| spread.to_string())
        };
        let judged = match (figures.answer_with_tls_ms, figures.floor_ms) {
            (Some(answer), Some(floor)) => {
                let ratio = answer.median / floor.median;
                [
                    times(answer.median, floor.median),
                    format!(
                        "≤ {} {}",
                        targets::TIMES_START,
                        verdict(ratio, targets::TIMES_START)
                    ),
                ]
            }
            _ => ["–".to_owned(), "–".to_owned()],
        };
        let [ratio, target] = judged;
        table.push(vec![
            figures.function.to_owned(),
            figures.next_ms.to_string(),
            shown(figures.answer_ms),
            shown(figures.answer_with_tls_ms),
            shown(figures.floor_ms),
            ratio,
            target,
            shown(figures.following_ms),
            format!("{:.1}", figures.peak_mb.median),
        ]);
    }
    table.note(
        "From the start of the process, the connection to the database included: median [least–greatest]. Floor: the first answer \
         of a function that only answers `GET /`, and a bare TLS connection with the statement of the first request, one after the \
         other, each in a new process, in the same run.",
    );
    table
}
