//! What fuzzing holds the core against: for each target a function from bytes to nothing, which panics where its property does
//! not hold. Stable Rust, no fuzzer: `fuzz/` hands them to libFuzzer, and the tests here replay what is kept of it.
//!
//! A target is a file. What it shares with the core's own tests is in `tests/models/`.

mod control;
mod differential;
mod fleet;
pub mod models;
mod path;
mod peer;
mod record;
pub mod seeds;
mod stream;
mod token;

use seeds::Inputs;

/// One thing that is fuzzed.
pub struct Target {
    /// What it is called: in `fuzz/fuzz_targets`, `fuzz/corpus` and `fuzz/regressions`.
    pub name: &'static str,
    /// What holds of every input.
    pub property: &'static str,
    /// Panics where it does not.
    pub run: fn(&[u8]),
    /// What inputs are made of: the core's own constants, for the fuzzer to put in.
    pub dictionary: fn() -> Vec<String>,
    /// Inputs to begin with.
    pub seeds: fn(&Inputs) -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    stream::TARGET,
    fleet::TARGET,
    token::TARGET,
    path::TARGET,
    record::TARGET,
    control::TARGET,
    differential::TARGET,
];

/// Runs a target on an input.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target's name");
    (target.run)(data);
}
