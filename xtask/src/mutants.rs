//! Mutation tests: cargo-mutants changes the sources of a module in one place after the other, and
//! the tests must notice each change.

mod page;
mod survivors;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::ValueEnum;

pub use page::HEADING;

use crate::tools::{Setup, TaskError, announce, root, target_folder};

/// A part of the sources whose mutants are tested.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Module {
    Rules,
    Token,
    Connection,
    Fleet,
}

/// What cargo-mutants changes, and the tests that must notice it.
pub struct Plan {
    pub name: &'static str,
    /// The files, as a pattern of cargo-mutants.
    pub files: &'static str,
    package: &'static str,
    /// The arguments of `cargo test` for tests that notice most mutants, and build and run within seconds.
    quick: &'static [&'static str],
    /// All tests of behaviour that depends on the module. They test the mutants that `quick` misses.
    thorough: &'static [TestPackage],
}

/// Tests of a package.
struct TestPackage {
    name: &'static str,
    /// The arguments of `cargo test` for the tests to build.
    targets: &'static [&'static str],
}

/// A run of cargo-mutants over a shard.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    Quick,
    Thorough,
}

/// A part of a module's mutants: those whose number is `index` modulo `count`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shard {
    pub index: u32,
    pub count: u32,
}

impl Module {
    pub const ALL: [Module; 4] = [Module::Rules, Module::Token, Module::Connection, Module::Fleet];

    pub fn plan(self) -> Plan {
        match self {
            Module::Rules => Plan {
                name: "rules",
                files: "src/rules/**",
                package: "imds",
                // The tests try all combinations of facts, which is slow without optimisation.
                quick: &["--test=rules", OPTIMIZED],
                thorough: &[CORE, CONFORMANCE],
            },
            Module::Token => Plan {
                name: "token",
                files: "src/token/**",
                package: "imds",
                quick: &["--test=properties"],
                thorough: &[CORE, CONFORMANCE],
            },
            Module::Connection => Plan {
                name: "connection",
                files: "src/connection.rs",
                package: "imds",
                quick: &["--test=connection", "--test=limits"],
                thorough: &[CORE, CONFORMANCE],
            },
            Module::Fleet => Plan {
                name: "fleet",
                files: "ec2/src/fleet/**",
                package: "imds-ec2",
                quick: &["--test=fleet", "--test=fleet_snapshot"],
                thorough: &[EC2, CONFORMANCE],
            },
        }
    }
}

impl Plan {
    /// The folder with the results of a pass over a shard.
    pub fn results(&self, shard: Shard, pass: Pass) -> PathBuf {
        let name = format!("{}-of-{}", shard.index, shard.count);
        let pass = match pass {
            Pass::Quick => "quick",
            Pass::Thorough => "thorough",
        };
        target_folder().join("mutants").join(self.name).join(name).join(pass)
    }
}

impl Shard {
    /// Parses `K/N`, where K is less than N.
    pub fn parse(text: &str) -> Result<Shard, String> {
        let parts = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parts {
            Some((index, count)) if index < count => Ok(Shard { index, count }),
            _ => Err("expected K/N, where K is from 0 to N - 1".into()),
        }
    }
}

/// Tests the mutants of a module, or of all modules, and writes the results.
pub fn run(setup: Setup, module: Option<Module>, shard: Option<Shard>) -> Result<(), TaskError> {
    let program = setup.crate_program("cargo-mutants", CARGO_MUTANTS)?;
    let modules = module.map_or(Module::ALL.to_vec(), |module| vec![module]);
    let shard = shard.unwrap_or(Shard { index: 0, count: 1 });
    for plan in modules.into_iter().map(Module::plan) {
        test(&program, &plan, shard)?;
    }
    report()
}

/// Writes the results of all shards that are below the target folder to docs/coverage.md.
pub fn report() -> Result<(), TaskError> {
    page::write()
}

/// Tests the mutants of a shard: all of them with the quick tests, and the survivors with all tests. The shard's
/// earlier results are lost.
fn test(program: &Path, plan: &Plan, shard: Shard) -> Result<(), TaskError> {
    for pass in [Pass::Quick, Pass::Thorough] {
        let _ = fs::remove_dir_all(plan.results(shard, pass));
    }
    let Shard { index, count } = shard;
    // Neighbours in a file are in different shards, so that a shard is a sample.
    let mut quick = vec![format!("--shard={index}/{count}"), "--sharding=round-robin".into()];
    // Without arguments that select tests, the tests that do not run are built too.
    quick.extend(plan.quick.iter().map(|target| format!("--cargo-arg={target}")));
    run_pass(program, plan, shard, Pass::Quick, quick)?;

    let survivors = page::survivors(plan, shard)?;
    if survivors.is_empty() {
        return Ok(());
    }
    // cargo-mutants would run the baseline without the tests of the other packages.
    check_baseline(plan)?;
    let mut thorough: Vec<String> = survivors.iter().map(|name| format!("--re=^{}$", escape_regex(name))).collect();
    thorough.push("--baseline=skip".into());
    thorough.extend(plan.thorough.iter().map(|package| format!("--test-package={}", package.name)));
    thorough.extend(thorough_targets(plan).map(|target| format!("--cargo-arg={target}")));
    run_pass(program, plan, shard, Pass::Thorough, thorough)
}

