//! `PgBouncer` in transaction mode before a server.

use std::path::Path;

use super::postgres::{PASSWORD, SystemPostgres, USER};
use super::{Home, Service, free_port};

/// A running pooler. Dropping it stops it.
pub struct PgBouncer {
    _service: Service,
    port: u16,
}

impl PgBouncer {
    /// Starts it with so many connections to `server` for each database, and further lines of its settings.
    pub async fn start(
        program: &Path,
        server: &SystemPostgres,
        connections: usize,
        settings: &str,
    ) -> anyhow::Result<Self> {
        let (home, port) = (Home::create()?, free_port()?);
        // It asks for the password itself and knows it, too.
        let users = home.write("users.txt", &format!("\"{USER}\" \"{PASSWORD}\"\n"))?;
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = scram-sha-256\nauth_file = {}\n\
             pool_mode = transaction\ndefault_pool_size = {connections}\n{settings}",
            server.port(),
            users.display(),
        );
        let mut command = home.server(program);
        command.arg(home.write("pgbouncer.ini", &settings)?);
        Ok(Self {
            _service: Service::start(home, command, port, Vec::new()).await?,
            port,
        })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }
}
