//! The properties hold of what the fuzzer has found, and of what is made up here.

mod corpus;
mod made_up;
