//! The test suites, in run order: cheap suites and those that fail most often first.

use std::time::Duration;

use crate::deny;
use crate::fuzz;
use crate::hosts;
use crate::msrv;
use crate::npm;
use crate::package;
use crate::python;
use crate::reliability;
use crate::tools::{Setup, TaskError, cargo, cargo_with, target_folder};
use crate::workflows;

/// A set of tests that can run alone.
pub struct Suite {
    /// Its name on the command line.
    pub name: &'static str,
    /// The property that holds if it passes.
    pub claim: &'static str,
    /// The time after which it is killed and fails. It covers a cold build on two cores, because
    /// the first suite that needs an artifact builds it.
    pub limit: Duration,
    /// Runs it.
    pub run: fn(Setup) -> Result<(), TaskError>,
}

/// The suites of a plain `cargo xtask test`. A suite that adds more than 60 s with a warm build
/// belongs in [`THOROUGH`].
pub const SUITES: &[Suite] = &[
    Suite {
        name: "format",
        claim: "rustfmt would change no file",
        limit: minutes(2),
        run: |_| cargo("fmt --all --check"),
    },
    Suite {
        name: "clippy",
        claim: "rustc and clippy report no warning, and the core uses nothing that clippy.toml bans",
        limit: minutes(20),
        run: |_| {
            cargo("clippy --workspace --exclude imds-clients-rust --all-targets --all-features --locked -- -D warnings")
        },
    },
    Suite {
        name: "xtask",
        claim: "a suite that exceeds its time limit is killed with everything it started",
        limit: minutes(5),
        run: |_| cargo("test -p xtask --locked"),
    },
    Suite {
        name: "deny",
        claim: "every dependency has a licence, source and version that deny.toml allows, and no advisory if their database can be fetched",
        limit: minutes(5),
        run: deny::check,
    },
    Suite {
        name: "workflows",
        claim: "actionlint reports no error in the GitHub workflows",
        limit: minutes(8),
        run: workflows::check,
    },
    Suite {
        name: "doctests",
        claim: "the examples in the core's documentation run",
        limit: minutes(15),
        run: |_| cargo(&format!("test --doc {CORE} --locked")),
    },
    Suite {
        name: "core",
        claim: "the core's unit and integration tests pass",
        limit: minutes(20),
        run: |_| cargo(&format!("test {CORE} --tests --locked")),
    },
    Suite {
        name: "examples",
        claim: "each program of examples/ runs and gives the documented bytes",
        limit: minutes(15),
        run: |_| cargo("test -p imds-examples --locked"),
    },
    Suite {
        name: "core-abi",
        claim: "the C ABI gives what the crate gives, its header and docs/abi.md are right, and a C program serves curl",
        limit: minutes(10),
        run: |setup| {
            setup.program("cc", "gcc g++")?;
            setup.program("curl", "curl")?;
            cargo("test -p imds-core --locked")
        },
    },
    Suite {
        name: "server",
        claim: "the server binary works with clients over sockets",
        limit: minutes(15),
        run: |setup| {
            setup.program("curl", "curl")?;
            setup.program("openssl", "openssl")?;
            cargo("test -p imds-server --locked")
        },
    },
    Suite {
        name: "curl",
        claim: "curl receives the same responses as on EC2, in every mode",
        limit: minutes(15),
        run: |setup| client(setup, "curl", &[("curl", "curl")]),
    },
    Suite {
        name: "wget",
        claim: "wget receives the same responses as on EC2",
        limit: minutes(5),
        run: |setup| client(setup, "wget", &[("wget", "wget")]),
    },
    Suite {
        name: "nginx",
        claim: "behind nginx the server answers exactly the requests that nginx forwards, whatever a client sends",
        limit: minutes(8),
        run: |setup| client(setup, "nginx", &[]),
    },
    Suite {
        name: "botocore",
        claim: "botocore reads credentials and region from the server and recovers from errors",
        limit: minutes(10),
        run: |setup| client(setup, "botocore", PYTHON),
    },
    Suite {
        name: "aws-cli",
        claim: "the AWS CLI, versions 1 and 2, reads credentials and region from the server",
        limit: minutes(10),
        run: |setup| client(setup, "awscli", &[PYTHON[0], AWS_CLI]),
    },
    Suite {
        name: "cloud-init",
        claim: "cloud-init's metadata crawl succeeds, with old metadata versions too",
        limit: minutes(10),
        run: |setup| client(setup, "cloud_init", PYTHON),
    },
    Suite {
        name: "ec2-metadata-service",
        claim: "@aws-sdk/ec2-metadata-service works against the server",
        limit: minutes(10),
        run: |setup| client(setup, "ec2_metadata_service", NODE),
    },
    Suite {
        name: "credential-provider-imds",
        claim: "@smithy/credential-provider-imds works against the server",
        limit: minutes(10),
        run: |setup| client(setup, "credential_provider_imds", NODE),
    },
    Suite {
        name: "hop-limit",
        claim: "a token response crosses a router at hop limit 2 and never at 1, over IPv4 and IPv6",
        limit: minutes(5),
        run: |setup| client(setup, "hop_limit", &[("ip", "iproute2"), ("curl", "curl"), PYTHON[0]]),
    },
    Suite {
        name: "by-peer",
        claim: "on a bridge each client sees the instance that has its address, and other clients are disconnected",
        limit: minutes(5),
        run: |setup| client(setup, "by_peer", &[("ip", "iproute2"), ("curl", "curl")]),
    },
    Suite {
        name: "link-local",
        claim: "at 169.254.169.254 the article's commands and AWS's clients run without an endpoint override",
        limit: minutes(8),
        run: |setup| {
            let programs = [("ip", "iproute2"), ("curl", "curl"), PYTHON[0], AWS_CLI, NODE[0], NODE[1]];
            client(setup, "link_local", &programs)
        },
    },
    Suite {
        name: "ec2-api",
        claim: "botocore's calls, waiters and paginators work, and every response fits its model",
        limit: minutes(15),
        run: |setup| client(setup, "ec2_api", PYTHON),
    },
    Suite {
        name: "article",
        claim: "every step of the article, and the README's replay, gives the article's output with both AWS CLIs and curl",
        limit: minutes(8),
        run: |setup| client(setup, "article", &[("curl", "curl"), PYTHON[0], AWS_CLI]),
    },
    Suite {
        name: "no-std",
        claim: "the core builds with all features for a target without an operating system",
        limit: minutes(5),
        run: |setup| for_each_target(setup, &["x86_64-unknown-none"], &format!("build {CORE} --locked")),
    },
    Suite {
        name: "wasm",
        claim: "the core builds for wasm32-unknown-unknown without default features",
        limit: minutes(5),
        run: |setup| for_each_target(setup, &["wasm32-unknown-unknown"], &format!("build {CORE} --locked")),
    },
    Suite {
        name: "npm-dist",
        claim: "pkg/dist/ matches its sources, has the sizes in the READMEs, and contains no path of a build machine",
        limit: minutes(15),
        run: npm::check,
    },
    Suite {
        name: "npm-package",
        claim: "the npm package gives the native build's responses in Node, and its types, examples and contents are right",
        limit: minutes(12),
        run: npm::package,
    },
    Suite {
        name: "npm-clients",
        claim: "three JavaScript clients of AWS work against imds/node",
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
        claim: "the npm package runs in Chromium and Firefox, also from a file: URL",
        limit: minutes(8),
        run: npm::browsers,
    },
    Suite {
        name: "python",
        claim: "the Python package installs without Rust, gives the native build's responses, and boto3 uses its pytest fixture without a network",
        limit: minutes(5),
        run: python::test,
    },
    Suite {
        name: "page",
        claim: "the page's modules work in Node, and the page in Chromium and Firefox from the server, a static host and disk, without network access",
        limit: minutes(15),
        run: npm::page,
    },
    Suite {
        name: "package",
        claim: "each published crate contains all of its source and no other files, and the npm package has its version",
        limit: minutes(2),
        run: |_| package::check(),
    },
];

