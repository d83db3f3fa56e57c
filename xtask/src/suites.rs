//! What is tested, in the order in which it runs: the cheap and telling first.

use std::time::Duration;

use crate::deny;
use crate::fuzz;
use crate::npm;
use crate::package;
use crate::reliability;
use crate::tools::{Setup, TaskError, cargo, cargo_with, target_folder};

/// A part of the tests that can run alone.
pub struct Suite {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What holds where it passes.
    pub claim: &'static str,
    /// The time after which it is killed and has failed. It includes a cold build: the first suite
    /// that needs an artifact builds it.
    pub limit: Duration,
    /// How it runs.
    pub run: fn(Setup) -> Result<(), TaskError>,
}

pub const SUITES: &[Suite] = &[
    Suite {
        name: "format",
        claim: "every file is as rustfmt writes it",
        limit: minutes(2),
        run: |_| cargo("fmt --all --check"),
    },
    Suite {
        name: "clippy",
        claim: "neither rustc nor clippy warns, and the core names nothing that clippy.toml keeps from it",
        limit: minutes(15),
        run: |_| cargo("clippy --workspace --all-targets --all-features --locked -- -D warnings"),
    },
    Suite {
        name: "xtask",
        claim: "a suite that exceeds its time limit is killed with everything it started",
        limit: minutes(5),
        run: |_| cargo("test -p xtask --locked"),
    },
    Suite {
        name: "deny",
        claim: "what all is built from has licences, sources and versions that deny.toml allows, and no advisory that can be had",
        limit: minutes(5),
        run: deny::check,
    },
    Suite {
        name: "doctests",
        claim: "the examples in the core's documentation run",
        limit: minutes(10),
        run: |_| cargo("test --doc -p imds --all-features --locked"),
    },
    Suite {
        name: "core",
        claim: "the core keeps what its unit and integration tests claim",
        limit: minutes(20),
        run: |_| cargo("test -p imds --tests --all-features --locked"),
    },
    Suite {
        name: "fuzz-corpora",
        claim: "what fuzzing began with and what it found holds, on stable and without a fuzzer",
        limit: minutes(12),
        run: |_| cargo("test -p imds-fuzz --locked"),
    },
    Suite {
        name: "server",
        claim: "the binary serves real clients over real sockets",
        limit: minutes(15),
        run: |setup| {
            setup.program("curl", "curl")?;
            cargo("test -p imds-server --locked")
        },
    },
    Suite {
        name: "curl",
        claim: "curl gets what it gets on EC2, in every mode",
        limit: minutes(10),
        run: |setup| client(setup, "curl", &[("curl", "curl")]),
    },
    Suite {
        name: "wget",
        claim: "so does wget",
        limit: minutes(5),
        run: |setup| client(setup, "wget", &[("wget", "wget")]),
    },
    Suite {
        name: "botocore",
        claim: "botocore takes credentials and region from the binary, and gets over what goes wrong",
        limit: minutes(10),
        run: |setup| client(setup, "botocore", PYTHON),
    },
    Suite {
        name: "aws-cli",
        claim: "so do the AWS CLI's versions 1 and 2",
        limit: minutes(10),
        run: |setup| client(setup, "awscli", &[PYTHON[0], AWS_CLI]),
    },
    Suite {
        name: "cloud-init",
        claim: "a crawl as cloud-init makes it ends well, in old versions too",
        limit: minutes(10),
        run: |setup| client(setup, "cloud_init", PYTHON),
    },
    Suite {
        name: "ec2-metadata-service",
        claim: "@aws-sdk/ec2-metadata-service takes the binary for EC2",
        limit: minutes(10),
        run: |setup| client(setup, "ec2_metadata_service", NODE),
    },
    Suite {
        name: "credential-provider-imds",
        claim: "so does @smithy/credential-provider-imds",
        limit: minutes(10),
        run: |setup| client(setup, "credential_provider_imds", NODE),
    },
    Suite {
        name: "aws-config",
        claim: "so does aws-config, the SDK for Rust",
        limit: minutes(10),
        run: |setup| client(setup, "aws_config", &[]),
    },
    Suite {
        name: "hop-limit",
        claim: "behind a router a token arrives at hop limit 2 and never at 1, over IPv4 and IPv6",
        limit: minutes(5),
        run: |setup| client(setup, "hop_limit", &[("ip", "iproute2"), ("curl", "curl"), PYTHON[0]]),
    },
    Suite {
        name: "by-peer",
        claim: "on a bridge each client is answered as the instance whose address it has, and closed on where none has it",
        limit: minutes(5),
        run: |setup| client(setup, "by_peer", &[("ip", "iproute2"), ("curl", "curl")]),
    },
    Suite {
        name: "link-local",
        claim: "at 169.254.169.254 the article's commands and the clients run with no endpoint override",
        limit: minutes(8),
        run: |setup| {
            let programs = [("ip", "iproute2"), ("curl", "curl"), PYTHON[0], AWS_CLI, NODE[0], NODE[1]];
            client(setup, "link_local", &programs)
        },
    },
    Suite {
        name: "ec2-api",
        claim: "botocore's calls, waiters and paginators run as on EC2, every answer fits its model, 10,000 instances are served",
        limit: minutes(10),
        run: |setup| client(setup, "ec2_api", PYTHON),
    },
    Suite {
        name: "article",
        claim: "every step of the article shows what the article shows, with both AWS CLIs and curl; so does the README's replay",
        limit: minutes(8),
        run: |setup| client(setup, "article", &[("curl", "curl"), PYTHON[0], AWS_CLI]),
    },
    Suite {
        name: "no-std",
        claim: "the core builds with all its features where there is no operating system",
        limit: minutes(5),
        run: |setup| for_each_target(setup, &["x86_64-unknown-none"], "build -p imds --all-features --locked"),
    },
    Suite {
        name: "wasm",
        claim: "the core builds for the browser, without its features too",
        limit: minutes(5),
        run: |setup| {
            for_each_target(setup, &["wasm32-unknown-unknown"], "build -p imds --no-default-features --locked")
        },
    },
    Suite {
        name: "npm-dist",
        claim: "pkg/dist/ is what the sources make, byte for byte, is as large as it says, and names no folder of a machine",
        limit: minutes(10),
        run: npm::check,
    },
    Suite {
        name: "npm-package",
        claim: "the npm package answers the native bytes in Node, keeps its types, runs its examples and holds what it should",
        limit: minutes(10),
        run: npm::package,
    },
    Suite {
        name: "npm-clients",
        claim: "three JavaScript clients of AWS's take imds/node for EC2",
        limit: minutes(8),
        run: npm::clients,
    },
    Suite {
        name: "npm-hosts",
        claim: "the npm package runs in Bun, Deno and a Worker",
        limit: minutes(8),
        run: npm::hosts,
    },
    Suite {
        name: "npm-browsers",
        claim: "and in Chromium and Firefox, from a file too",
        limit: minutes(8),
        run: npm::browsers,
    },
    Suite {
        name: "page",
        claim: "the playground and the lessons work in Chromium and Firefox, by keyboard alone too, and reach no network",
        limit: minutes(12),
        run: npm::page,
    },
    Suite {
        name: "package",
        claim: "the core's package holds all of its source and nothing that no user needs",
        limit: minutes(2),
        run: |_| package::check(),
    },
];

