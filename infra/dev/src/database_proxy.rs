//! A proxy between the functions and the database: it counts round trips, keeps what was said, and breaks when told to.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

/// What the proxy does with connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Passes everything on.
    Forward,
    /// The port is closed and every connection is cut, as when the server is stopped.
    Refuse,
    /// Takes connections and bytes and passes nothing on, as when a network swallows packets.
    Swallow,
    /// Passes everything on, and each answer so much later.
    Slow(Duration),
}

/// How long an answer is held back, as a network would. A server on the same machine answers the first statement while the
/// client is still writing the last one: without this, one flight would look like two.
const LATENCY: Duration = Duration::from_millis(10);

/// Listens on a loopback port and passes connections on to a server.
#[derive(Debug)]
pub struct DatabaseProxy {
    port: u16,
    traffic: Arc<Traffic>,
    behaviour: watch::Sender<Behaviour>,
    /// Changes when the present connections are to be cut.
    cuts: watch::Sender<()>,
    accepting: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Traffic {
    flights: AtomicU32,
    connections: AtomicU32,
    /// What clients said on the newest connection, from its first byte on.
    said: Mutex<Vec<u8>>,
    /// The next answer is to be lost, and its connection with it.
    lose_answer: AtomicBool,
}

impl DatabaseProxy {
    /// A proxy on a free port, which forwards to the server at `server` (host and port). It works on the runtime that it is
    /// started on.
    pub async fn start(server: String) -> Arc<Self> {
        let listener = bind(0).await;
        let port = listener.local_addr().expect("a bound port").port();
        let proxy = Arc::new(Self {
            port,
            traffic: Arc::default(),
            behaviour: watch::Sender::new(Behaviour::Forward),
            cuts: watch::Sender::new(()),
            accepting: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(
            listener,
            server,
            Arc::clone(&proxy.traffic),
            proxy.behaviour.subscribe(),
            proxy.cuts.subscribe(),
        ));
        *proxy
            .accepting
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(accepting);
        proxy
    }

    /// The port on the loopback address.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on does this, with the present connections too.
    pub fn behave(&self, behaviour: Behaviour) {
        self.behaviour.send_replace(behaviour);
    }

    /// Cuts the present connections; new ones are served.
    pub fn cut(&self) {
        self.cuts.send_replace(());
    }

    /// Cuts a connection when the server's next answer on it arrives, which is lost. New connections are served.
    pub fn lose_next_answer(&self) {
        self.traffic.lose_answer.store(true, Ordering::SeqCst);
    }

    /// How many flights clients have sent: what a client sends before it waits for the server is one. What belongs to making
    /// or ending a connection does not count.
    pub fn flights(&self) -> u32 {
        self.traffic.flights.load(Ordering::SeqCst)
    }

    /// What the client of the newest connection has said since it was last asked for; the first time, since the connection's
    /// first byte.
    pub fn take_said(&self) -> Vec<u8> {
        std::mem::take(&mut self.traffic.lock_said())
    }

    /// How many connections were made.
    pub fn connections(&self) -> u32 {
        self.traffic.connections.load(Ordering::SeqCst)
    }
}

impl Traffic {
    fn lock_said(&self) -> MutexGuard<'_, Vec<u8>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for DatabaseProxy {
    fn drop(&mut self) {
        if let Some(task) = self
            .accepting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            task.abort();
        }
    }
}

async fn bind(port: u16) -> TcpListener {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpListener::bind(address)
        .await
        .expect("the loopback port is free")
}

async fn accept(
    mut listener: TcpListener,
    server: String,
    traffic: Arc<Traffic>,
    mut behaviour: watch::Receiver<Behaviour>,
    cuts: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        if *behaviour.borrow_and_update() == Behaviour::Refuse {
            connections.shutdown().await;
            let port = listener.local_addr().expect("a bound port").port();
            drop(listener);
            if behaviour
                .wait_for(|now| *now != Behaviour::Refuse)
                .await
                .is_err()
            {
                return;
            }
            listener = bind(port).await;
        }
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                let traffic = Arc::clone(&traffic);
                connections.spawn(pass_on(stream, server.clone(), traffic, behaviour.clone(), cuts.clone()));
            }
            Some(_) = connections.join_next() => {}
            changed = behaviour.changed() => if changed.is_err() { return },
        }
    }
}

