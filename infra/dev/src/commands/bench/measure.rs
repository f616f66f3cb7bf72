//! Measures one kind of request: the functions of all sides and what is the least possible, in turns, so that whatever else the
//! machine does meets all of them alike.

use anyhow::{Context as _, ensure};
use cairn_floor_order::{Answer, Order, RouteOrder, Sent};
use serde::Serialize;
use tokio_postgres::Client;

use super::dataset::lead;
use super::function::Function;
use super::limit::Limit;
use super::process::{self, Memory};
use super::recording::Recorder;
use super::request::{Asked, Event, Expected, answer_of, check};
use super::samples::{Samples, Summary};
use super::stage::{CAIRN, FLOOR_ROUTE, Stage, Way};

/// How often each distinct request is measured.
const BLOCKS: usize = 50;
const QUICK_BLOCKS: usize = 2;

/// Invocations of one kind, which differ in whom and what they are about.
pub struct Case {
    /// What it is called.
    pub name: String,
    /// The events, of clients that take no compressed answers.
    pub events: Vec<Event>,
    /// The same of clients that do; none where that makes no difference.
    pub compressed: Vec<Event>,
    /// What each answer has to be.
    pub expected: Expected,
    /// What takes back what they wrote, so that they can be sent again.
    pub reset: Option<String>,
}

impl Case {
    /// Requests that take back nothing.
    pub fn of(name: &str, requests: &[Asked], expected: Expected) -> anyhow::Result<Self> {
        let events = |compressed| {
            let events = requests.iter().map(|asked| asked.event(compressed));
            events.collect::<Result<_, _>>()
        };
        Ok(Self {
            name: name.to_owned(),
            events: events(false)?,
            compressed: events(true)?,
            expected,
            reset: None,
        })
    }

    /// A read as somebody who is signed in.
    pub fn get(stage: &Stage, user: &str, path: &str) -> anyhow::Result<Self> {
        let asked = Asked {
            method: "GET",
            path: path.to_owned(),
            token: Some(stage.token(user)),
            body: serde_json::Value::Null,
        };
        let mut case = Self::of(path, &[asked], Expected::success())?;
        case.compressed.clear();
        Ok(case)
    }

    /// The function that they are for.
    pub fn function(&self) -> anyhow::Result<&str> {
        let first = self.events.first().context("a case without events")?;
        Ok(&first.function)
    }

    async fn reset(&self, database: &Client) -> anyhow::Result<()> {
        if let Some(reset) = &self.reset {
            let taken_back = database.batch_execute(reset).await;
            taken_back.context("What was written could not be taken back")?;
        }
        Ok(())
    }
}

/// What was measured of a case on one side.
#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    /// Of a client that takes no compressed answers.
    pub plain: Summary,
    /// Of one that does, where the answer was compressed.
    pub compressed: Option<Summary>,
    /// The least possible: nothing where no statement is sent.
    pub limit: Option<Summary>,
    /// A function that gives the same answers after the same statements, and does nothing else: nothing where no statement is
    /// sent, or where the answer is none to API Gateway.
    pub least_function: Option<Summary>,
    /// A function that only answers `GET /`: what Lambda's runtime for Rust itself takes.
    pub bare: Summary,
    /// Flights to the database of the first request of a process, and of a later one.
    pub flights: [u32; 2],
    /// Calls of AWS for one request.
    pub calls: u64,
    /// The size of the first answer's body.
    pub bytes: usize,
    /// The same compressed.
    pub compressed_bytes: usize,
    /// The memory of the function after all these requests.
    pub memory: Memory,
}

/// One side's processes for a case.
struct Lane {
    database: Client,
    recorded: Recorded,
    function: Function,
    server_process: Option<u32>,
    limit: Option<Limit>,
    least_function: Option<LeastFunction>,
    bare_function: Function,
    root: Case,
    plain: Samples,
    compressed: Samples,
    least: Samples,
    bare: Samples,
}

/// The function that gives the same answers after the same statements.
struct LeastFunction {
    function: Function,
    server_process: Option<u32>,
    samples: Samples,
}