/// What runs with --all only, or by its name: it takes long, or as long as it is given.
pub const THOROUGH: &[Suite] = &[
    Suite {
        name: "docs",
        claim: "the documentation builds without a warning, no link in it is dead",
        limit: minutes(10),
        run: |_| cargo_with(&[("RUSTDOCFLAGS", "-D warnings")], "doc --workspace --all-features --no-deps --locked"),
    },
    Suite {
        name: "platforms",
        claim: "the server type-checks for Windows and macOS",
        limit: minutes(10),
        run: |setup| {
            let targets = ["x86_64-pc-windows-gnu", "aarch64-apple-darwin"];
            for_each_target(setup, &targets, "check -p imds-server --locked")
        },
    },
    Suite {
        name: "load",
        claim: "200,000 token PUTs, 64 at a time, a connection each: no error, and nothing is kept of a token",
        limit: minutes(10),
        run: |_| reliability::load("puts").map(drop),
    },
    Suite {
        name: "keep-alive",
        claim: "1,000,000 token PUTs on 64 kept connections: no error, and memory stays flat",
        limit: minutes(8),
        run: |_| reliability::load("keep-alive").map(drop),
    },
    Suite {
        name: "idle",
        claim: "10,000 idle connections are held while others are answered in time, and a slow head is cut at its deadline",
        limit: minutes(8),
        run: |_| reliability::load("idle").map(drop),
    },
    Suite {
        name: "faults",
        claim: "what goes wrong with peers, files, clock, disk and signals loses no acknowledged word and is answered in time",
        limit: minutes(12),
        run: |setup| reliability::faults(setup).map(drop),
    },
    Suite {
        name: "page-axe",
        claim: "axe finds no fault in any view of the page, light and dark, on a phone and on a desk, and nothing scrolls sideways",
        limit: minutes(12),
        run: npm::page_axe,
    },
    Suite {
        name: "page-inputs",
        claim: "each of 100 inputs of a kind is answered on the page, and how long that takes is told",
        limit: minutes(12),
        run: npm::page_inputs,
    },
    Suite {
        name: "fuzz",
        claim: "seven theorems hold for whatever a fuzzer makes up in 20 s each",
        limit: minutes(20),
        run: |setup| fuzz::each(setup, 20),
    },
];

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// Programs and the packages that hold them.
type Programs<'a> = &'a [(&'a str, &'a str)];

/// Debian keeps venv in a package of its own, which brings Python.
const PYTHON: Programs<'_> = &[("python3", "python3-venv")];
const NODE: Programs<'_> = &[("node", "nodejs"), ("npm", "npm")];
/// Debian's is version 2; another `aws` may be on the path.
const AWS_CLI: (&str, &str) = ("/usr/bin/aws", "awscli");

/// Runs the tests of one client against the binary.
fn client(setup: Setup, test: &str, programs: Programs<'_>) -> Result<(), TaskError> {
    for (program, package) in programs {
        setup.program(program, package)?;
    }
    cargo("build -p imds-server --locked")?;
    let binary = target_folder().join("debug").join("imds");
    let binary = binary.to_str().ok_or_else(|| TaskError::CannotRun("the path of the binary is no text".into()))?;
    cargo_with(&[("IMDS_BIN", binary)], &format!("test -p imds-clients --test {test} --locked"))
}

/// Runs the cargo command for every target that is there or can be added, and says at the end which could not.
fn for_each_target(setup: Setup, targets: &[&str], command: &str) -> Result<(), TaskError> {
    let mut missing = Ok(());
    for target in targets {
        match setup.target(target) {
            Ok(()) => cargo(&format!("{command} --target {target}"))?,
            Err(error) => missing = Err(error),
        }
    }
    missing
}
