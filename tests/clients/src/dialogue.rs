//! A client that runs one command per line, so that a test can act between two commands.

use std::io::Write;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use serde_json::Value;

use crate::run::TIMEOUT;
use crate::server::lines;

/// A program that reads one command per line and prints one result per line: `{"ok": …}` or
/// `{"error": "…"}`.
///
/// Killed when dropped.
pub struct Dialogue {
    process: Child,
    commands: ChildStdin,
    results: Receiver<String>,
}

impl Dialogue {
    pub fn with(mut command: Command) -> Dialogue {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let commands = process.stdin.take().expect("a pipe");
        let results = lines(process.stdout.take().expect("a pipe"));
        Dialogue { process, commands, results }
    }

    /// Runs a command and returns its result, or the client's error.
    pub fn run(&mut self, command: &str) -> Result<Value, String> {
        self.run_with_timeout(TIMEOUT, command)
    }

    /// Like [`run`](Dialogue::run), for commands that take longer.
    pub fn run_with_timeout(&mut self, timeout: Duration, command: &str) -> Result<Value, String> {
        writeln!(self.commands, "{command}").expect("the client reads");
        let line = self.results.recv_timeout(timeout).unwrap_or_else(|_| panic!("no result of {command:?}"));
        let mut result: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
        match result["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(result["ok"].take()),
        }
    }
}

impl Drop for Dialogue {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
