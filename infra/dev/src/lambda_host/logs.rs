//! What the functions write to standard output and standard error.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::unix::pipe::Receiver;

/// Enough for any test, and no burden for a benchmark that logs a line for each of a million requests.
const LINES_KEPT: usize = 20_000;
/// How much is read at once, in bytes.
const PIECE: usize = 8 * 1024;

/// The newest lines of a function.
#[derive(Default)]
pub(super) struct Logs(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    lines: VecDeque<String>,
    pipes: Vec<Pipe>,
}

/// One of the outputs of a process.
struct Pipe {
    receiver: Arc<Receiver>,
    /// The beginning of a line that has not ended.
    rest: Vec<u8>,
}

impl Logs {
    /// The lines, with all that has been written up to now: a function writes before it answers, so the lines of whatever has
    /// been answered are among them.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut kept = self.kept();
        let Kept { lines, pipes } = &mut *kept;
        let mut piece = [0; PIECE];
        for pipe in pipes {
            // Whatever the runtime knows of the pipe: it looks at it only now and then. The end is for the follower to find.
            while let Ok(length @ 1..) = rustix::io::read(&*pipe.receiver, &mut piece) {
                pipe.add(&piece[..length], lines);
            }
        }
        lines.iter().cloned().collect()
    }

    /// Keeps what comes out of a pipe until it ends, whoever asks for it: the process would block on a full one.
    pub(super) fn follow(self: &Arc<Self>, output: OwnedFd) -> io::Result<()> {
        let receiver = Arc::new(Receiver::from_owned_fd(output)?);
        self.kept().pipes.push(Pipe {
            receiver: Arc::clone(&receiver),
            rest: Vec::new(),
        });
        let logs = Arc::clone(self);
        tokio::spawn(
            async move { while receiver.readable().await.is_ok() && logs.read(&receiver) {} },
        );
        Ok(())
    }

    /// Reads what there is. Answers whether more may follow.
    fn read(&self, receiver: &Arc<Receiver>) -> bool {
        let mut kept = self.kept();
        let Kept { lines, pipes } = &mut *kept;
        let Some(position) = pipes
            .iter()
            .position(|pipe| Arc::ptr_eq(&pipe.receiver, receiver))
        else {
            return false;
        };
        let mut piece = [0; PIECE];
        match receiver.try_read(&mut piece) {
            Ok(length @ 1..) => pipes[position].add(&piece[..length], lines),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Ok(0) | Err(_) => {
                let ended = pipes.swap_remove(position);
                if !ended.rest.is_empty() {
                    push(lines, &ended.rest);
                }
                return false;
            }
        }
        true
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pipe {
    fn add(&mut self, piece: &[u8], lines: &mut VecDeque<String>) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.rest.extend_from_slice(part);
            if part.ends_with(b"\n") {
                push(lines, &self.rest);
                self.rest.clear();
            }
        }
    }
}

/// A line that is no UTF-8 is kept as well as it can be.
fn push(lines: &mut VecDeque<String>, line: &[u8]) {
    if lines.len() == LINES_KEPT {
        lines.pop_front();
    }
    lines.push_back(String::from_utf8_lossy(line.trim_ascii_end()).into_owned());
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// On one thread, so that nobody reads in between.
    #[tokio::test]
    async fn what_was_written_is_there_at_once() {
        let (reader, mut writer) = io::pipe().expect("a pipe");
        let logs = Arc::new(Logs::default());
        logs.follow(reader.into()).expect("it can be followed");
        writer.write_all(b"one\ntwo\n\xff th").expect("room");
        assert_eq!(logs.lines(), ["one", "two"]);
        writer.write_all(b"ree \r\nfour").expect("room");
        assert_eq!(logs.lines(), ["one", "two", "\u{fffd} three"]);
        drop(writer);
        while logs.lines().len() < 4 {
            tokio::task::yield_now().await;
        }
        assert_eq!(logs.lines()[3], "four");
        assert!(logs.kept().pipes.is_empty());
    }

    #[tokio::test]
    async fn a_pipe_does_not_fill_up_while_nobody_asks() {
        let (reader, mut writer) = io::pipe().expect("a pipe");
        let logs = Arc::new(Logs::default());
        logs.follow(reader.into()).expect("it can be followed");
        let written = tokio::task::spawn_blocking(move || {
            // More than a pipe holds.
            (0..100_000).try_for_each(|number| writeln!(writer, "line {number}"))
        });
        written.await.expect("it ends").expect("all is written");
        let lines = logs.lines();
        assert_eq!(lines.len(), LINES_KEPT);
        assert_eq!(lines.last().map(String::as_str), Some("line 99999"));
    }
}
