//! The section of docs/coverage.md with the results of mutation tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::survivors::reason;
use super::{Module, Pass, Plan, Shard};
use crate::coverage::PAGE;
use crate::tools::{TaskError, root, today};

/// The heading of the section, which is the last of the page.
pub const HEADING: &str = "## Mutants\n";

/// The tested mutants of a module.
#[derive(Default)]
struct Results {
    caught: usize,
    unviable: usize,
    timeouts: usize,
    /// The mutants of the shards, also those that an interrupted run has not tested.
    all: usize,
    /// The mutants that no test noticed.
    survivors: Vec<Survivor>,
    shards: u32,
    count: u32,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Survivor {
    name: String,
    /// All tests ran on it, not only the quick ones.
    has_run_all: bool,
}

impl Results {
    fn tested(&self) -> usize {
        self.caught + self.unviable + self.timeouts + self.survivors.len()
    }

    /// The share of the mutants that compile and that the tests notice, by a failure or a timeout.
    fn score(&self) -> f64 {
        let noticed = self.caught + self.timeouts;
        100.0 * noticed as f64 / (noticed + self.survivors.len()).max(1) as f64
    }

    fn read(plan: &Plan) -> Result<Results, TaskError> {
        let mut results = Results::default();
        // The run with the most shards of the same number.
        let counts = (1..=MAX_SHARDS).map(|count| (present(plan, count).count(), count));
        let Some((_, count)) = counts.max_by_key(|(present, count)| (*present, u32::MAX - count)) else {
            return Ok(results);
        };
        results.count = count;
        for shard in present(plan, count) {
            results.shards += 1;
            results.add(plan, shard)?;
        }
        results.survivors.sort();
        Ok(results)
    }

    fn add(&mut self, plan: &Plan, shard: Shard) -> Result<(), TaskError> {
        self.all += count_all(plan, shard)?;
        let thorough = outcomes(plan, shard, Pass::Thorough)?;
        for (name, quick) in outcomes(plan, shard, Pass::Quick)? {
            let outcome = if quick == MISSED { thorough.get(&name).unwrap_or(&quick) } else { &quick };
            match outcome.as_str() {
                "CaughtMutant" => self.caught += 1,
                "Unviable" => self.unviable += 1,
                "Timeout" => self.timeouts += 1,
                MISSED => {
                    let has_run_all = thorough.contains_key(&name);
                    self.survivors.push(Survivor { name, has_run_all });
                }
                other => return Err(TaskError::CannotRun(format!("{name}: unknown outcome {other}"))),
            }
        }
        Ok(())
    }
}

/// Returns the names of the mutants of a shard that the quick tests do not notice.
pub fn survivors(plan: &Plan, shard: Shard) -> Result<Vec<String>, TaskError> {
    let missed = outcomes(plan, shard, Pass::Quick)?.into_iter().filter(|(_, outcome)| outcome == MISSED);
    Ok(missed.map(|(name, _)| name).collect())
}

/// Returns the outcome of each mutant that a pass has tested, by its name.
fn outcomes(plan: &Plan, shard: Shard, pass: Pass) -> Result<BTreeMap<String, String>, TaskError> {
    let file = outcomes_file(plan, shard, pass);
    let cannot = |error: &dyn std::fmt::Display| TaskError::CannotRun(format!("{}: {error}", file.display()));
    if !file.is_file() {
        return Ok(BTreeMap::new());
    }
    let text = fs::read_to_string(&file).map_err(|error| cannot(&error))?;
    let json: Value = serde_json::from_str(&text).map_err(|error| cannot(&error))?;
    let mut outcomes = BTreeMap::new();
    for outcome in json["outcomes"].as_array().into_iter().flatten() {
        let Some(name) = outcome["scenario"]["Mutant"]["name"].as_str() else { continue };
        let summary = outcome["summary"].as_str().ok_or_else(|| cannot(&"an outcome without summary"))?;
        outcomes.insert(name.to_owned(), summary.to_owned());
    }
    Ok(outcomes)
}

/// Returns the number of the mutants of a shard.
fn count_all(plan: &Plan, shard: Shard) -> Result<usize, TaskError> {
    let file = plan.results(shard, Pass::Quick).join("mutants.out").join("mutants.json");
    let cannot = |error: &dyn std::fmt::Display| TaskError::CannotRun(format!("{}: {error}", file.display()));
    let text = fs::read_to_string(&file).map_err(|error| cannot(&error))?;
    let mutants: Vec<Value> = serde_json::from_str(&text).map_err(|error| cannot(&error))?;
    Ok(mutants.len())
}

fn outcomes_file(plan: &Plan, shard: Shard, pass: Pass) -> PathBuf {
    plan.results(shard, pass).join("mutants.out").join("outcomes.json")
}

/// The shards of a module that have results.
fn present(plan: &Plan, count: u32) -> impl Iterator<Item = Shard> {
    let shards = (0..count).map(move |index| Shard { index, count });
    shards.filter(|shard| outcomes_file(plan, *shard, Pass::Quick).is_file())
}

/// Replaces the section of docs/coverage.md.
pub fn write() -> Result<(), TaskError> {
    let mut table = String::from(TABLE);
    let mut survivors = String::from("| mutant | why no test notices it |\n|---|---|\n");
    for plan in Module::ALL.map(Module::plan) {
        let results = Results::read(&plan)?;
        if results.shards == 0 {
            continue;
        }
        table.push_str(&format!(
            "| {} | {} of {} | {} of {} | {} | {} | {} | {} | {:.1} % |\n",
            plan.name,
            results.shards,
            results.count,
            results.tested(),
            results.all,
            results.caught,
            results.timeouts,
            results.survivors.len(),
            results.unviable,
            results.score(),
        ));
        for Survivor { name, has_run_all } in &results.survivors {
            let otherwise = if *has_run_all { "needs a test" } else { "only the quick tests have run" };
            let reason = reason(name).unwrap_or(otherwise);
            survivors.push_str(&format!("| {} | {reason} |\n", name.replace('|', "\\|")));
        }
    }
    let section = format!("{HEADING}\n{TEXT}\nGenerated on {}.\n\n{table}\n{SURVIVORS}\n{survivors}", today()?);
    let cannot = |error| TaskError::CannotRun(format!("{PAGE}: {error}"));
    let page = fs::read_to_string(root().join(PAGE)).map_err(cannot)?;
    let (before, _) = page.split_once(HEADING).unwrap_or((&page, ""));
    fs::write(root().join(PAGE), format!("{}\n\n{section}", before.trim_end())).map_err(cannot)?;
    println!("{table}\nwrote {PAGE}");
    Ok(())
}

/// cargo-mutants' word for a mutant that no test noticed.
const MISSED: &str = "MissedMutant";
/// No run needs more.
const MAX_SHARDS: u32 = 64;
const TEXT: &str =
    "`cargo xtask mutants` changes the sources of a module in one place after the other with cargo-mutants, and runs
quick tests of the module. It tests the mutants that they miss again, with all tests of behaviour that depends on the
module. A mutant is noticed if a test fails or takes too long. The score is the share of noticed mutants among those
that compile, a lower bound where only the quick tests have run. Shard 1 of n is a sample: every n-th mutant. A module that is missing here has not been run.
";
const TABLE: &str = "| module | shards | mutants | caught | timeouts | survived | do not compile | score |\n|---|--:|--:|--:|--:|--:|--:|--:|\n";
const SURVIVORS: &str = "### Mutants that no test notices
";
