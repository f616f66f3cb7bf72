//! What is measured with: a PostgreSQL server with a database for each side, a stand-in for AWS, a key for tokens.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use cairn_dev::database_proxy::DatabaseProxy;
use cairn_dev::places::Places;
use cairn_dev::progress::Progress;
use cairn_dev::tokens::SigningKey;
use cairn_floor_order::RouteOrder;
use tokio_postgres::Client;

use super::aws::Aws;
use super::dataset;
use super::function::Function;
use super::server::{self, Server};
use super::sides::Side;
use super::template::fixed_variables;

const ISSUER: &str = "https://clerk.bench.example.com";
const PARTY: &str = "https://app.example.com";
/// The secret that Clerk's events are signed with.
pub const WEBHOOK_SECRET: &str = "whsec_Y2Fpcm4tYmVuY2gtc2lnbnMtdGhlc2UtZXZlbnRz";
const TOKEN_TTL: Duration = Duration::from_hours(12);
/// What the functions call themselves towards PostgreSQL.
pub const CAIRN: &str = "cairn";
/// What the function calls itself that gives answers that were once given.
pub const FLOOR_ROUTE: &str = "floor-route";

/// Everything that measuring needs.
pub struct Stage {
    /// What is measured.
    pub sides: Vec<Side>,
    /// The database server.
    pub server: Server,
    /// The stand-in for AWS.
    pub aws: Aws,
    /// The folder with what the functions are compared with.
    pub floor: PathBuf,
    /// Counts flights, and keeps what is said.
    pub proxy: Arc<DatabaseProxy>,
    /// Few repetitions only.
    pub quick: bool,
    /// What is not measured: everything whose name does not contain this.
    pub only: Option<String>,
    key: SigningKey,
    /// What template.yaml tells every function.
    fixed_variables: BTreeMap<String, String>,
    logs: PathBuf,
    /// How many processes were started: each has a log of its own.
    started: AtomicU32,
}

/// How a function reaches the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Without TLS.
    Plain,
    /// With TLS.
    Secured,
    /// Without TLS, through the proxy.
    Proxied,
}

impl Stage {
    /// Starts and fills everything.
    pub async fn set(
        places: &Places,
        sides: Vec<Side>,
        floor: PathBuf,
        quick: bool,
        only: Option<String>,
    ) -> anyhow::Result<Self> {
        // Two runs at once do not share them.
        let logs = places.target().join("bench").join("logs");
        let logs = logs.join(std::process::id().to_string());
        std::fs::create_dir_all(&logs)
            .with_context(|| format!("Cannot create {}", logs.display()))?;
        let step = Progress::new().step("Starting PostgreSQL and filling its databases");
        let server = Server::start().await?;
        for (position, side) in sides.iter().enumerate() {
            dataset::create(&server, &database(position), side.functions()).await?;
        }
        step.done();
        let proxy = DatabaseProxy::start(format!("127.0.0.1:{}", server.port())).await;
        Ok(Self {
            sides,
            server,
            aws: Aws::start()?,
            floor,
            proxy,
            quick,
            only,
            key: SigningKey::generate(),
            logs,
            fixed_variables: fixed_variables(places)?,
            started: AtomicU32::new(0),
        })
    }

