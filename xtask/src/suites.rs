//! What is tested, in the order in which it runs: the cheap and telling first.

use crate::package;
use crate::tools::{Setup, Stop, cargo, cargo_with};

/// A part of the tests that can run alone.
pub struct Suite {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What holds where it passes.
    pub claim: &'static str,
    /// How it runs.
    pub run: fn(Setup) -> Result<(), Stop>,
}

pub const SUITES: &[Suite] = &[
    Suite { name: "format", claim: "every file is as rustfmt writes it", run: |_| cargo("fmt --all --check") },
    Suite {
        name: "clippy",
        claim: "neither rustc nor clippy warns, and the core names nothing that clippy.toml keeps from it",
        run: |_| cargo("clippy --workspace --all-targets --locked -- -D warnings"),
    },
    Suite {
        name: "docs",
        claim: "the documentation builds without a warning, no link in it is dead",
        run: |_| cargo_with(&[("RUSTDOCFLAGS", "-D warnings")], "doc --workspace --no-deps --locked"),
    },
    Suite {
        name: "doctests",
        claim: "the examples in the core's documentation run",
        run: |_| cargo("test --doc -p imds --locked"),
    },
    Suite {
        name: "core",
        claim: "the core keeps what its unit and integration tests claim",
        run: |_| cargo("test -p imds --tests --locked"),
    },
    Suite {
        name: "server",
        claim: "the binary serves real clients over real sockets",
        run: |setup| {
            setup.program("curl", "curl")?;
            cargo("test -p imds-server --locked")
        },
    },
    Suite {
        name: "no-std",
        claim: "the core builds where there is no operating system",
        run: |setup| for_each_target(setup, &["x86_64-unknown-none"], "build -p imds --no-default-features --locked"),
    },
    Suite {
        name: "wasm",
        claim: "the core builds for the browser",
        run: |setup| {
            for_each_target(setup, &["wasm32-unknown-unknown"], "build -p imds --no-default-features --locked")
        },
    },
    Suite {
        name: "platforms",
        claim: "the server type-checks for Windows and macOS",
        run: |setup| {
            let targets = ["x86_64-pc-windows-gnu", "aarch64-apple-darwin"];
            for_each_target(setup, &targets, "check -p imds-server --locked")
        },
    },
    Suite {
        name: "load",
        claim: "200,000 token PUTs, 64 at a time, a connection each: no error, and nothing is kept of a token",
        run: |_| {
            cargo("build --release -p imds-server --locked")?;
            cargo("run --release -p imds-server --example load --locked")
        },
    },
    Suite {
        name: "package",
        claim: "the core's package holds all of its source and nothing that no user needs",
        run: |_| package::check(),
    },
];

/// Runs the cargo command for every target that is there or can be added, and says at the end which could not.
fn for_each_target(setup: Setup, targets: &[&str], command: &str) -> Result<(), Stop> {
    let mut missing = Ok(());
    for target in targets {
        match setup.target(target) {
            Ok(()) => cargo(&format!("{command} --target {target}"))?,
            Err(stop) => missing = Err(stop),
        }
    }
    missing
}