/// Suites that take long. They run with `--all`, or by name.
pub const THOROUGH: &[Suite] = &[
    Suite {
        name: "npm-debug",
        claim: "a trap of the npm package imds-debug has the panic's message and the names of the functions",
        limit: minutes(10),
        run: npm::debug,
    },
    Suite {
        name: "core-rust",
        claim: "a Rust program serves curl with the core's module in wasmi, and gets the native build's results",
        limit: minutes(10),
        run: hosts::rust,
    },
    Suite {
        name: "core-wasm2c",
        claim: "a C program serves curl with the core's module in wasm2c, and gets the native build's results",
        limit: minutes(8),
        run: hosts::wasm2c,
    },
    Suite {
        name: "core-go",
        claim: "a Go program serves curl with the core's module in wazero, and gets the native build's results",
        limit: minutes(5),
        run: hosts::go,
    },
    Suite {
        name: "core-java",
        claim: "a Java program serves curl with the core's module in Chicory, and gets the native build's results",
        limit: minutes(8),
        run: hosts::java,
    },
    Suite {
        name: "docs",
        claim: "the documentation builds without warnings or dead links",
        limit: minutes(15),
        run: |_| cargo_with(&[("RUSTDOCFLAGS", "-D warnings")], "doc --workspace --all-features --no-deps --locked"),
    },
    Suite {
        name: "msrv",
        claim: "the core builds with the Rust version that Cargo.toml declares",
        limit: minutes(15),
        run: |_| msrv::build(),
    },
    Suite {
        name: "platforms",
        claim: "the server type-checks for Windows and macOS",
        limit: minutes(20),
        run: |setup| {
            let targets = ["x86_64-pc-windows-gnu", "aarch64-apple-darwin"];
            for_each_target(setup, &targets, "check -p imds-server --locked")
        },
    },
    Suite {
        name: "aws-config",
        claim: "aws-config, part of the AWS SDK for Rust, works against the server",
        limit: minutes(15),
        run: |_| rust_client("aws_config"),
    },
    Suite {
        name: "clients-all",
        claim: "every client that docs/clients.md lists as run gets what it gets on EC2, on both generations, with the documented requests",
        limit: minutes(25),
        run: |setup| {
            client(setup, "every_client", EVERY_CLIENT)?;
            rust_client("every_rust_client")
        },
    },
    Suite {
        name: "page-browsers",
        claim: "every lesson, view and link of the page works in Chromium, also by keyboard, and nothing has grown",
        limit: minutes(15),
        run: npm::page_browsers,
    },
    Suite {
        name: "ec2-fleet",
        claim: "10,000 instances are launched, described and served",
        limit: minutes(10),
        run: |setup| client_with(setup, "ec2_api", PYTHON, "-- --ignored"),
    },
    Suite {
        name: "clippy-rust-clients",
        claim: "clippy reports no warning in the tests of the clients that are Rust crates",
        limit: minutes(15),
        run: |_| cargo("clippy -p imds-clients-rust --all-targets --locked -- -D warnings"),
    },
    Suite {
        name: "haproxy",
        claim: "behind HAProxy the server answers exactly the requests that HAProxy forwards, whatever a client sends",
        limit: minutes(8),
        run: |setup| client(setup, "haproxy", &[]),
    },
    Suite {
        name: "varnish",
        claim: "behind Varnish the server answers exactly the requests that Varnish forwards, whatever a client sends",
        limit: minutes(8),
        run: |setup| client(setup, "varnish", &[("cc", "gcc")]),
    },
    Suite {
        name: "load",
        claim: "200,000 token requests, 64 at a time, one connection each: no error, and memory stays flat",
        limit: minutes(15),
        run: |_| reliability::load("puts").map(drop),
    },
    Suite {
        name: "keep-alive",
        claim: "1,000,000 token requests on 64 persistent connections: no error, and memory stays flat",
        limit: minutes(8),
        run: |_| reliability::load("keep-alive").map(drop),
    },
    Suite {
        name: "idle",
        claim: "with 10,000 idle connections other requests are answered in time, and a slow head is closed at its deadline",
        limit: minutes(8),
        run: |_| reliability::load("idle").map(drop),
    },
    Suite {
        name: "faults",
        claim: "faults of peers, files, clock, disk and signals lose no acknowledged change and delay no response",
        limit: minutes(12),
        run: |setup| reliability::faults(setup).map(drop),
    },
    Suite {
        name: "page-axe",
        claim: "axe reports no violation in any view, light and dark, on a phone and a desktop, and nothing scrolls sideways",
        limit: minutes(12),
        run: npm::page_axe,
    },
    Suite {
        name: "console-browser",
        claim: "in Chromium no page of another origin changes the fleet, in whatever way it sends a call",
        limit: minutes(12),
        run: npm::console_browser,
    },
    Suite {
        name: "page-inputs",
        claim: "the page responds to each of 100 inputs of a kind, and the time this takes is reported",
        limit: minutes(12),
        run: npm::page_inputs,
    },
    Suite {
        name: "fuzz-corpora",
        claim: "the properties of the fuzz targets hold for every committed input",
        limit: minutes(15),
        run: |_| cargo("test -p imds-fuzz --locked"),
    },
    Suite {
        name: "fuzz",
        claim: "the property of each fuzz target holds for the same generated inputs each time, 20 s each",
        limit: minutes(20),
        run: |setup| fuzz::run_all(setup, 20),
    },
];

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// The `no_std` crates, as cargo's arguments.
pub const CORE: &str = "-p imds -p imds-ec2 -p imds-conformance";

