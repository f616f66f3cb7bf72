//! What befalls the database, and how it is inflicted and ended.

use std::time::Duration;

use cairn_tests::Behaviour;

use super::site::Backing;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Killed,
    Restarted,
    /// For less than a statement may take.
    Paused,
    /// For longer.
    PausedLong,
    ConnectionsCut,
    ReadOnly,
    DiskFull,
    /// By less than a statement may take.
    Slow,
    /// By more.
    TooSlow,
}

pub const FAULTS: [Fault; 9] = [
    Fault::Killed,
    Fault::Restarted,
    Fault::Paused,
    Fault::PausedLong,
    Fault::ConnectionsCut,
    Fault::ReadOnly,
    Fault::DiskFull,
    Fault::Slow,
    Fault::TooSlow,
];

/// How often connections are cut, and how long it is between two cuts.
const CUTS: u32 = 6;
const BETWEEN_CUTS: Duration = Duration::from_millis(250);

impl Fault {
    /// Whether a request succeeds that falls into the fault as a whole; nothing where both may be.
    pub fn allows(self, writes: bool) -> Option<bool> {
        match self {
            Self::Killed | Self::Restarted | Self::PausedLong | Self::TooSlow => Some(false),
            Self::Paused | Self::Slow => Some(true),
            Self::ReadOnly => Some(!writes),
            // What finds room in a page that is there is written.
            Self::DiskFull => (!writes).then_some(true),
            Self::ConnectionsCut => None,
        }
    }

    /// Whether somebody has to get a 503.
    pub fn refuses_something(self) -> bool {
        !matches!(self, Self::Paused | Self::Slow | Self::ConnectionsCut)
    }

    /// How long it lasts.
    pub fn lasts(self) -> Duration {
        match self {
            Self::Paused => Duration::from_secs(2),
            Self::PausedLong | Self::TooSlow => Duration::from_secs(8),
            Self::ConnectionsCut => Duration::ZERO,
            _ => Duration::from_millis(1_500),
        }
    }

    /// Returns when it is in force.
    pub async fn inflict(self, backing: &mut Backing<'_>) -> anyhow::Result<()> {
        match self {
            Self::Killed => backing.server.kill()?,
            Self::Restarted => backing.server.shut_down()?,
            Self::Paused | Self::PausedLong => backing.server.pause()?,
            Self::ConnectionsCut => {
                for _ in 0..CUTS {
                    backing.proxy.cut();
                    tokio::time::sleep(BETWEEN_CUTS).await;
                }
            }
            Self::ReadOnly => {
                backing
                    .set("ALTER SYSTEM SET default_transaction_read_only = on")
                    .await?;
            }
            Self::DiskFull => {
                if let Some(disk) = backing.disk {
                    disk.fill()?;
                }
            }
            Self::Slow => backing
                .proxy
                .behave(Behaviour::Slow(Duration::from_millis(300))),
            Self::TooSlow => backing
                .proxy
                .behave(Behaviour::Slow(Duration::from_secs(7))),
        }
        Ok(())
    }

    /// Returns when it is over.
    pub async fn end(self, backing: &mut Backing<'_>) -> anyhow::Result<()> {
        match self {
            Self::Killed | Self::Restarted => backing.server.start_again().await?,
            Self::Paused | Self::PausedLong => backing.server.resume()?,
            Self::ConnectionsCut => {}
            Self::ReadOnly => {
                backing
                    .set("ALTER SYSTEM RESET default_transaction_read_only")
                    .await?;
            }
            Self::DiskFull => {
                if let Some(disk) = backing.disk {
                    disk.empty()?;
                }
            }
            Self::Slow | Self::TooSlow => backing.proxy.behave(Behaviour::Forward),
        }
        Ok(())
    }
}
