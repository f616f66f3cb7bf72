//! `bench`: figures that the documentation names, each beside the least that is possible.

mod aws;
mod cost;
mod dataset;
mod events;
mod function;
mod growth;
mod http_server;
mod limit;
mod machine;
mod measure;
mod process;
mod recording;
mod report;
mod request;
mod routes;
mod samples;
mod scale;
mod server;
mod sides;
mod sizes;
mod stage;
mod start;
mod targets;
mod template;

use std::mem::discriminant;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use cairn_dev::places::Places;
use clap::{Args, Subcommand};

use report::Report;
use stage::Stage;

use super::asked_to_stop;

pub use sides::FLOOR;

/// What `cargo dev bench` is asked for.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    options: Options,
}

/// How it is measured.
#[derive(Debug, Args)]
struct Options {
    /// Measure this commit as well, interleaved with this tree, and print both
    #[arg(long, global = true)]
    against: Option<String>,
    /// Where the figures are written, and read by `cost` [default: target/bench/report.json, part.json for less than everything]
    #[arg(long, global = true)]
    json: Option<PathBuf>,
    /// Only the routes and functions whose name contains this, for example `GET /api/tasks`
    #[arg(long, global = true)]
    only: Option<String>,
    /// A few repetitions only, to see that it works: the figures mean nothing
    #[arg(long, global = true)]
    quick: bool,
    /// A folder with ready binaries in place of a release build; given twice, both are compared
    #[arg(long, global = true)]
    functions: Vec<PathBuf>,
}

/// What is measured; everything where nothing is named.
#[derive(Debug, Subcommand)]
enum What {
    /// What a request takes, of each operation, beside its statements alone
    Routes,
    /// From the start of a process to its first answer, with and without TLS to the database
    Start,
    /// What a webhook costs, and a batch of the worker
    Events,
    /// A page out of 100,000 tasks beside the same page out of 1,000
    Growth,
    /// Up to 200 execution environments behind a pooler with 20 server connections
    Scale,
    /// What Lambda asks for a month, from the figures of an earlier run
    Cost(cost::Prices),
    /// How large each function is
    Sizes {
        /// What `sam build` made, for instance .aws-sam/build, instead of a release build for this machine
        #[arg(long)]
        built: Option<PathBuf>,
    },
}

/// Measures, prints the tables and writes the figures.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    // Here what was started is stopped, and its files removed.
    tokio::select! {
        result = measure_all(arguments) => result,
        stopped = asked_to_stop() => {
            stopped?;
            bail!("Stopped before everything was measured.")
        }
    }
}

/// Where the figures go: those of a whole run are not lost to those of a part.
fn figures(places: &Places, whole: bool) -> PathBuf {
    let name = if whole { "report.json" } else { "part.json" };
    places.target().join("bench").join(name)
}

async fn measure_all(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { what, options } = arguments;
    let places = Places::find();
    if let Some(What::Cost(prices)) = &what {
        let whole = options.json.unwrap_or_else(|| figures(&places, true));
        println!("{}", cost::run(&whole, prices)?);
        return Ok(ExitCode::SUCCESS);
    }
    let whole = what.is_none() && options.only.is_none() && !options.quick;
    let json = options.json.unwrap_or_else(|| figures(&places, whole));
    let machine = machine::describe(places.root()).await;
    println!("{}", machine::line(&machine));
    let mut report = Report::new(machine);
    let asked_for = |section: &What| {
        what.as_ref()
            .is_none_or(|what| discriminant(what) == discriminant(section))
    };

    let built = match &what {
        Some(What::Sizes { built }) => built.as_deref(),
        _ => None,
    };
    let sides = if built.is_some() {
        Vec::new()
    } else {
        sides::prepare(&places, &options.functions, options.against.as_deref()).await?
    };
    if asked_for(&What::Sizes { built: None }) {
        let only = options.only.as_deref();
        report.add(sizes::run(&places, &sides, built, only)?);
    }
    if !matches!(what, Some(What::Sizes { .. })) {
        let floor = sides::floor(&places, &options.functions, options.quick).await?;
        let stage = Stage::set(&places, sides, floor, options.quick, options.only).await?;
        report.set_postgres(&stage.postgres_version().await?);
        if asked_for(&What::Routes) {
            report.add(routes::run(&stage).await?);
        }
        if asked_for(&What::Start) {
            report.add(start::run(&stage, &places).await?);
        }
        if asked_for(&What::Events) {
            report.add(events::run(&stage).await?);
        }
        if asked_for(&What::Growth) {
            report.add(growth::run(&stage).await?);
        }
        if asked_for(&What::Scale) {
            report.add(scale::run(&stage).await?);
        }
    }

    report.write(&json)?;
    eprintln!("✓ The figures are in {}", json.display());
    Ok(ExitCode::SUCCESS)
}
