//! Writes `docs/coverage.md`: coverage of the core by its tests and by the replayed fuzz corpora,
//! measured with rustc's instrumentation.

mod uncovered;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::mutants;
use crate::suites::CORE;
use crate::tools::{Setup, TaskError, announce, root, target_folder, today};

/// The sources of the `no_std` crates.
const SOURCES: [&str; 3] = ["src", "ec2/src", "conformance/src"];

/// Runs the tests, and writes the coverage of each file of [`SOURCES`] and a reason for each line
/// that was not executed.
pub fn write(_: Setup) -> Result<(), TaskError> {
    let tools = tools()?;
    let folder = target_folder().join("coverage");
    let raw = folder.join("raw");
    let _ = fs::remove_dir_all(&raw);
    let mut programs = BTreeSet::new();
    for tests in [&format!("{CORE} --tests"), "-p imds-fuzz --tests"] {
        cargo(&folder, &format!("test --quiet --locked {tests}"))?;
        let built = cargo(&folder, &format!("test --quiet --locked {tests} --no-run --message-format=json"))?;
        programs.extend(built.lines().filter_map(executable));
    }
    let merged = folder.join("merged.profdata");
    let counts = fs::read_dir(&raw).map_err(|error| TaskError::CannotRun(format!("{}: {error}", raw.display())))?;
    let counts = counts.flatten().map(|file| file.path());
    let mut merge = Command::new(tools.join("llvm-profdata"));
    output(merge.args(["merge", "--sparse", "-o"]).arg(&merged).args(counts))?;

    let export = |how: &str| {
        let mut command = Command::new(tools.join("llvm-cov"));
        command.args(["export", how, "--instr-profile"]).arg(&merged);
        command.args(programs.iter().map(|program| format!("--object={program}")));
        output(command.arg("--sources").args(SOURCES.map(|folder| root().join(folder))))
    };
    let summary: Value = serde_json::from_str(&export("--summary-only")?)
        .map_err(|error| TaskError::CannotRun(format!("llvm-cov: {error}")))?;
    let lines = export("--format=lcov")?;
    let mut table = String::from("| file | lines | covered | regions | covered |\n|---|--:|--:|--:|--:|\n");
    let mut missing = String::from("| location | lines | reason |\n|---|---|---|\n");
    for file in summary["data"][0]["files"].as_array().into_iter().flatten() {
        let name = file["filename"].as_str().unwrap_or_default();
        let shown = Path::new(name).strip_prefix(root()).map_or(name.into(), Path::to_string_lossy);
        table.push_str(&format!("| {shown} | {} |\n", counted(&file["summary"])));
        let text = fs::read_to_string(name).map_err(|error| TaskError::CannotRun(format!("{shown}: {error}")))?;
        for (function, lines) in functions(&text, &unexecuted(&lines, name)) {
            let why = uncovered::reason(&shown, &function, lines[0]);
            missing.push_str(&format!("| {shown}, `{}` | {} | {why} |\n", function.name, ranges(&lines)));
        }
    }
    table.push_str(&format!("| total | {} |\n", counted(&summary["data"][0]["totals"])));
    let file = root().join(PAGE);
    // The results of mutation tests, which this command does not run, stay.
    let old = fs::read_to_string(&file).unwrap_or_default();
    let mutants = old.find(mutants::HEADING).map(|at| format!("\n{}", &old[at..])).unwrap_or_default();
    let page = format!("{TITLE}\nGenerated on {}.\n\n{table}\n{MISSING}\n{missing}{mutants}", today()?);
    fs::write(&file, page).map_err(|error| TaskError::CannotRun(format!("{PAGE}: {error}")))?;
    println!("{table}\nwrote {PAGE}");
    Ok(())
}

/// The signature line of a function.
#[derive(Clone)]
pub struct Function {
    pub name: String,
    /// Whether it is a `const fn`.
    pub is_const: bool,
    /// The line of its signature.
    pub line: u64,
}