/// Runs the thorough tests without a mutant.
fn check_baseline(plan: &Plan) -> Result<(), TaskError> {
    let mut arguments = vec!["test", "--quiet", OPTIMIZED_DEPENDENCIES];
    arguments.extend(plan.thorough.iter().flat_map(|package| ["--package", package.name]));
    arguments.extend(thorough_targets(plan));
    announce("cargo", &arguments);
    let mut command = Command::new("cargo");
    match with_fast_builds(command.args(&arguments).current_dir(root())).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(TaskError::Failed(format!("the tests of {} fail without a mutant", plan.name))),
        Err(error) => Err(TaskError::CannotRun(format!("cargo test: {error}"))),
    }
}

/// The arguments of `cargo test` that select the thorough tests. Some try many combinations, so they are optimized.
fn thorough_targets(plan: &Plan) -> impl Iterator<Item = &'static str> {
    plan.thorough.iter().flat_map(|package| package.targets).copied().chain([OPTIMIZED])
}

/// A mutant is built faster without debug information. Few cases of a property find most mutants.
fn with_fast_builds(command: &mut Command) -> &mut Command {
    command.env("CARGO_PROFILE_DEV_DEBUG", "0").env("PROPTEST_CASES", PROPTEST_CASES)
}

fn run_pass(
    program: &Path,
    plan: &Plan,
    shard: Shard,
    pass: Pass,
    pass_arguments: Vec<String>,
) -> Result<(), TaskError> {
    let results = plan.results(shard, pass);
    let cannot = |error| TaskError::CannotRun(format!("{}: {error}", results.display()));
    fs::create_dir_all(&results).map_err(cannot)?;
    let timeout = match pass {
        Pass::Quick => QUICK_TIMEOUT_SECONDS,
        Pass::Thorough => THOROUGH_TIMEOUT_SECONDS,
    };
    let fixed = format!(
        "mutants --package {} --file {} --no-shuffle --timeout {timeout} --colors never \
         --cargo-arg={OPTIMIZED_DEPENDENCIES}",
        plan.package, plan.files
    );
    let mut arguments: Vec<String> = fixed.split(' ').map(String::from).collect();
    arguments.push(format!("--output={}", results.display()));
    arguments.extend(pass_arguments);
    announce("cargo-mutants", &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let mut command = Command::new(program);
    with_fast_builds(command.args(&arguments).current_dir(root()).stdin(Stdio::null()));
    match command.status() {
        // Mutants that survive, or time out, are a result.
        Ok(status) if matches!(status.code(), Some(0 | 2 | 3)) => Ok(()),
        Ok(status) => Err(TaskError::Failed(format!("cargo mutants {}: {status}", plan.name))),
        Err(error) => Err(TaskError::CannotRun(format!("cargo mutants: {error}"))),
    }
}

/// Returns a regular expression that matches exactly this text.
fn escape_regex(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if r"\.+*?()|[]{}^$#&-~".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Without `architecture`, which reads the sources: it can fail for a mutant that changes no behaviour.
const CORE: TestPackage = TestPackage {
    name: "imds",
    targets: &[
        "--lib",
        "--test=answering",
        "--test=connection",
        "--test=explain",
        "--test=limits",
        "--test=metadata",
        "--test=properties",
        "--test=record",
        "--test=rules",
        "--test=scratch",
        "--test=security",
        "--test=time",
    ],
};
const EC2: TestPackage = TestPackage {
    name: "imds-ec2",
    targets: &[
        "--lib",
        "--test=fleet",
        "--test=fleet_model",
        "--test=fleet_snapshot",
        "--test=identity",
        "--test=query",
    ],
};
const CONFORMANCE: TestPackage = TestPackage {
    name: "imds-conformance",
    targets: &["--test=checks", "--test=fidelity", "--test=transcripts", "--test=vectors"],
};

/// The pinned version of cargo-mutants.
const CARGO_MUTANTS: &str = "27.1.0";
/// Many times the seconds that the quick tests of any module take, because other programs may run.
const QUICK_TIMEOUT_SECONDS: u32 = 40;
const THOROUGH_TIMEOUT_SECONDS: u32 = 240;
const PROPTEST_CASES: &str = "16";
/// They are built once, and the tests spend most of their time in them.
const OPTIMIZED_DEPENDENCIES: &str = r#"--config=profile.dev.package."*".opt-level=2"#;
const OPTIMIZED: &str = "--config=profile.dev.opt-level=1";

#[cfg(test)]
mod tests {
    use super::{Shard, escape_regex};

    #[test]
    fn an_escaped_name_matches_only_itself() {
        assert_eq!(
            escape_regex("src/a.rs:4:2: replace <u8>::f -> Option<()> with None"),
            r"src/a\.rs:4:2: replace <u8>::f \-> Option<\(\)> with None"
        );
    }

    #[test]
    fn a_shard_is_one_of_its_number() {
        assert_eq!(Shard::parse("1/2"), Ok(Shard { index: 1, count: 2 }));
        for wrong in ["", "1", "2/2", "-1/2", "a/b", "1/2/3"] {
            assert!(Shard::parse(wrong).is_err(), "{wrong}");
        }
    }
}
