//! Runs suites one by one and reports their outcomes.

use std::fmt;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::limit;
use crate::suites::Suite;
use crate::tools::{Setup, TaskError};

/// The outcomes of the suites that have run.
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

impl Report {
    /// Runs the suite. Prints a line when it starts and a line with its outcome and duration when
    /// it ends.
    pub fn run(&mut self, suite: &Suite, setup: Setup) {
        println!("== {}: {} (at most {} s)", suite.name, suite.claim, suite.limit.as_secs());
        let start = Instant::now();
        let outcome = match limit::run_suite(suite, setup) {
            Ok(()) => Outcome::Passed,
            Err(TaskError::Failed(reason)) => Outcome::Failed(reason),
            Err(TaskError::Unavailable(reason)) => Outcome::Skipped(reason),
            Err(TaskError::CannotRun(reason)) if setup.is_ci() => Outcome::Failed(reason),
            Err(TaskError::CannotRun(reason)) => Outcome::Skipped(reason),
        };
        let took = start.elapsed();
        println!("== {}: {outcome} after {:.1} s\n", suite.name, took.as_secs_f64());
        self.rows.push(Row { name: suite.name, outcome, took });
    }

    /// Prints a table of the suites in run order, with slow ones marked, and the three counts alone
    /// on the last line.
    pub fn print_summary(&self) {
        let outcomes: Vec<_> = self.rows.iter().map(|row| row.outcome.to_string()).collect();
        let name_width = self.rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
        let mark_width = if self.rows.iter().any(|row| row.took > SLOW) { SLOW_MARK.len() } else { 0 };
        for (row, outcome) in self.rows.iter().zip(&outcomes) {
            let seconds = row.took.as_secs_f64();
            let slow = if row.took > SLOW { SLOW_MARK } else { "" };
            println!("{:name_width$}  {seconds:6.1} s{slow:mark_width$}  {outcome}", row.name);
        }
        let total: Duration = self.rows.iter().map(|row| row.took).sum();
        println!("{:name_width$}  {:6.1} s", "total", total.as_secs_f64());
        let count = |is: fn(&Outcome) -> bool| self.rows.iter().filter(|row| is(&row.outcome)).count();
        let passed = count(|outcome| matches!(outcome, Outcome::Passed));
        let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
        let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
        println!("{passed} passed, {failed} failed, {skipped} skipped");
    }

    pub fn any_failed(&self) -> bool {
        self.rows.iter().any(|row| matches!(row.outcome, Outcome::Failed(_)))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Passed => f.write_str("passed"),
            Outcome::Failed(reason) => write!(f, "FAILED ({reason})"),
            Outcome::Skipped(reason) => write!(f, "skipped ({reason})"),
        }
    }
}

/// A suite that takes longer than this with a warm build belongs in `THOROUGH`.
const SLOW: Duration = Duration::from_secs(60);
const SLOW_MARK: &str = " (over 60 s)";

/// Prints each suite's name and claim.
pub fn list(suites: &[&Suite]) {
    let width = suites.iter().map(|suite| suite.name.len()).max().unwrap_or_default();
    for suite in suites {
        // `println!` would panic if the reader closes the pipe early, for example `head`.
        let _ = writeln!(io::stdout(), "{:width$}  {}", suite.name, suite.claim);
    }
}