/// Passes one connection on until either side closes it or it is cut.
async fn pass_on(
    client: TcpStream,
    server: String,
    traffic: Arc<Traffic>,
    behaviour: watch::Receiver<Behaviour>,
    mut cuts: watch::Receiver<()>,
) {
    cuts.mark_unchanged();
    traffic.connections.fetch_add(1, Ordering::SeqCst);
    traffic.lock_said().clear();
    // A server that is away looks as it does without a proxy: the connection ends.
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    for stream in [&client, &server] {
        stream.set_nodelay(true).expect("a socket option");
    }
    let state = ConnectionState::default();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let there = pump(
        from_client,
        to_server,
        behaviour.clone(),
        Duration::ZERO,
        |bytes| {
            traffic.lock_said().extend_from_slice(bytes);
            state.client_sent(bytes, &traffic);
            true
        },
    );
    let back = pump(from_server, to_client, behaviour, LATENCY, |bytes| {
        state.server_sent(bytes, &traffic)
    });
    tokio::select! {
        () = there => {}
        () = back => {}
        _ = cuts.changed() => {}
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut behaviour: watch::Receiver<Behaviour>,
    latency: Duration,
    mut passes: impl FnMut(&[u8]) -> bool,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut buffer).await {
        if length == 0
            || behaviour
                .wait_for(|now| *now != Behaviour::Swallow)
                .await
                .is_err()
        {
            return;
        }
        tokio::time::sleep(latency).await;
        let slow = *behaviour.borrow();
        if let Behaviour::Slow(more) = slow
            && !latency.is_zero()
        {
            // What is held back is so until then, or until the proxy is told otherwise.
            let _ = timeout(more, behaviour.wait_for(|now| *now != slow)).await;
        }
        if !passes(&buffer[..length]) {
            return;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

/// What is known of a connection, as far as counting needs it.
#[derive(Default)]
struct ConnectionState {
    /// The server has said `ReadyForQuery`: from here on every flight counts.
    ready: AtomicBool,
    /// The client has sent something that the server has not begun to answer.
    in_flight: AtomicBool,
    start_up: Mutex<Vec<u8>>,
}

impl ConnectionState {
    fn client_sent(&self, bytes: &[u8], traffic: &Traffic) {
        const TERMINATE: &[u8] = b"X\0\0\0\x04";
        let counts = self.ready.load(Ordering::SeqCst) && bytes != TERMINATE;
        if counts && !self.in_flight.swap(true, Ordering::SeqCst) {
            traffic.flights.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Whether the bytes are to be passed on.
    fn server_sent(&self, bytes: &[u8], traffic: &Traffic) -> bool {
        self.in_flight.store(false, Ordering::SeqCst);
        let ready = self.ready.load(Ordering::SeqCst);
        if !ready {
            let mut start_up = self.start_up.lock().unwrap_or_else(PoisonError::into_inner);
            start_up.extend_from_slice(bytes);
            self.ready.store(is_ready(&start_up), Ordering::SeqCst);
        }
        !(ready && traffic.lose_answer.swap(false, Ordering::SeqCst))
    }
}

/// Whether the server's messages (a letter, a length, the rest) end with `ReadyForQuery`.
fn is_ready(mut messages: &[u8]) -> bool {
    while let [kind, a, b, c, d, ..] = *messages {
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if kind == b'Z' {
            return true;
        }
        match messages.get(1 + length..) {
            Some(rest) => messages = rest,
            None => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_up_ends_with_ready_for_query() {
        assert!(!is_ready(b"R\0\0\0\x08\0\0\0\0"));
        assert!(!is_ready(b"R\0\0\0\x08\0\0\0\0S\0\0\0\x0a"));
        assert!(is_ready(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I"));
    }

    #[test]
    fn what_is_sent_before_waiting_is_one_flight() {
        let (state, traffic) = (ConnectionState::default(), Traffic::default());
        state.client_sent(b"start-up", &traffic);
        assert!(state.server_sent(b"Z\0\0\0\x05I", &traffic));
        for bytes in [b"P1", b"P2"] {
            state.client_sent(bytes, &traffic);
        }
        assert_eq!(traffic.flights.load(Ordering::SeqCst), 1);
        assert!(state.server_sent(b"rows", &traffic));
        state.client_sent(b"P3", &traffic);
        assert!(state.server_sent(b"rows", &traffic));
        state.client_sent(b"X\0\0\0\x04", &traffic);
        assert_eq!(traffic.flights.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn an_answer_that_is_held_back_goes_when_the_proxy_is_slow_no_more() {
        let server = bind(0).await;
        let address = server.local_addr().expect("a bound port");
        tokio::spawn(async move {
            let (mut stream, _) = server.accept().await.expect("a connection");
            stream.write_all(b"answer").await.expect("it is written");
            stream.read_u8().await
        });
        let proxy = DatabaseProxy::start(address.to_string()).await;
        proxy.behave(Behaviour::Slow(Duration::from_hours(1)));
        let client = TcpStream::connect(("127.0.0.1", proxy.port())).await;
        let mut client = client.expect("a connection");
        let mut answer = [0; 6];
        let early = Duration::from_millis(200);
        let early = timeout(early, client.read_exact(&mut answer)).await;
        early.expect_err("it is held back");
        proxy.behave(Behaviour::Forward);
        let patience = Duration::from_secs(20);
        let then = timeout(patience, client.read_exact(&mut answer)).await;
        then.expect("it is held back still").expect("it arrives");
        assert_eq!(&answer, b"answer");
    }

    #[test]
    fn one_answer_is_lost_when_asked_for() {
        let (state, traffic) = (ConnectionState::default(), Traffic::default());
        traffic.lose_answer.store(true, Ordering::SeqCst);
        let start_up = b"Z\0\0\0\x05I";
        assert!(
            state.server_sent(start_up, &traffic),
            "making a connection is no answer"
        );
        assert!(!state.server_sent(b"rows", &traffic));
        assert!(state.server_sent(b"rows", &traffic));
    }
}
