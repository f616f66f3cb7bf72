//! A server that may be harmed, with functions over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use cairn_dev::service::{SystemPostgres, installed};
use cairn_tests::{DatabaseProxy, TestApp, TestDatabase, User, World};
use tokio_postgres::{Client, NoTls};

use super::disk::SmallDisk;
use super::fault::Fault;
use super::traffic::{Answered, Asked, Phases, reads, traffic};

/// Processes of each function.
const ENVIRONMENTS: usize = 2;
const FUNCTIONS: usize = 5;
/// How many clients there are.
const CLIENTS: usize = 6;
/// Before a fault and after the recovery.
const CALM: Duration = Duration::from_millis(400);
/// How long the server may take to notice that a client is gone.
const NOTICED: Duration = Duration::from_secs(10);
/// So long a recovery is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);
const ACCESS: &str = "host all all 127.0.0.1/32 scram-sha-256";
const DATABASE: &str = "cairn";

pub struct Site {
    pub app: TestApp,
    pub world: World,
    /// Where all comments are written.
    pub task: String,
    pub database: Arc<TestDatabase>,
    proxy: Arc<DatabaseProxy>,
    pub disk: Option<SmallDisk>,
    server: SystemPostgres,
    /// All that was to be written.
    pub asked: Vec<Asked>,
}

/// What faults are inflicted on.
pub struct Backing<'s> {
    pub server: &'s mut SystemPostgres,
    pub proxy: &'s DatabaseProxy,
    pub disk: Option<&'s SmallDisk>,
}

impl Site {
    pub async fn start() -> anyhow::Result<Self> {
        let initdb = installed("initdb")
            .context("PostgreSQL's server programs are needed (Debian's package is postgresql)")?;
        let server = SystemPostgres::start(&initdb, |_| Ok(Vec::new()), ACCESS).await?;
        let disk = SmallDisk::mount(server.home().path())?;
        let maintenance = connect(&server.url("postgres")).await?;
        let mut place = String::new();
        if let Some(disk) = &disk {
            let tables = disk.tables.display();
            let make = format!("CREATE TABLESPACE small LOCATION '{tables}'");
            maintenance.batch_execute(&make).await?;
            " TABLESPACE small".clone_into(&mut place);
        }
        let make = format!("CREATE DATABASE {DATABASE}{place}");
        maintenance.batch_execute(&make).await?;
        let database = Arc::new(TestDatabase::on(&server.url(DATABASE)).await);
        let proxy = DatabaseProxy::start(format!("127.0.0.1:{}", server.port())).await;
        let app = TestApp::builder()
            .over(&database)
            .through(&proxy)
            .environments(ENVIRONMENTS)
            .start()
            .await;
        let world = World::create(app.database()).await;
        let task = app
            .task(&world.lead, &world.project, &world.lead, "Comments")
            .await;
        Ok(Self {
            app,
            world,
            task,
            database,
            proxy,
            disk,
            server,
            asked: Vec::new(),
        })
    }

    /// A fault comes and goes while clients are at work. Their answers, and how long after its end all functions work again.
    pub async fn suffer(&mut self, fault: Fault) -> (Vec<Answered>, Option<Duration>) {
        let (done, phases) = (AtomicBool::new(false), Phases::default());
        let mut backing = Backing {
            server: &mut self.server,
            proxy: &self.proxy,
            disk: self.disk.as_ref(),
        };
        let (app, world, task) = (&self.app, &self.world, self.task.as_str());
        let harming = async {
            tokio::time::sleep(CALM).await;
            let inflicted = fault.inflict(&mut backing).await;
            inflicted.unwrap_or_else(|error| panic!("{fault:?}: {error:#}"));
            phases.begin();
            tokio::time::sleep(fault.lasts()).await;
            phases.end();
            let ended = fault.end(&mut backing).await;
            ended.unwrap_or_else(|error| panic!("{fault:?}: {error:#}"));
            let recovery = recovery(app, world).await;
            tokio::time::sleep(CALM).await;
            done.store(true, Ordering::Relaxed);
            recovery
        };
        let clients = (0..CLIENTS).map(|number| traffic(number, app, world, task, &phases, &done));
        let clients = futures::future::join_all(clients);
        let (recovery, clients) = tokio::join!(harming, clients);
        let mut answers = Vec::new();
        for (answered, asked) in clients {
            answers.extend(answered);
            self.asked.extend(asked);
        }
        (answers, recovery)
    }

    /// How many connections there are in the end, if these are more than the functions' processes.
    pub async fn connections_left(&self) -> Option<i64> {
        let client = self.database.connect().await;
        let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        // The tests' own is one, until it is cut.
        let most = i64::try_from(FUNCTIONS * ENVIRONMENTS + 1).ok()?;
        let began = Instant::now();
        loop {
            let counted = client.query_one(count, &[]).await;
            let left: i64 = counted.expect("the connections are counted").get(0);
            if left <= most {
                return None;
            }
            if began.elapsed() > NOTICED {
                return Some(left);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Backing<'_> {
    /// Changes a setting of the server, of present connections too.
    pub async fn set(&self, setting: &str) -> anyhow::Result<()> {
        let client = connect(&self.server.url(DATABASE)).await?;
        client
            .batch_execute("SET default_transaction_read_only = off")
            .await?;
        client.batch_execute(setting).await?;
        client.batch_execute("SELECT pg_reload_conf()").await?;
        // The processes hear of it when they get to it.
        tokio::time::sleep(CALM).await;
        Ok(())
    }
}

/// How long it takes from now until every function has answered as always; nothing if it takes too long.
async fn recovery(app: &TestApp, world: &World) -> Option<Duration> {
    let began = Instant::now();
    for path in reads(world) {
        while app.get(&world.lead, &path).await.status != 200 {
            if began.elapsed() > PATIENCE {
                return None;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    Some(began.elapsed())
}

async fn connect(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// Somebody who signed in for the first time.
pub fn newcomer() -> User {
    User::unsynced("Nora Newcomer")
}
