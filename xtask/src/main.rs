//! The project's own commands, behind the alias `cargo xtask`.

mod deny;
mod npm;
mod package;
mod report;
mod suites;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use report::Report;
use suites::{SUITES, Suite};
use tools::{Setup, Stop};

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
        /// The suites to run, by name [default: all]
        #[arg(value_name = "SUITE")]
        suites: Vec<String>,
    },
    /// Build pkg/dist/, the npm package's module and its glue
    ///
    /// What it needs is set up as for `test`: the target of WebAssembly by rustup, wasm-opt from npm.
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
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Test { setup, list, suites } => test(setup, list, &suites),
        Command::Dist { check: true, .. } => dist(npm::check),
        Command::Dist { costs: true, .. } => dist(npm::costs),
        Command::Dist { bench: true, .. } => dist(npm::measure),
        Command::Dist { .. } => dist(npm::build),
    }
}

fn dist(step: fn(Setup) -> Result<(), Stop>) -> ExitCode {
    match step(Setup::new(true)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Failed(reason) | Stop::CannotRun(reason) | Stop::NoTarget(reason)) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn test(setup: bool, list: bool, names: &[String]) -> ExitCode {
    let suites = match chosen(names) {
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

/// The suites of these names in the order of the table, or all of them where no name is given.
fn chosen(names: &[String]) -> Result<Vec<&'static Suite>, String> {
    if let Some(unknown) = names.iter().find(|name| SUITES.iter().all(|suite| suite.name != **name)) {
        let known: Vec<_> = SUITES.iter().map(|suite| suite.name).collect();
        return Err(format!("no suite is called '{unknown}': there are {}", known.join(", ")));
    }
    let is_chosen = |suite: &&Suite| names.is_empty() || names.iter().any(|name| name == suite.name);
    Ok(SUITES.iter().filter(is_chosen).collect())
}

/// The exit status of a wrong command line, as clap has it.
const USAGE: u8 = 2;
