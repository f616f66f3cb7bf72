//! A small HTTP server for a client on this machine: one thread, blocking sockets, whole messages. It adds microseconds to
//! what it measures, where a server for the world adds tens of them.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Large enough for any answer of a function to arrive in few pieces.
const PIECE: usize = 256 * 1024;

/// A server on a loopback port.
pub struct HttpServer {
    listener: TcpListener,
    connections: Vec<Option<Connection>>,
    piece: Vec<u8>,
}

struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// A request that has arrived in whole.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// The connection it came on, where its answer goes.
    pub from: usize,
    /// Request line and headers.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The path, with its query.
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

impl HttpServer {
    /// A server on a free port.
    pub fn bind() -> anyhow::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind("127.0.0.1:0").context("no free loopback port")?,
            connections: Vec::new(),
            piece: vec![0; PIECE],
        })
    }

    /// Its host and port.
    pub fn address(&self) -> anyhow::Result<String> {
        Ok(self.listener.local_addr()?.to_string())
    }

    /// The next request; nothing if none has arrived until `deadline`.
    pub fn next(&mut self, deadline: Instant) -> anyhow::Result<Option<Request>> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let ready = self.ready(left)?;
            if ready.is_empty() {
                return Ok(None);
            }
            for position in ready {
                let Some(position) = position else {
                    self.accept()?;
                    continue;
                };
                if let Some(request) = self.receive(position)? {
                    return Ok(Some(request));
                }
            }
        }
    }

    /// Waits until something can be read: on the listener (nothing) or on a connection (its position).
    fn ready(&self, left: Duration) -> anyhow::Result<Vec<Option<usize>>> {
        let mut positions = vec![None];
        let mut waiting = vec![PollFd::new(&self.listener, PollFlags::IN)];
        for (position, connection) in self.connections.iter().enumerate() {
            if let Some(connection) = connection {
                positions.push(Some(position));
                waiting.push(PollFd::new(&connection.stream, PollFlags::IN));
            }
        }
        let left = Timespec::try_from(left)?;
        match poll(&mut waiting, Some(&left)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let ready = waiting.iter().zip(positions);
        Ok(ready
            .filter(|(waiting, _)| !waiting.revents().is_empty())
            .map(|(_, position)| position)
            .collect())
    }

    fn accept(&mut self) -> anyhow::Result<()> {
        let (stream, _) = self.listener.accept()?;
        stream.set_nodelay(true)?;
        let connection = Some(Connection {
            stream,
            received: Vec::new(),
        });
        match self.connections.iter_mut().find(|free| free.is_none()) {
            Some(free) => *free = connection,
            None => self.connections.push(connection),
        }
        Ok(())
    }

    /// Reads what has come on a connection. What comes after a whole request is an error: clients here wait for their answer.
    fn receive(&mut self, position: usize) -> anyhow::Result<Option<Request>> {
        let Some(Some(connection)) = self.connections.get_mut(position) else {
            return Ok(None);
        };
        let length = match connection.stream.read(&mut self.piece) {
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(None),
            Err(_) => 0,
        };
        if length == 0 {
            self.connections[position] = None;
            return Ok(None);
        }
        connection.received.extend_from_slice(&self.piece[..length]);
        let Some((head, body)) = whole(&connection.received)? else {
            return Ok(None);
        };
        connection.received.clear();
        Ok(Some(Request {
            from: position,
            head,
            body,
        }))
    }

    /// Sends a whole answer.
    pub fn answer(&mut self, to: usize, answer: &[u8]) -> anyhow::Result<()> {
        let Some(Some(connection)) = self.connections.get_mut(to) else {
            bail!("a client did not wait for its answer");
        };
        Ok(connection.stream.write_all(answer)?)
    }
}

/// An answer with a body in JSON.
pub fn json_answer(status: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Head and body of a request, once all of it is there.
fn whole(received: &[u8]) -> anyhow::Result<Option<(String, Vec<u8>)>> {
    const END: &[u8] = b"\r\n\r\n";
    let Some(end) = received.windows(END.len()).position(|window| window == END) else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&received[..end])?;
    if header(head, "transfer-encoding").is_some() {
        bail!("a client sends its body in chunks, which nobody here reads");
    }
    let length: usize = header(head, "content-length").map_or(Ok(0), str::parse)?;
    let body = &received[end + END.len()..];
    if body.len() < length {
        return Ok(None);
    }
    if body.len() > length {
        bail!("a client did not wait for its answer");
    }
    Ok(Some((head.to_owned(), body.to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_when_its_body_is() {
        let bytes = b"POST /x?y HTTP/1.1\r\nContent-Length: 3\r\nHost: h\r\n\r\nabc";
        for length in 0..bytes.len() {
            let part = whole(&bytes[..length]).expect("it can be read");
            assert_eq!(part, None, "{length} bytes");
        }
        let (head, body) = whole(bytes).expect("it can be read").expect("it is whole");
        let request = Request {
            from: 0,
            head,
            body,
        };
        assert_eq!(request.path(), "/x?y");
        assert_eq!(request.header("host"), Some("h"));
        assert_eq!(request.body, b"abc");
        whole(b"GET / HTTP/1.1\r\n\r\nGET").expect_err("two at once");
        whole(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").expect_err("chunks");
    }

    #[test]
    fn requests_are_read_and_answered() {
        let mut server = HttpServer::bind().expect("a port");
        let address = server.address().expect("an address");
        let client = std::thread::spawn(move || {
            let mut stream = TcpStream::connect(address).expect("it listens");
            stream
                .write_all(b"GET /a HTTP/1.1\r\n\r\n")
                .expect("it reads");
            let mut answer = [0; 15];
            stream.read_exact(&mut answer).expect("it answers");
            answer
        });
        let soon = Instant::now() + Duration::from_secs(10);
        let request = server
            .next(soon)
            .expect("a request")
            .expect("before it is late");
        assert_eq!(request.path(), "/a");
        server
            .answer(request.from, &json_answer("200 OK", "{}"))
            .expect("it can be answered");
        let answer = client.join().expect("the client ends");
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        let late = server.next(Instant::now()).expect("nothing is wrong");
        assert_eq!(late, None);
    }
}
