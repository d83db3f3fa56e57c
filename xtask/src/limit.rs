//! Runs a suite in a process of its own, which is killed with everything it started when the suite
//! exceeds its time limit.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, ExitCode, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::suites::Suite;
use crate::tools::{Setup, TaskError, target_folder};

/// Runs the suite as `xtask run-suite NAME` and returns its outcome, or a failure that names the
/// limit when the limit is reached.
pub fn run_suite(suite: &Suite, setup: Setup) -> Result<(), TaskError> {
    let cannot = |error: io::Error| TaskError::CannotRun(format!("cannot start the suite's process: {error}"));
    let outcome = Outcome::new();
    let mut command = Command::new(env::current_exe().map_err(cannot)?);
    command.args(["run-suite", suite.name, "--outcome"]).arg(&outcome.0);
    if setup.may_install() {
        command.arg("--setup");
    }
    let _ = io::stdout().flush();
    match run(&mut command, suite.limit).map_err(cannot)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(outcome.read(status)),
        None => Err(TaskError::Failed(format!("exceeded its limit of {} s and was killed", suite.limit.as_secs()))),
    }
}

/// The other side of [`run_suite`]: runs the suite in this process and writes why it did not pass
/// to the file `outcome`.
pub fn run_here(suite: &Suite, setup: Setup, outcome: &Path) -> ExitCode {
    end_with_parent();
    match (suite.run)(setup) {
        Ok(()) => ExitCode::SUCCESS,
        Err(task_error) => {
            if let Err(error) = fs::write(outcome, encode(&task_error)) {
                eprintln!("cannot write {}: {error}", outcome.display());
            }
            ExitCode::FAILURE
        }
    }
}

/// Runs `command` to its end. At `limit` it kills the process, with its process group on Unix and
/// with its descendants on Windows, and returns `None`.
///
/// The command's standard input is a pipe that stays open until this function returns or this
/// process dies.
fn run(command: &mut Command, limit: Duration) -> io::Result<Option<ExitStatus>> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let start = Instant::now();
    let mut child = command.stdin(Stdio::piped()).spawn()?;
    // `try_wait` and not `wait`, which closes the child's standard input.
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= limit {
            kill_all(&mut child);
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(POLL);
    }
}

#[cfg(unix)]
fn kill_all(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    // The child leads its group: see `run`.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}

#[cfg(not(unix))]
fn kill_all(child: &mut Child) {
    let _ = Command::new("taskkill").args(["/T", "/F", "/PID", &child.id().to_string()]).output();
    let _ = child.kill();
}

/// Kills this process group as soon as the parent is gone. A terminal's Ctrl-C reaches the parent
/// only, because the suite runs in a group of its own.
fn end_with_parent() {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpgrp, getpid, kill_current_process_group};
        if getpgrp() == getpid() {
            thread::spawn(|| {
                let _ = io::copy(&mut io::stdin(), &mut io::sink());
                let _ = kill_current_process_group(Signal::KILL);
            });
        }
    }
}

/// The file through which the suite's process reports why it did not pass.
struct Outcome(PathBuf);

impl Outcome {
    fn new() -> Outcome {
        let outcome = Outcome(target_folder().join(format!("suite-{}.outcome", process::id())));
        let _ = fs::remove_file(&outcome.0);
        outcome
    }

    fn read(&self, status: ExitStatus) -> TaskError {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        decode(&text).unwrap_or_else(|| TaskError::Failed(format!("the suite's process ended with {status}")))
    }
}

impl Drop for Outcome {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn encode(error: &TaskError) -> String {
    match error {
        TaskError::Failed(reason) => format!("failed\n{reason}"),
        TaskError::CannotRun(reason) => format!("cannot-run\n{reason}"),
        TaskError::Unavailable(reason) => format!("unavailable\n{reason}"),
    }
}

fn decode(text: &str) -> Option<TaskError> {
    let (kind, reason) = text.split_once('\n')?;
    let reason = reason.to_owned();
    match kind {
        "failed" => Some(TaskError::Failed(reason)),
        "cannot-run" => Some(TaskError::CannotRun(reason)),
        "unavailable" => Some(TaskError::Unavailable(reason)),
        _ => None,
    }
}

const POLL: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use std::io::Read;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_command_that_exceeds_its_limit_is_killed_with_its_children() {
        let (mut output, held_open) = io::pipe().unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 60 & sleep 60"]).stdout(held_open);
        let start = Instant::now();
        assert_eq!(run(&mut shell, Duration::from_millis(200)).unwrap(), None);
        drop(shell);
        // The end of the pipe: neither the shell nor a `sleep` holds its other side any more.
        assert_eq!(output.read_to_end(&mut Vec::new()).unwrap(), 0);
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(200) && took < Duration::from_secs(10), "{took:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_command_within_its_limit_returns_its_exit_status() {
        let mut shell = Command::new("sh");
        let status = run(shell.args(["-c", "exit 3"]), Duration::from_secs(30)).unwrap();
        assert_eq!(status.and_then(|status| status.code()), Some(3));
    }

    #[cfg(unix)]
    #[test]
    fn standard_input_stays_open_while_the_command_runs() {
        let mut shell = Command::new("sh");
        // `read` returns at the end of the input.
        let ended = run(shell.args(["-c", "read line; exit 0"]), Duration::from_millis(200)).unwrap();
        assert_eq!(ended, None);
    }

    #[test]
    fn an_outcome_survives_encoding() {
        for error in
            [TaskError::Failed("a".into()), TaskError::CannotRun("b".into()), TaskError::Unavailable("c\nd".into())]
        {
            assert_eq!(decode(&encode(&error)).map(|error| encode(&error)), Some(encode(&error)));
        }
        assert!(decode("").is_none());
        assert!(decode("other\nreason").is_none());
    }
}
