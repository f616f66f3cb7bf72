//! A new file in `migrations/` has to reach the binary, although no line of Rust has changed.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