/// Programs, each with the Debian package that contains it.
type Programs<'a> = &'a [(&'a str, &'a str)];

/// Debian has `venv` in a separate package, which depends on Python.
const PYTHON: Programs<'_> = &[("python3", "python3-venv")];
const NODE: Programs<'_> = &[("node", "nodejs"), ("npm", "npm")];
/// Debian's is version 2; the path may contain another `aws`.
const AWS_CLI: (&str, &str) = ("/usr/bin/aws", "awscli");
/// What the clients run on. The tests install the clients themselves below the target folder.
const EVERY_CLIENT: Programs<'_> = &[
    ("ip", "iproute2"),
    ("curl", "curl"),
    ("wget", "wget"),
    ("ruby", "ruby"),
    ("go", "golang-go"),
    ("javac", "default-jdk-headless"),
    ("mvn", "maven"),
    PYTHON[0],
    AWS_CLI,
    NODE[0],
    NODE[1],
];

/// Runs the tests of one client against the server binary.
fn client(setup: Setup, test: &str, programs: Programs<'_>) -> Result<(), TaskError> {
    client_with(setup, test, programs, "")
}

/// Runs the tests of one client with further arguments of `cargo test`.
fn client_with(setup: Setup, test: &str, programs: Programs<'_>, arguments: &str) -> Result<(), TaskError> {
    for (program, package) in programs {
        setup.program(program, package)?;
    }
    against_server(&format!("test -p imds-clients --test {test} --locked {arguments}"))
}

/// Runs the tests of a client that is a Rust crate.
fn rust_client(test: &str) -> Result<(), TaskError> {
    against_server(&format!("test -p imds-clients-rust --test {test} --locked"))
}

/// Builds the server binary and runs the cargo command with its path.
fn against_server(command: &str) -> Result<(), TaskError> {
    cargo("build -p imds-server --locked")?;
    let binary = target_folder().join("debug").join("imds");
    let binary =
        binary.to_str().ok_or_else(|| TaskError::CannotRun("the path of the server binary is not UTF-8".into()))?;
    cargo_with(&[("IMDS_BIN", binary)], command)
}

/// Runs the cargo command for every target that is installed or can be added.
///
/// # Errors
/// `Unavailable` for the last target that cannot be added, after the others have run.
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