/// Groups lines by the function that contains them: the nearest one whose signature precedes them.
fn functions(text: &str, lines: &[u64]) -> Vec<(Function, Vec<u64>)> {
    let heads: Vec<Function> = text.lines().zip(1..).filter_map(|(line, at)| head(line, at)).collect();
    let of = |line: &u64| heads.partition_point(|head| head.line <= *line);
    lines
        .chunk_by(|one, next| of(one) == of(next))
        .map(|lines| {
            let none = Function { name: "items".to_owned(), is_const: false, line: 0 };
            let function = of(&lines[0]).checked_sub(1).map_or(none, |at| heads[at].clone());
            (function, lines.to_vec())
        })
        .collect()
}

fn head(line: &str, at: u64) -> Option<Function> {
    let line = line.trim_start();
    let (before, after) = line.split_once("fn ")?;
    let words = ["pub", "pub(super)", "pub(crate)", "const"];
    if !before.split_whitespace().all(|word| words.contains(&word)) {
        return None;
    }
    let name: String = after.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    Some(Function { name, is_const: before.contains("const"), line: at })
}

/// The lines of a file that were not executed, from lcov's `DA:line,count`.
fn unexecuted(lcov: &str, file: &str) -> Vec<u64> {
    let of_file = lcov.lines().skip_while(|line| line.strip_prefix("SF:") != Some(file));
    let counts = of_file.take_while(|line| *line != "end_of_record").filter_map(|line| line.strip_prefix("DA:"));
    counts.filter_map(|count| count.strip_suffix(",0")?.parse().ok()).collect()
}

fn ranges(lines: &[u64]) -> String {
    let runs = lines.chunk_by(|one, next| one + 1 == *next);
    let run = |run: &[u64]| match run {
        [first, .., last] => format!("{first}-{last}"),
        _ => run[0].to_string(),
    };
    runs.map(run).collect::<Vec<_>>().join(", ")
}

fn counted(summary: &Value) -> String {
    let of = |kind: &str, what: &str| summary[kind][what].as_u64().unwrap_or_default();
    let [lines, regions] = ["lines", "regions"].map(|kind| format!("{} | {}", of(kind, "count"), of(kind, "covered")));
    format!("{lines} | {regions}")
}

/// The path of the executable in one of cargo's JSON messages, if it names one.
fn executable(message: &str) -> Option<String> {
    let message: Value = serde_json::from_str(message).ok()?;
    message["executable"].as_str().map(String::from)
}

/// The toolchain's folder of LLVM tools. Adds rustup's component `llvm-tools` if they are missing.
fn tools() -> Result<PathBuf, TaskError> {
    let libraries = output(Command::new("rustc").args(["--print", "target-libdir"]))?;
    let folder = Path::new(libraries.trim_end()).with_file_name("bin");
    if !folder.join("llvm-cov").is_file() {
        announce("rustup", &["component", "add", "llvm-tools"]);
        output(Command::new("rustup").args(["component", "add", "llvm-tools"]))?;
    }
    Ok(folder)
}

/// Runs cargo with coverage instrumentation, in a separate target folder.
fn cargo(folder: &Path, arguments: &str) -> Result<String, TaskError> {
    let arguments: Vec<_> = arguments.split(' ').collect();
    announce("cargo", &arguments);
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.args(arguments).env("RUSTFLAGS", "-C instrument-coverage").env("CARGO_TARGET_DIR", folder);
    output(command.env("LLVM_PROFILE_FILE", folder.join("raw").join("%m-%p.profraw")))
}

fn output(command: &mut Command) -> Result<String, TaskError> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.current_dir(root()).stdin(Stdio::null()).stderr(Stdio::inherit()).output() {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(TaskError::Failed(format!("{name}: {}", output.status))),
        Err(error) => Err(TaskError::CannotRun(format!("{name}: {error}"))),
    }
}

pub const PAGE: &str = "docs/coverage.md";
const TITLE: &str = "# Coverage of the core

Measured by `cargo xtask coverage` with rustc's instrumentation, over the core's tests and the
replayed fuzz corpora.
";
const MISSING: &str = "## Lines that are not executed
";
