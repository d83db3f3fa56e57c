//! The properties that fuzzing tests. Each target is a function that takes bytes and panics if its
//! property does not hold.
//!
//! The package builds on stable Rust without a fuzzer. `fuzz/` passes the functions to libFuzzer;
//! the tests of this package replay the corpora and regressions.
//!
//! Each target is one file. `tests/models/` has the models that it shares with the core's tests.

mod console;
mod control;
mod differential;
mod fleet;
mod http_parser;
pub mod models;
mod path;
mod record;
pub mod seeds;
mod state;
mod stream;
mod token;

use seeds::Inputs;

/// A fuzz target.
pub struct Target {
    /// The name, also in `fuzz/fuzz_targets`, `fuzz/corpus` and `fuzz/regressions`.
    pub name: &'static str,
    /// A statement that is true for every input.
    pub property: &'static str,
    /// Panics if the property does not hold for this input.
    pub run: fn(&[u8]),
    /// The entries of the fuzzer's dictionary, from constants of the core.
    pub dictionary: fn() -> Vec<String>,
    /// Generates the initial inputs from those of the transcripts.
    pub seeds: fn(&Inputs) -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    stream::TARGET,
    fleet::TARGET,
    token::TARGET,
    path::TARGET,
    record::TARGET,
    state::TARGET,
    control::TARGET,
    console::TARGET,
    differential::TARGET,
];

/// Runs a target on an input.
///
/// # Panics
///
/// If no target has this name, or the property does not hold.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("unknown fuzz target");
    (target.run)(data);
}
