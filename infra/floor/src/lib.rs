//! What the programs of the floor do alike: the statements that a function sends, through bare tokio-postgres on one connection,
//! and its messages through the bare SDK.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::BytesMut;
use cairn_floor_order::{Order, Sent};
use futures::future::join_all;
use futures::{FutureExt as _, TryStreamExt as _};
use rustls::{ClientConfig, NamedGroup, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls, RowStream, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

/// As long as the messages that name a row of the outbox.
const MESSAGE: &str = r#"{"task_change":{"outbox_id":"0198c2f0-0000-7000-8000-000000000000"}}"#;

/// Connects, and sends the first request's statements as they come.
pub async fn first_request(order: &Order) -> anyhow::Result<()> {
    let client = connect(order).await?;
    let request = order.requests.first().context("no request")?;
    let flight = request.iter().map(|sent| match sent {
        Sent::Simple(sql) => client.batch_execute(sql).map(drain_nothing).left_future(),
        Sent::Statement { sql, types, params } => {
            let typed = params.iter().zip(types).map(|(value, oid)| {
                let sql_type = Type::from_oid(*oid).unwrap_or(Type::UNKNOWN);
                (Raw(value.as_deref()), sql_type)
            });
            let rows = client.query_typed_raw(sql, typed.collect::<Vec<_>>());
            rows.then(drain).right_future()
        }
    });
    for outcome in join_all(flight).await {
        outcome?;
    }
    Ok(())
}

async fn connect(order: &Order) -> anyhow::Result<Client> {
    let config: tokio_postgres::Config = order.url.parse()?;
    let Some(file) = &order.authority else {
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        return Ok(client);
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file)? {
        roots.add(certificate?)?;
    }
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    // As the functions do: PostgreSQL before 18 takes no other, and asks for it with a round trip more.
    provider
        .kx_groups
        .sort_by_key(|group| group.name() != NamedGroup::secp256r1);
    let tls = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (client, connection) = config.connect(MakeRustlsConnect::new(tls)).await?;
    tokio::spawn(connection);
    Ok(client)
}

fn drain_nothing(outcome: Result<(), tokio_postgres::Error>) -> anyhow::Result<()> {
    Ok(outcome?)
}

async fn drain(stream: Result<RowStream, tokio_postgres::Error>) -> anyhow::Result<()> {
    let mut rows = std::pin::pin!(stream?);
    while rows.try_next().await?.is_some() {}
    Ok(())
}

/// A connection on which everything is prepared.
pub struct Replay {
    order: Order,
    client: Client,
    statements: HashMap<String, Statement>,
    queue: Option<aws_sdk_sqs::Client>,
    server_process: i32,
}

impl Replay {
    /// Connects, and prepares every statement.
    pub async fn prepare(order: Order) -> anyhow::Result<Self> {
        let client = connect(&order).await?;
        let process = client.query_one("SELECT pg_backend_pid()", &[]).await?;
        let mut statements = HashMap::new();
        for sent in order.requests.iter().flatten() {
            if let Sent::Statement { sql, types, .. } = sent
                && !statements.contains_key(sql)
            {
                let types = types.iter().map(|oid| type_of(*oid));
                let types: Vec<Type> = types.collect::<anyhow::Result<_>>()?;
                let statement = client.prepare_typed(sql, &types).await?;
                statements.insert(sql.clone(), statement);
            }
        }
        // Over the functions' own connection to AWS: what they do around the call is what is compared.
        let asked = order.queue.as_ref();
        let queue = asked.map(|_| aws_sdk_sqs::Client::new(shared::aws::sdk_config()));
        Ok(Self {
            server_process: process.get(0),
            order,
            client,
            statements,
            queue,
        })
    }

    /// The id of the PostgreSQL process that serves it.
    pub fn server_process(&self) -> i32 {
        self.server_process
    }

    /// How many requests there are.
    pub fn requests(&self) -> usize {
        self.order.requests.len()
    }

    /// Works off one of them.
    pub async fn request(&self, position: usize) -> anyhow::Result<()> {
        let flight = self.order.requests[position]
            .iter()
            .map(|sent| self.send(sent));
        for outcome in join_all(flight).await {
            outcome?;
        }
        if let (Some(client), Some(url)) = (&self.queue, &self.order.queue) {
            let message = client.send_message().queue_url(url).message_body(MESSAGE);
            message.send().await?;
        }
        Ok(())
    }

    async fn send(&self, sent: &Sent) -> anyhow::Result<()> {
        match sent {
            Sent::Simple(sql) => Ok(self.client.batch_execute(sql).await?),
            Sent::Statement { sql, params, .. } => {
                let values = params.iter().map(|value| Raw(value.as_deref()));
                drain(self.client.query_raw(&self.statements[sql], values).await).await
            }
        }
    }
}

fn type_of(oid: u32) -> anyhow::Result<Type> {
    Type::from_oid(oid).with_context(|| format!("no type has the number {oid}"))
}

/// A parameter as it was on the wire.
#[derive(Debug)]
struct Raw<'a>(Option<&'a [u8]>);

impl ToSql for Raw<'_> {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self.0 {
            Some(bytes) => {
                out.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
