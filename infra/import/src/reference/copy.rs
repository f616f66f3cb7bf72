//! Copying a table from the old database into a temporary one beside Cairn's, as it stands, without holding more of it than a
//! moment's rows.

use std::pin::pin;

use anyhow::Context as _;
use bytes::Bytes;
use futures::{SinkExt as _, TryStreamExt as _};
use tokio_postgres::{Client, CopyInSink, Transaction};

use super::tables::Table;

/// Copies the table and answers how many rows it has.
pub async fn table(
    snapshot: &Transaction<'_>,
    target: &Client,
    table: &Table,
) -> anyhow::Result<u64> {
    // Both sides name the same types, whose binary form is the same in all versions of PostgreSQL.
    let read = format!("COPY ({}) TO STDOUT (FORMAT binary)", table.read);
    let write = format!("COPY old_{} FROM STDIN (FORMAT binary)", table.name);
    let mut rows = pin!(snapshot.copy_out(&read).await.context("The old database")?);
    let sink: CopyInSink<Bytes> = target.copy_in(&write).await?;
    let mut sink = pin!(sink);
    while let Some(some) = rows.try_next().await.context("The old database")? {
        sink.feed(some).await?;
    }
    let copied = sink.finish().await?;
    target
        .batch_execute(&format!("ANALYZE old_{}", table.name))
        .await?;
    Ok(copied)
}
