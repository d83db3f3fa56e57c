//! Coverage of the core, `docs/coverage.md`: rustc's own instrumentation under the core's tests and the replayed corpora of the fuzz targets.

mod uncovered;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::tools::{Setup, TaskError, announce, root, target_folder, today};

/// Runs all that counts, and writes for each file of `src/` what was reached, and for each line that was not, why.
pub fn write(_: Setup) -> Result<(), TaskError> {
    let tools = tools()?;
    let folder = target_folder().join("coverage");
    let raw = folder.join("raw");
    let _ = fs::remove_dir_all(&raw);
    let mut programs = BTreeSet::new();
    for tests in ["-p imds -p imds-ec2 -p imds-conformance --tests", "-p imds-fuzz --tests"] {
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
        output(command.arg("--sources").arg(root().join("src")))
    };
    let summary: Value = serde_json::from_str(&export("--summary-only")?)
        .map_err(|error| TaskError::CannotRun(format!("llvm-cov: {error}")))?;
    let lines = export("--format=lcov")?;
    let mut table = String::from("| file | lines | reached | regions | reached |\n|---|--:|--:|--:|--:|\n");
    let mut missing = String::from("| where | lines | why |\n|---|---|---|\n");
    for file in summary["data"][0]["files"].as_array().into_iter().flatten() {
        let name = file["filename"].as_str().unwrap_or_default();
        let shown = Path::new(name).strip_prefix(root()).map_or(name.into(), Path::to_string_lossy);
        table.push_str(&format!("| {shown} | {} |\n", counted(&file["summary"])));
        let text = fs::read_to_string(name).map_err(|error| TaskError::CannotRun(format!("{shown}: {error}")))?;
        for (function, lines) in functions(&text, &missed(&lines, name)) {
            let why = uncovered::reason(&shown, &function, lines[0]);
            missing.push_str(&format!("| {shown}, `{}` | {} | {why} |\n", function.name, ranges(&lines)));
        }
    }
    table.push_str(&format!("| all | {} |\n", counted(&summary["data"][0]["totals"])));
    let file = root().join("docs").join("coverage.md");
    let page = format!("{TITLE}\nMade on {}.\n\n{table}\n{MISSING}\n{missing}", today()?);
    fs::write(&file, page).map_err(|error| TaskError::CannotRun(format!("docs/coverage.md: {error}")))?;
    println!("{table}\ndocs/coverage.md is written");
    Ok(())
}

/// A function, by its head.
#[derive(Clone)]
pub struct Function {
    pub name: String,
    /// Whether the compiler can run it.
    pub is_const: bool,
    /// Where its head begins.
    pub line: u64,
}

/// The lines by the function that they are in: the nearest that begins before.
fn functions(text: &str, missed: &[u64]) -> Vec<(Function, Vec<u64>)> {
    let heads: Vec<Function> = text.lines().zip(1..).filter_map(|(line, at)| head(line, at)).collect();
    let of = |line: &u64| heads.partition_point(|head| head.line <= *line);
    missed
        .chunk_by(|one, next| of(one) == of(next))
        .map(|lines| {
            let none = Function { name: "its items".to_owned(), is_const: false, line: 0 };
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

/// The lines of a file that no test reached, from lcov's `DA:line,count`.
fn missed(lcov: &str, file: &str) -> Vec<u64> {
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

/// The program that a line of cargo's messages names.
fn executable(message: &str) -> Option<String> {
    let message: Value = serde_json::from_str(message).ok()?;
    message["executable"].as_str().map(String::from)
}

/// Where the toolchain keeps the programs of LLVM, which rustup's component `llvm-tools` has.
fn tools() -> Result<PathBuf, TaskError> {
    let libraries = output(Command::new("rustc").args(["--print", "target-libdir"]))?;
    let folder = Path::new(libraries.trim_end()).with_file_name("bin");
    if !folder.join("llvm-cov").is_file() {
        announce("rustup", &["component", "add", "llvm-tools"]);
        output(Command::new("rustup").args(["component", "add", "llvm-tools"]))?;
    }
    Ok(folder)
}

/// Runs cargo with the instrumentation on, in a target folder of its own.
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

const TITLE: &str = "# What tests reach of the core

Made by `cargo xtask coverage`: rustc's own instrumentation, under the core's tests and the corpora of the fuzz targets.
";
const MISSING: &str = "## Lines that none of them reaches
";
