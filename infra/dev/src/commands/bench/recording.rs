//! What a function sends to its database, read from the bytes on the wire, so that the very same can be sent without it.

use std::collections::HashMap;

use anyhow::{Context as _, bail, ensure};
use cairn_floor_order::Sent;

/// Reads what clients say on one connection, from its first byte on.
#[derive(Default)]
pub struct Recorder {
    started: bool,
    rest: Vec<u8>,
    statements: HashMap<String, (String, Vec<u32>)>,
}

impl Recorder {
    /// Reads on, and answers with what was carried out in these bytes. A statement that was only prepared does not count.
    pub fn read(&mut self, bytes: &[u8]) -> anyhow::Result<Vec<Sent>> {
        let mut rest = std::mem::take(&mut self.rest);
        rest.extend_from_slice(bytes);
        let mut input = Input(&rest);
        let mut sent = Vec::new();
        loop {
            let before = input.0;
            // The first message has no letter.
            let kind = if self.started {
                input.take(1)
            } else {
                Some(&b" "[..])
            };
            let length = input
                .take(4)
                .map(|length| u32::from_be_bytes([length[0], length[1], length[2], length[3]]));
            let body = length.and_then(|length| input.take(length.saturating_sub(4) as usize));
            let (Some(kind), Some(body)) = (kind, body) else {
                self.rest = before.to_vec();
                return Ok(sent);
            };
            self.started = true;
            sent.extend(
                self.message(kind[0], body)
                    .context("on the way to PostgreSQL")?,
            );
        }
    }

    fn message(&mut self, kind: u8, body: &[u8]) -> anyhow::Result<Option<Sent>> {
        let mut input = Input(body);
        match kind {
            b'Q' => Ok(Some(Sent::Simple(input.text()?))),
            b'P' => {
                let (name, sql) = (input.text()?, input.text()?);
                let types = (0..input.count()?)
                    .map(|_| input.number())
                    .collect::<Result<_, _>>()?;
                self.statements.insert(name, (sql, types));
                Ok(None)
            }
            b'B' => {
                let (_portal, name) = (input.text()?, input.text()?);
                let formats: Vec<usize> = (0..input.count()?)
                    .map(|_| input.count())
                    .collect::<Result<_, _>>()?;
                ensure!(
                    formats.iter().all(|format| *format == 1),
                    "a parameter is not binary"
                );
                let params = (0..input.count()?)
                    .map(|_| input.value())
                    .collect::<Result<_, _>>()?;
                let Some((sql, types)) = self.statements.get(&name).cloned() else {
                    bail!("a statement is used that was not prepared before");
                };
                Ok(Some(Sent::Statement { sql, types, params }))
            }
            _ => Ok(None),
        }
    }
}

/// Bytes that are read from the front.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(front)
    }

    fn text(&mut self) -> anyhow::Result<String> {
        let end = self.0.iter().position(|byte| *byte == 0);
        let text = end
            .and_then(|end| self.take(end))
            .context("a text without an end")?;
        self.take(1).context("a text without an end")?;
        Ok(std::str::from_utf8(text)?.to_owned())
    }

    fn count(&mut self) -> anyhow::Result<usize> {
        let bytes = self.take(2).context("a number is missing")?;
        Ok(usize::from(u16::from_be_bytes([bytes[0], bytes[1]])))
    }

    fn number(&mut self) -> anyhow::Result<u32> {
        let bytes = self.take(4).context("a number is missing")?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// A value behind its length; -1 stands for NULL.
    fn value(&mut self) -> anyhow::Result<Option<Vec<u8>>> {
        let length = self.number()?;
        if length == u32::MAX {
            return Ok(None);
        }
        let value = self.take(length as usize).context("a value is cut off")?;
        Ok(Some(value.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).expect("a short message");
        [&[kind][..], &length.to_be_bytes(), body].concat()
    }

    fn conversation() -> Vec<u8> {
        [
            b"\0\0\0\x0c\0\x03\0\0user".to_vec(),
            message(b'p', b"secret\0"),
            message(b'Q', b"BEGIN\0"),
            // Unnamed, with a parameter of type 25 and one of type 2950.
            message(b'P', b"\0SELECT $1, $2\0\0\x02\0\0\0\x19\0\0\x0b\x86"),
            message(
                b'B',
                b"\0\0\0\x02\0\x01\0\x01\0\x02\0\0\0\x02hi\xff\xff\xff\xff\0\x01\0\x01",
            ),
            message(b'E', b"\0\0\0\0\0"),
            message(b'S', b""),
            // Only prepared.
            message(b'P', b"s0\0SELECT 2\0\0\0"),
            message(b'B', b"\0s0\0\0\x01\0\x01\0\0\0\x01\0\x01"),
        ]
        .concat()
    }

    fn said() -> Vec<Sent> {
        vec![
            Sent::Simple("BEGIN".to_owned()),
            Sent::Statement {
                sql: "SELECT $1, $2".to_owned(),
                types: vec![25, 2950],
                params: vec![Some(b"hi".to_vec()), None],
            },
            Sent::Statement {
                sql: "SELECT 2".to_owned(),
                types: Vec::new(),
                params: Vec::new(),
            },
        ]
    }

    #[test]
    fn statements_are_read_with_their_parameters() {
        let sent = Recorder::default().read(&conversation());
        assert_eq!(sent.expect("it can be read"), said());
    }

    #[test]
    fn bytes_may_come_in_any_pieces() {
        let mut recorder = Recorder::default();
        let mut sent = Vec::new();
        for byte in conversation() {
            sent.extend(recorder.read(&[byte]).expect("it can be read"));
        }
        assert_eq!(sent, said());
    }

    #[test]
    fn what_cannot_be_sent_again_is_refused() {
        let start = b"\0\0\0\x08\0\x03\0\0".to_vec();
        let text = message(b'B', b"\0\0\0\x01\0\0\0\x01\0\0\0\x02hi\0\0");
        let unknown = message(b'B', b"\0s9\0\0\0\0\0\0\0");
        for wrong in [text, unknown] {
            let wrong = [start.clone(), wrong].concat();
            Recorder::default().read(&wrong).expect_err("it is refused");
        }
    }
}