/// Measures cases on all sides, all in turns. Answers with what was measured of each case on each side.
pub async fn measure(stage: &Stage, cases: &[&Case]) -> anyhow::Result<Vec<Vec<Measured>>> {
    let mut lanes = Vec::new();
    for case in cases {
        for side in 0..stage.sides.len() {
            let lane = Lane::open(stage, side, case).await;
            lanes.push((
                *case,
                lane.with_context(|| format!("{} failed", case.name))?,
            ));
        }
    }
    let blocks = if stage.quick { QUICK_BLOCKS } else { BLOCKS };
    // The first block warms up: plans settle, pages come into memory.
    for block in 0..=blocks {
        for (case, lane) in &mut lanes {
            let done = lane.block(case, block > 0).await;
            done.with_context(|| format!("{} failed", case.name))?;
        }
    }
    let mut measured = Vec::new();
    for (_, lane) in lanes {
        measured.push(lane.close()?);
    }
    let sides = measured.chunks(stage.sides.len());
    Ok(sides.map(<[Measured]>::to_vec).collect())
}

/// What the first of a few invocations tell.
pub struct Recorded {
    /// What was sent to the database for each.
    pub sent: Vec<Vec<Sent>>,
    /// What was answered to each, where it goes to API Gateway.
    answers: Vec<Answer>,
    flights: [u32; 2],
    calls: u64,
    bytes: usize,
    compressed_bytes: usize,
}

impl Recorded {
    /// Hands the events to a function that talks to its database through the proxy, and keeps what it says there.
    pub async fn of(
        case: &Case,
        stage: &Stage,
        side: usize,
        database: &Client,
    ) -> anyhow::Result<Self> {
        case.reset(database).await?;
        let mut function = stage.spawn(side, case.function()?, Way::Proxied)?;
        function.wait_until_ready()?;
        let mut recorder = Recorder::default();
        let connecting = recorder.read(&stage.proxy.take_said())?;
        ensure!(
            connecting.is_empty(),
            "the function sends statements before the first request"
        );
        let mut told = Recorded {
            sent: Vec::new(),
            answers: Vec::new(),
            flights: [0; 2],
            calls: 0,
            bytes: 0,
            compressed_bytes: 0,
        };
        for (position, event) in case.events.iter().enumerate() {
            let (flights, calls) = (stage.proxy.flights(), stage.aws.calls());
            let answered = function.invoke(&event.json)?;
            let bytes = check(&answered.body, case.expected)?.bytes;
            told.answers.extend(answer_of(&answered.body));
            told.sent.push(recorder.read(&stage.proxy.take_said())?);
            told.calls = stage.aws.calls() - calls;
            let flights = stage.proxy.flights() - flights;
            if position == 0 {
                told.flights = [flights, 0];
                told.bytes = bytes;
            } else {
                told.flights[1] = told.flights[1].max(flights);
            }
        }
        told.compressed_bytes = told.bytes;
        if let Some(first) = case.compressed.first() {
            case.reset(database).await?;
            let answered = function.invoke(&first.json)?;
            told.compressed_bytes = check(&answered.body, case.expected)?.bytes;
        }
        Ok(told)
    }
}

impl Lane {
    async fn open(stage: &Stage, side: usize, case: &Case) -> anyhow::Result<Self> {
        let database = stage.connect(side).await?;
        let recorded = Recorded::of(case, stage, side, &database).await?;
        let mut function = stage.spawn(side, case.function()?, Way::Plain)?;
        function.wait_until_ready()?;
        let server_process = stage.server_process(side, CAIRN).await?;
        let queue = (recorded.calls > 0).then(|| stage.aws.queue("cairn-tasks"));
        let order = Order {
            url: stage.url(side, Way::Plain),
            authority: None,
            requests: recorded.sent.clone(),
            queue,
        };
        let any = recorded.calls > 0 || recorded.sent.iter().any(|sent| !sent.is_empty());
        let limit = any.then(|| Limit::start(&stage.floor, &order, &stage.aws.variables()));
        let least_function = if any && recorded.answers.len() == case.events.len() {
            Some(LeastFunction::start(stage, side, order, &recorded).await?)
        } else {
            None
        };
        let mut bare_function = stage.spawn_bare()?;
        bare_function.wait_until_ready()?;
        Ok(Self {
            database,
            recorded,
            function,
            server_process,
            limit: limit.transpose()?,
            least_function,
            bare_function,
            root: Case::get(stage, &lead(0), "/")?,
            plain: Samples::default(),
            compressed: Samples::default(),
            least: Samples::default(),
            bare: Samples::default(),
        })
    }

    fn is_compressed(&self) -> bool {
        self.recorded.compressed_bytes < self.recorded.bytes
    }

