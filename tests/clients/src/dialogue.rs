//! A client that is asked line by line, so that things can happen between two of its answers.

use std::io::Write;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use serde_json::Value;

use crate::run::PATIENCE;
use crate::server::lines;

/// A program that reads a question a line and answers each with a line: `{"ok": …}` or `{"error": "…"}`.
///
/// Killed when dropped.
pub struct Dialogue {
    process: Child,
    questions: ChildStdin,
    answers: Receiver<String>,
}

impl Dialogue {
    pub fn with(mut command: Command) -> Dialogue {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let questions = process.stdin.take().expect("a pipe");
        let answers = lines(process.stdout.take().expect("a pipe"));
        Dialogue { process, questions, answers }
    }

    /// What the client found; or what it says went wrong.
    pub fn ask(&mut self, question: &str) -> Result<Value, String> {
        self.ask_within(PATIENCE, question)
    }

    /// The same, for what may take longer.
    pub fn ask_within(&mut self, patience: Duration, question: &str) -> Result<Value, String> {
        writeln!(self.questions, "{question}").expect("the client reads");
        let line = self.answers.recv_timeout(patience).unwrap_or_else(|_| panic!("no answer to {question:?}"));
        let mut answer: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer["ok"].take()),
        }
    }
}

impl Drop for Dialogue {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
