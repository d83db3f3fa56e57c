//! The project's development commands, run as `cargo xtask`.

mod coverage;
mod deny;
mod fuzz;
mod hosts;
mod limit;
mod msrv;
mod mutants;
mod npm;
mod package;
mod python;
mod reliability;
mod report;
mod scoreboard;
mod suites;
mod tools;
mod workflows;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use report::Report;
use suites::{SUITES, Suite, THOROUGH};
use tools::{Setup, TaskError};

/// The project's development commands
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the test suites and print a summary
    ///
    /// The suites run one after the other in a fixed order. A failure does not stop the run. A
    /// suite that exceeds its time limit is killed and fails. The last line is "N passed, N failed,
    /// N skipped"; the exit status is 0 if no suite failed.
    ///
    /// Missing rustup targets are added. With --setup, or with CI=true in the environment, missing
    /// programs are installed with apt-get. A suite that still cannot run is skipped; with CI=true
    /// it fails instead, unless it only lacks a target or toolchain that rustup cannot add.
    Test {
        /// Install missing programs
        #[arg(long)]
        setup: bool,
        /// Print each suite's name and claim, and run nothing
        #[arg(long)]
        list: bool,
        /// Also run the thorough suites, which take more than a minute
        #[arg(long, conflicts_with = "suites")]
        all: bool,
        /// Names of the suites to run [default: all except the thorough ones]
        #[arg(value_name = "SUITE")]
        suites: Vec<String>,
    },
    /// Fuzz one target: search for an input that violates its property
    ///
    /// Builds with the pinned toolchain and without a sanitizer, because the core forbids unsafe
    /// code. Installs cargo-fuzz below the target folder. New corpus inputs are kept in
    /// target/fuzz/corpus, inputs that fail in target/fuzz/artifacts.
    Fuzz {
        /// Duration in seconds
        #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
        secs: u64,
        /// The target [default: list the targets]
        #[arg(value_name = "TARGET")]
        target: Option<String>,
    },
    /// Build pkg/dist/, the npm package's WebAssembly module and its JavaScript bindings
    ///
    /// Missing tools are set up as for `test`: the WebAssembly target by rustup, wasm-opt from npm.
    /// If rustup cannot add the target, Debian's rustc-web compiles the module; its bytes differ
    /// from the committed ones.
    Dist {
        /// Check that the committed files match the sources, and write nothing
        #[arg(long, conflicts_with_all = ["costs", "bench"])]
        check: bool,
        /// Print the size of each part of the module
        #[arg(long, conflicts_with = "bench")]
        costs: bool,
        /// Measure the cost of a call from JavaScript
        #[arg(long, conflicts_with = "debug")]
        bench: bool,
        /// Build the npm package imds-debug in target/npm/imds-debug: its module has the names of its
        /// functions, and a panic throws its message
        #[arg(long, conflicts_with_all = ["check", "costs"])]
        debug: bool,
    },
    /// Take pictures of the page in Chromium, and write target/page-screenshots/index.html
    ///
    /// Each screen at 390, 768, 1280 and 1440 pixels, light and dark. Prints each picture.
    Screenshots {
        /// Names of the screens in www/test/browser-screens.mjs [default: all]
        #[arg(value_name = "SCREEN")]
        screens: Vec<String>,
    },
    /// Write docs/scoreboard.md: results of `imds check` for this server and for others
    ///
    /// Installs pinned versions of the other servers below the target folder. Each server runs on a
    /// free loopback port while it is checked.
    Scoreboard,
    /// Write docs/reliability.md: the server under load and faults
    ///
    /// Runs every scenario of the load program against the release binary over loopback, and the
    /// tests of power failures, which takes about five minutes.
    Reliability,
    /// Write docs/coverage.md: lines of the core that its tests and the fuzz corpora execute
    ///
    /// Builds with rustc's coverage instrumentation in target/coverage. Adds rustup's component
    /// llvm-tools if it is missing.
    Coverage,
    /// Test mutants: change the sources in one place after the other, and list what no test notices
    ///
    /// Installs cargo-mutants below the target folder, which works on a copy of the sources. Quick
    /// tests run on each mutant, and all tests on those that survive. Writes the results of all
    /// shards that are below the target folder to docs/coverage.md.
    Mutants {
        /// The module [default: all]
        module: Option<mutants::Module>,
        /// Test only the mutants of one shard, for example 0/8 [default: all mutants]
        #[arg(long, value_name = "K/N", value_parser = mutants::Shard::parse, requires = "module")]
        shard: Option<mutants::Shard>,
        /// Write the results of earlier runs, and test nothing
        #[arg(long, conflicts_with_all = ["module", "shard"])]
        report: bool,
    },
    /// Run one suite in this process; `test` starts one such process per suite
    #[command(hide = true)]
    RunSuite {
        /// The suite's name
        suite: String,
        /// The file that receives the reason if the suite does not pass
        #[arg(long)]
        outcome: PathBuf,
        /// Install missing programs
        #[arg(long)]
        setup: bool,
    },
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Test { setup, list, all, suites } => test(setup, list, all, &suites),
        Command::Fuzz { target: Some(target), secs } => run_task(|setup| fuzz::run_one(setup, &target, secs)),
        Command::Fuzz { target: None, .. } => run_task(|_| fuzz::list()),
        Command::Dist { check: true, .. } => run_task(npm::check),
        Command::Dist { costs: true, .. } => run_task(npm::costs),
        Command::Dist { bench: true, .. } => run_task(npm::measure),
        Command::Dist { debug: true, .. } => run_task(npm::build_debug),
        Command::Dist { .. } => run_task(npm::build),
        Command::Screenshots { screens } => run_task(|setup| npm::screenshots(setup, &screens)),
        Command::Scoreboard => run_task(scoreboard::write),
        Command::Reliability => run_task(reliability::write),
        Command::Coverage => run_task(coverage::write),
        Command::Mutants { report: true, .. } => run_task(|_| mutants::report()),
        Command::Mutants { module, shard, .. } => run_task(|setup| mutants::run(setup, module, shard)),
        Command::RunSuite { suite, outcome, setup } => run_suite(&suite, &outcome, setup),
    }
}