    /// Every request once in each way.
    async fn block(&mut self, case: &Case, counts: bool) -> anyhow::Result<()> {
        case.reset(&self.database).await?;
        let plain = invoke_all(
            &mut self.function,
            self.server_process,
            &case.events,
            case.expected,
        )?;
        if counts {
            plain.add_to(&mut self.plain);
        }
        if self.is_compressed() {
            case.reset(&self.database).await?;
            let compressed = invoke_all(
                &mut self.function,
                self.server_process,
                &case.compressed,
                case.expected,
            )?;
            if counts {
                compressed.add_to(&mut self.compressed);
            }
        }
        if self.limit.is_some() {
            case.reset(&self.database).await?;
        }
        if let Some(limit) = &mut self.limit {
            let clock = Clock::start(limit.process(), Some(limit.server_process()))?;
            let nanoseconds = limit.run()?;
            let least = clock.stop(nanoseconds)?;
            if counts {
                least.add_to(&mut self.least);
            }
        }
        if let Some(least) = &mut self.least_function {
            case.reset(&self.database).await?;
            let answered = invoke_all(
                &mut least.function,
                least.server_process,
                &case.events,
                case.expected,
            )?;
            if counts {
                answered.add_to(&mut least.samples);
            }
        }
        let roots = vec![&self.root.events[0]; case.events.len()];
        let bare = invoke_all(&mut self.bare_function, None, roots, self.root.expected)?;
        if counts {
            bare.add_to(&mut self.bare);
        }
        Ok(())
    }

    fn close(self) -> anyhow::Result<Measured> {
        let memory = process::memory(self.function.process())?;
        Ok(Measured {
            plain: self.plain.summary(),
            compressed: self.is_compressed().then(|| self.compressed.summary()),
            limit: self.limit.is_some().then(|| self.least.summary()),
            least_function: self.least_function.map(|least| least.samples.summary()),
            bare: self.bare.summary(),
            flights: self.recorded.flights,
            calls: self.recorded.calls,
            bytes: self.recorded.bytes,
            compressed_bytes: self.recorded.compressed_bytes,
            memory,
        })
    }
}

impl LeastFunction {
    async fn start(
        stage: &Stage,
        side: usize,
        order: Order,
        recorded: &Recorded,
    ) -> anyhow::Result<Self> {
        let function = stage.spawn_route(&RouteOrder {
            order: Order {
                url: format!("{}&application_name={FLOOR_ROUTE}", order.url),
                ..order
            },
            answers: recorded.answers.clone(),
        })?;
        Ok(Self {
            function,
            server_process: stage.server_process(side, FLOOR_ROUTE).await?,
            samples: Samples::default(),
        })
    }
}

/// Hands the events to a function one after the other.
fn invoke_all<'e>(
    function: &mut Function,
    server_process: Option<u32>,
    events: impl IntoIterator<Item = &'e Event>,
    expected: Expected,
) -> anyhow::Result<Block> {
    let mut answers = Vec::new();
    let clock = Clock::start(function.process(), server_process)?;
    for event in events {
        answers.push(function.invoke(&event.json)?);
    }
    let nanoseconds = answers
        .iter()
        .map(|answer| u64::try_from(answer.took.as_nanos()))
        .collect::<Result<_, _>>()?;
    let block = clock.stop(nanoseconds)?;
    // Only now, so that the function is not measured on a machine that is busy with its last answer.
    for answer in &answers {
        check(&answer.body, expected)?;
    }
    Ok(block)
}

/// What a process and its PostgreSQL process had used when a block began.
pub struct Clock {
    client: u32,
    server: Option<u32>,
    before: [u64; 2],
}

/// What a block took.
pub struct Block {
    nanoseconds: Vec<u64>,
    cpu_ns: [u64; 2],
}

impl Clock {
    /// Begins a block.
    pub fn start(client: u32, server: Option<u32>) -> anyhow::Result<Self> {
        Ok(Self {
            client,
            server,
            before: used(client, server)?,
        })
    }

    /// Ends it.
    pub fn stop(self, nanoseconds: Vec<u64>) -> anyhow::Result<Block> {
        let after = used(self.client, self.server)?;
        let cpu_ns = [0, 1].map(|i| after[i].saturating_sub(self.before[i]));
        Ok(Block {
            nanoseconds,
            cpu_ns,
        })
    }
}

fn used(client: u32, server: Option<u32>) -> anyhow::Result<[u64; 2]> {
    let server = server.map(process::cpu_ns).transpose()?;
    Ok([process::cpu_ns(client)?, server.unwrap_or_default()])
}

impl Block {
    /// Counts the block in.
    pub fn add_to(&self, samples: &mut Samples) {
        let [client, server] = self.cpu_ns;
        samples.add(&self.nanoseconds, client, server);
    }
}
