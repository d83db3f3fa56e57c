//! Fuzzing: cargo-fuzz builds the targets of `fuzz/` with the pinned toolchain, libFuzzer runs
//! them.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::tools::{Setup, TaskError, cargo, cargo_output, root, target_folder};

/// Fuzzes one target for `seconds`, from a random start and from what earlier runs found.
pub fn run_one(setup: Setup, target: &str, seconds: u64) -> Result<(), TaskError> {
    let targets = targets()?;
    if !targets.iter().any(|known| known == target) {
        return Err(TaskError::Failed(format!(
            "unknown fuzz target '{target}'; the targets are {}",
            targets.join(", ")
        )));
    }
    let fuzzer = Fuzzer::new(setup)?;
    fuzzer.run(target, seconds, Start::Random)
}

/// Fuzzes every target for `seconds` each. Each run tries the same inputs in the same order, so that
/// a change fails only for what it changed; a faster machine tries more of them.
pub fn run_all(setup: Setup, seconds: u64) -> Result<(), TaskError> {
    let fuzzer = Fuzzer::new(setup)?;
    targets()?.iter().try_for_each(|target| fuzzer.run(target, seconds, Start::Fixed))
}

/// Prints each target and its property.
pub fn list() -> Result<(), TaskError> {
    cargo("run --quiet --locked -p imds-fuzz -- list")
}