    /// Whether something of this name is to be measured.
    pub fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only))
    }

    /// The URL of a side's database.
    pub fn url(&self, side: usize, way: Way) -> String {
        let database = database(side);
        match way {
            Way::Plain => self.server.url(&database),
            Way::Secured => self.server.secured_url(&database),
            Way::Proxied => server::url_through(self.proxy.port(), &database),
        }
    }

    /// The version of PostgreSQL.
    pub async fn postgres_version(&self) -> anyhow::Result<String> {
        let client = self.server.connect("postgres").await?;
        let row = client.query_one("SHOW server_version", &[]).await?;
        Ok(row.get(0))
    }

    /// A connection of our own to a side's database.
    pub async fn connect(&self, side: usize) -> anyhow::Result<Client> {
        self.server.connect(&database(side)).await
    }

    /// Starts a function.
    pub fn spawn(&self, side: usize, function: &str, way: Way) -> anyhow::Result<Function> {
        let binary = self.sides[side].functions().join(function);
        self.spawn_binary(&binary, &self.variables(side, way))
    }

    /// Starts a function of the first side that reaches the database through another port, as it must behind a pooler.
    pub fn spawn_pooled(
        &self,
        function: &str,
        port: u16,
        prepared_statements: bool,
    ) -> anyhow::Result<Function> {
        let binary = self.sides[0].functions().join(function);
        let mut variables = self.variables(0, Way::Plain);
        let url = server::url_through(port, &database(0));
        variables.insert("DATABASE_URL".to_owned(), url);
        let on = if prepared_statements { "on" } else { "off" };
        variables.insert("DATABASE_PREPARED_STATEMENTS".to_owned(), on.to_owned());
        self.spawn_binary(&binary, &variables)
    }

    /// Starts the function that only answers `GET /`.
    pub fn spawn_bare(&self) -> anyhow::Result<Function> {
        self.spawn_binary(&self.floor.join("floor-function"), &BTreeMap::new())
    }

    /// Starts the function that gives answers that were once given, after the same statements.
    pub fn spawn_route(&self, order: &RouteOrder) -> anyhow::Result<Function> {
        let number = self.started.load(Ordering::Relaxed);
        let file = self.logs.join(format!("{FLOOR_ROUTE}-{number}.json"));
        std::fs::write(&file, serde_json::to_vec(order)?)
            .with_context(|| format!("Cannot write {}", file.display()))?;
        let variables = self.aws.variables().into_iter();
        let mut variables: BTreeMap<_, _> = variables
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        variables.insert("FLOOR_ORDER".to_owned(), file.display().to_string());
        let mut function = self.spawn_binary(&self.floor.join(FLOOR_ROUTE), &variables)?;
        function.wait_until_ready()?;
        // It has been read, and is as large as all answers together.
        std::fs::remove_file(&file)?;
        Ok(function)
    }

    /// Starts any program that is a Lambda function.
    fn spawn_binary(
        &self,
        binary: &Path,
        variables: &BTreeMap<String, String>,
    ) -> anyhow::Result<Function> {
        let name = binary.file_name().unwrap_or_default().to_string_lossy();
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let mut environment = self.fixed_variables.clone();
        environment.extend(variables.clone());
        Function::spawn(
            binary,
            &environment,
            &self.logs.join(format!("{name}-{number}.log")),
        )
    }

    fn variables(&self, side: usize, way: Way) -> BTreeMap<String, String> {
        let mut url = self.url(side, way);
        if way == Way::Secured {
            url = format!("{url}&sslrootcert={}", self.server.authority().display());
        }
        let variables = [
            ("DATABASE_URL", url),
            ("CLERK_JWT_KEY", self.key.public_pem()),
            ("CLERK_ISSUER", ISSUER.to_owned()),
            ("CLERK_AUTHORIZED_PARTIES", PARTY.to_owned()),
            ("CLERK_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ];
        let variables = variables.into_iter().chain(self.aws.variables());
        variables
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// A session token.
    pub fn token(&self, user: &str) -> String {
        self.key.session_token(ISSUER, user, Some(PARTY), TOKEN_TTL)
    }

    /// The PostgreSQL process that serves the program of this name which was started last on a side, if it uses the database.
    pub async fn server_process(&self, side: usize, program: &str) -> anyhow::Result<Option<u32>> {
        let client = self.server.connect("postgres").await?;
        let row = client
            .query_opt(
                include_str!("server_process.sql"),
                &[&database(side), &program],
            )
            .await?;
        let process = row.map(|row| row.get::<_, i32>(0)).map(u32::try_from);
        Ok(process.transpose()?)
    }
}

/// The name of a side's database.
fn database(side: usize) -> String {
    format!("bench_{side}")
}
