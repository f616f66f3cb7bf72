//! What holds of everything that reads what strangers send: none of it panics, none lets in what is not right, and none quotes
//! what it was given, in an answer or in a log.
//!
//! Each property stands here once, as a function that panics where it does not hold. The tests of this crate call it with made-up
//! input and with the corpus that `infra/fuzz` has found; `infra/fuzz` calls it with whatever libFuzzer comes up with.

pub mod claims;
pub mod cursors;
pub mod dates;
pub mod deliveries;
pub mod events;
mod now;
pub mod requests;
pub mod tokens;

/// Something whose properties must hold of any input.
#[derive(Debug, Clone, Copy)]
pub struct Parser {
    /// The fuzz target's name, and its corpus's.
    pub name: &'static str,
    /// Panics if one of its properties does not hold of this input.
    pub holds: fn(&[u8]),
}

/// All of them.
pub const PARSERS: [Parser; 7] = [
    Parser {
        name: "claims",
        holds: claims::holds,
    },
    Parser {
        name: "cursor",
        holds: cursors::holds,
    },
    Parser {
        name: "date",
        holds: dates::holds,
    },
    Parser {
        name: "delivery",
        holds: deliveries::holds,
    },
    Parser {
        name: "event",
        holds: events::holds,
    },
    Parser {
        name: "request",
        holds: requests::holds,
    },
    Parser {
        name: "token",
        holds: tokens::holds,
    },
];

/// What no message of ours holds. Where it stands in the input of a refusal, the refusal must not repeat it.
const MARK: char = '@';

/// Whether a text shows a character that PostgreSQL cannot store. `debug` is what `{:?}` made of what was read.
fn holds_nul(debug: &str) -> bool {
    debug.replace(r"\\", "").contains(r"\0")
}

#[cfg(test)]
mod tests;