/// The names of the targets: one file each in `fuzz/fuzz_targets`.
fn targets() -> Result<Vec<String>, TaskError> {
    let folder = root().join("fuzz/fuzz_targets");
    let files =
        fs::read_dir(&folder).map_err(|error| TaskError::CannotRun(format!("{}: {error}", folder.display())))?;
    let names = files.flatten().filter_map(|file| file.path().file_stem()?.to_str().map(String::from));
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

#[derive(Clone, Copy, PartialEq)]
enum Start {
    Random,
    Fixed,
}

/// The installed cargo-fuzz; it has built the targets.
struct Fuzzer {
    program: PathBuf,
}

impl Fuzzer {
    fn new(setup: Setup) -> Result<Fuzzer, TaskError> {
        // cargo-fuzz compiles libFuzzer, which is C++.
        setup.program("c++", "g++")?;
        let fuzzer = Fuzzer { program: setup.crate_program("cargo-fuzz", CARGO_FUZZ)? };
        let mut build = fuzzer.command("build");
        match build.status() {
            Ok(status) if status.success() => Ok(fuzzer),
            Ok(status) => Err(TaskError::Failed(format!("cargo fuzz build: {status}"))),
            Err(error) => Err(TaskError::CannotRun(format!("cargo fuzz: {error}"))),
        }
    }

    fn run(&self, target: &str, seconds: u64, start: Start) -> Result<(), TaskError> {
        let own = target_folder().join("fuzz");
        // libFuzzer writes new inputs to the first folder; the committed ones stay unchanged.
        let found = match start {
            Start::Random => folder(&own.join("corpus").join(target))?,
            Start::Fixed => empty_folder(&own.join("corpus-of-fixed-start").join(target))?,
        };
        let artifacts = folder(&own.join("artifacts").join(target))?;
        let kept = ["corpus", "regressions"].map(|kind| root().join("fuzz").join(kind).join(target));
        let entries = cargo_output(&format!("run --quiet --locked -p imds-fuzz -- dictionary {target}"))?;
        let dictionary = own.join(format!("{target}.dict"));
        fs::write(&dictionary, &entries)
            .map_err(|error| TaskError::CannotRun(format!("{}: {error}", dictionary.display())))?;

        println!("== {target}: {seconds} s");
        let mut command = self.command("run");
        command.arg(target).arg(found).args(kept.iter().filter(|folder| folder.is_dir())).arg("--");
        command.arg(format!("-max_total_time={seconds}")).arg("-print_final_stats=1");
        command.arg(format!("-artifact_prefix={}/", artifacts.display()));
        if start == Start::Fixed {
            command.arg("-seed=1");
        }
        if !entries.is_empty() {
            command.arg(format!("-dict={}", dictionary.display()));
        }
        let failed = |error| TaskError::CannotRun(format!("cargo fuzz: {error}"));
        let mut child = command.stderr(Stdio::piped()).env("RUST_BACKTRACE", "0").spawn().map_err(failed)?;
        let mut stats = RunStats::default();
        for line in
            child.stderr.take().into_iter().flat_map(|lines| BufReader::new(lines).split(b'\n')).map_while(Result::ok)
        {
            stats.read_line(&String::from_utf8_lossy(&line));
        }
        let status = child.wait().map_err(failed)?;
        stats.print_summary(target);
        match stats.failing_input {
            _ if status.success() => Ok(()),
            Some(file) => Err(TaskError::Failed(format!(
                "{target} fails for {file}; move it to fuzz/regressions/{target} so that cargo test -p imds-fuzz replays it"
            ))),
            None => Err(TaskError::Failed(format!("{target}: {status}"))),
        }
    }

    fn command(&self, what: &str) -> Command {
        let mut command = Command::new(&self.program);
        // The core forbids unsafe code, so a sanitizer finds nothing. Without one, stable Rust
        // suffices.
        command.args(["fuzz", what, "--fuzz-dir", "fuzz", "--sanitizer", "none", "--target-dir"]);
        command.arg(target_folder().join("fuzz")).current_dir(root()).stdin(Stdio::null());
        command
    }
}

/// The statistics of a run, parsed from libFuzzer's output.
#[derive(Default)]
struct RunStats {
    last_progress: Option<Instant>,
    /// The numbers of covered edges and features, at the start and at the end.
    coverage: Option<[(u64, u64); 2]>,
    executions: u64,
    per_second: u64,
    inputs: u64,
    /// The file of the input that violates the property.
    failing_input: Option<String>,
    /// The number of further lines of a panic message to print.
    panic_lines_left: usize,
}

impl RunStats {
    fn read_line(&mut self, line: &str) {
        if let Some(value) = line.strip_prefix("stat::").and_then(|stat| stat.rsplit(' ').next()?.parse().ok()) {
            match line.split(':').nth(2) {
                Some("number_of_executed_units") => self.executions = value,
                Some("average_exec_per_sec") => self.per_second = value,
                Some("new_units_added") => self.inputs = value,
                _ => {}
            }
        } else if let Some((_, file)) = line.split_once("Test unit written to ") {
            self.failing_input = Some(file.to_owned());
        } else if line.starts_with('#') {
            self.progress(line);
        } else if line.contains("panicked at") || line.starts_with("SUMMARY") || line.starts_with("error") {
            self.panic_lines_left = PANIC_LINES;
        }
        if self.panic_lines_left > 0 {
            self.panic_lines_left -= 1;
            println!("{line}");
        }
    }

    /// Reads a progress line, for example `#4096 NEW cov: 10 ft: 20 corp: 3/4b exec/s: 5 rss: 6Mb`.
    fn progress(&mut self, line: &str) {
        let after = |name: &str| line.split_once(name)?.1.split_whitespace().next()?.parse::<u64>().ok();
        let (Some(edges), Some(features)) = (after(" cov: "), after(" ft: ")) else { return };
        let [first, _] = self.coverage.unwrap_or([(edges, features); 2]);
        self.coverage = Some([first, (edges, features)]);
        let is_due = self.last_progress.is_none_or(|at| at.elapsed() > BETWEEN_LINES);
        if let (true, Some(executions)) = (is_due, line[1..].split_whitespace().next()) {
            let per_second = after("exec/s: ").unwrap_or_default();
            println!("{executions:>12} executions, {per_second:>7}/s, {edges} edges, {features} features");
            // Output to a pipe is buffered; flush it so that progress shows there too.
            let _ = std::io::stdout().flush();
            self.last_progress = Some(Instant::now());
        }
    }

    fn print_summary(&self, target: &str) {
        let [(edges, features), (more_edges, more_features)] = self.coverage.unwrap_or_default();
        println!(
            "{target}: {} executions, {}/s; {edges} to {more_edges} edges, {features} to {more_features} features, {} new inputs",
            self.executions, self.per_second, self.inputs
        );
    }
}

fn folder(path: &Path) -> Result<PathBuf, TaskError> {
    fs::create_dir_all(path).map_err(|error| TaskError::CannotRun(format!("{}: {error}", path.display())))?;
    Ok(path.to_owned())
}

fn empty_folder(path: &Path) -> Result<PathBuf, TaskError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(TaskError::CannotRun(format!("{}: {error}", path.display())))
        }
        _ => folder(path),
    }
}

/// The pinned version of cargo-fuzz.
const CARGO_FUZZ: &str = "0.13.2";
const BETWEEN_LINES: Duration = Duration::from_secs(2);
const PANIC_LINES: usize = 4;
