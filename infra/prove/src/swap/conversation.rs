//! What a client says to PostgreSQL, message by message.

/// Kind and length of each message of what was said on a connection after its start-up.
pub fn messages(mut said: &[u8]) -> Vec<(char, usize)> {
    let mut messages = Vec::new();
    while let [kind, a, b, c, d, ..] = *said {
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        messages.push((char::from(kind), length));
        said = said.get(1 + length..).unwrap_or_default();
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart() {
        let said = b"P\0\0\0\x06abS\0\0\0\x04";
        assert_eq!(messages(said), [('P', 6), ('S', 4)]);
    }
}
