//! The project's own commands, behind the alias `cargo xtask`.

mod coverage;
mod deny;
mod fuzz;
mod limit;
mod npm;
mod package;
mod reliability;
mod report;
mod scoreboard;
mod suites;
mod tools;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use report::Report;
use suites::{SUITES, Suite, THOROUGH};
use tools::{Setup, TaskError};

/// The project's own commands
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the test suites and sum up
    ///
    /// The suites run in their own order, one after the other, whatever the ones before came to. The last line is
    /// "N passed, N failed, N skipped", and the exit status is 0 only where none failed.
    ///
    /// A missing rustup target is added. A missing program is installed by apt-get with --setup, or with CI=true in the
    /// environment. A suite that cannot run all the same is skipped; with CI=true it has failed, unless all it lacks is
    /// a target that rustup cannot add.
    Test {
        /// Install the programs that are missing
        #[arg(long)]
        setup: bool,
        /// Print the suites with what each claims, and run none
        #[arg(long)]
        list: bool,
        /// Run those too that take as long as they are given
        #[arg(long, conflicts_with = "suites")]
        all: bool,
        /// The suites to run, by name [default: all but the thorough ones]
        #[arg(value_name = "SUITE")]
        suites: Vec<String>,
    },
    /// Fuzz one target: look for an input for which its theorem does not hold
    ///
    /// It builds with the pinned toolchain and no sanitizer, for the core forbids unsafe code. cargo-fuzz is installed below the
    /// target folder. What is found on the way is kept in target/fuzz/corpus, and an input that does not hold in
    /// target/fuzz/artifacts.
    Fuzz {
        /// How long, in seconds
        #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
        secs: u64,
        /// The target; none to list them
        #[arg(value_name = "TARGET")]
        target: Option<String>,
    },
    /// Build pkg/dist/, the npm package's module and its glue
    ///
    /// What it needs is set up as for `test`: the target of WebAssembly by rustup, wasm-opt from npm. Where rustup cannot add the
    /// target, Debian's rustc-web compiles, to other bytes than those that are committed.
    Dist {
        /// Build nothing in place: say whether what is committed is what the sources make
        #[arg(long, conflicts_with_all = ["costs", "bench"])]
        check: bool,
        /// Print what each part of the module costs
        #[arg(long, conflicts_with = "bench")]
        costs: bool,
        /// Print what a call costs from JavaScript
        #[arg(long)]
        bench: bool,
    },
    /// Write docs/scoreboard.md: what `imds check` says of this server and of its peers
    ///
    /// The peers are installed below the target folder, in the versions that are pinned; each is started on a free port of the
    /// loopback device and ended afterwards.
    Scoreboard,
    /// Write docs/reliability.md: what load and faults do to the server
    ///
    /// It runs the load program in all its kinds on the release binary, on the loopback device, which takes about three minutes.
    Reliability,
    /// Write docs/coverage.md: which lines of the core its tests and the corpora of the fuzz targets reach
    ///
    /// rustc instruments them, in target/coverage; rustup's component llvm-tools is added where it is missing.
    Coverage,
    /// Run one suite in this process: how `test` runs each
    #[command(hide = true)]
    RunSuite {
        /// The suite's name
        suite: String,
        /// The file that receives why it did not pass
        #[arg(long)]
        outcome: PathBuf,
        /// As for `test`
        #[arg(long)]
        setup: bool,
    },
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Test { setup, list, all, suites } => test(setup, list, all, &suites),
        Command::Fuzz { target: Some(target), secs } => run_task(|setup| fuzz::one(setup, &target, secs)),
        Command::Fuzz { target: None, .. } => run_task(|_| fuzz::list()),
        Command::Dist { check: true, .. } => run_task(npm::check),
        Command::Dist { costs: true, .. } => run_task(npm::costs),
        Command::Dist { bench: true, .. } => run_task(npm::measure),
        Command::Dist { .. } => run_task(npm::build),
        Command::Scoreboard => run_task(scoreboard::write),
        Command::Reliability => run_task(reliability::write),
        Command::Coverage => run_task(coverage::write),
        Command::RunSuite { suite, outcome, setup } => run_suite(&suite, &outcome, setup),
    }
}

fn run_task(step: impl FnOnce(Setup) -> Result<(), TaskError>) -> ExitCode {
    match step(Setup::new(true)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(TaskError::Failed(reason) | TaskError::CannotRun(reason) | TaskError::NoTarget(reason)) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn test(setup: bool, list: bool, all: bool, names: &[String]) -> ExitCode {
    let suites = match chosen(all, names) {
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
    report.sum_up();
    if report.any_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn run_suite(name: &str, outcome: &Path, setup: bool) -> ExitCode {
    match chosen(false, &[name.to_owned()]) {
        Ok(suites) => limit::run_here(suites[0], Setup::new(setup), outcome),
        Err(unknown) => {
            eprintln!("error: {unknown}");
            ExitCode::from(USAGE)
        }
    }
}

/// The suites of these names in the order of the tables, or all of the first table, or of both, where no name is given.
fn chosen(all: bool, names: &[String]) -> Result<Vec<&'static Suite>, String> {
    let known = || SUITES.iter().chain(THOROUGH);
    if let Some(unknown) = names.iter().find(|name| known().all(|suite| suite.name != **name)) {
        let known: Vec<_> = known().map(|suite| suite.name).collect();
        return Err(format!("no suite is called '{unknown}': there are {}", known.join(", ")));
    }
    if names.is_empty() {
        return Ok(if all { known().collect() } else { SUITES.iter().collect() });
    }
    Ok(known().filter(|suite| names.iter().any(|name| name == suite.name)).collect())
}

/// The exit status of a wrong command line, as clap has it.
const USAGE: u8 = 2;