fn run_task(step: impl FnOnce(Setup) -> Result<(), TaskError>) -> ExitCode {
    match step(Setup::new(true)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(TaskError::Failed(reason) | TaskError::CannotRun(reason) | TaskError::Unavailable(reason)) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn test(setup: bool, list: bool, all: bool, names: &[String]) -> ExitCode {
    let suites = match select(all, names) {
        Ok(suites) => suites,
        Err(unknown) => {
            eprintln!("error: {unknown}");
            return ExitCode::from(USAGE);
        }
    };
    if list {
        report::list(&suites);
        return ExitCode::SUCCESS;
    }
    let setup = Setup::new(setup);
    let mut report = Report::default();
    for suite in suites {
        report.run(suite, setup);
    }
    report.print_summary();
    if report.any_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn run_suite(name: &str, outcome: &Path, setup: bool) -> ExitCode {
    match select(false, &[name.to_owned()]) {
        Ok(suites) => limit::run_here(suites[0], Setup::new(setup), outcome),
        Err(unknown) => {
            eprintln!("error: {unknown}");
            ExitCode::from(USAGE)
        }
    }
}

/// Returns the suites with these names, in the order of the tables. Without names, returns the
/// default suites, or every suite if `all` is set.
fn select(all: bool, names: &[String]) -> Result<Vec<&'static Suite>, String> {
    let known = || SUITES.iter().chain(THOROUGH);
    if let Some(unknown) = names.iter().find(|name| known().all(|suite| suite.name != **name)) {
        let known: Vec<_> = known().map(|suite| suite.name).collect();
        return Err(format!("unknown suite '{unknown}'; the suites are {}", known.join(", ")));
    }
    if names.is_empty() {
        return Ok(if all { known().collect() } else { SUITES.iter().collect() });
    }
    Ok(known().filter(|suite| names.iter().any(|name| name == suite.name)).collect())
}

/// The exit status for a usage error, the same as clap's.
const USAGE: u8 = 2;
