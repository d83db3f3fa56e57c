//! What is counted while asking, and what is told of it.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::client::Nonce;

/// What so many requests brought.
#[derive(Default)]
pub struct Tally {
    nonces: Vec<Nonce>,
    pub errors: Vec<String>,
}

impl Tally {
    pub fn note(&mut self, token: Result<Nonce, String>) {
        match token {
            Ok(nonce) => self.nonces.push(nonce),
            Err(error) => self.errors.push(error),
        }
    }

    pub fn add(&mut self, other: Tally) {
        self.nonces.extend(other.nonces);
        self.errors.extend(other.errors);
    }

    /// Whether all that were asked for came, each once.
    pub fn holds(&mut self, count: usize) -> Result<(), String> {
        if let Some(error) = self.errors.first() {
            return Err(format!("{} errors, the first is: {error}", self.errors.len()));
        }
        if self.nonces.len() != count {
            return Err(format!("{} tokens of {count}", self.nonces.len()));
        }
        self.nonces.sort_unstable();
        match self.nonces.windows(2).filter(|pair| pair[0] == pair[1]).count() {
            0 => Ok(()),
            times => Err(format!("a token came again, {times} times")),
        }
    }
}

/// How far the work is, for whoever waits at a terminal.
pub struct Progress {
    done: AtomicUsize,
    shown: bool,
}

impl Progress {
    pub fn new() -> Progress {
        Progress { done: AtomicUsize::new(0), shown: stderr().is_terminal() }
    }

    pub fn note(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.shown && done.is_multiple_of(STEP) {
            eprint!("\r{done} ");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            eprint!("\r{:12}\r", "");
        }
    }
}

/// The memory that the server must not outgrow: a tenth more than it needed at first, and what an allocator keeps.
pub fn is_flat(first: Option<u64>, last: Option<u64>) -> Result<(), String> {
    match (first, last) {
        (Some(first), Some(last)) if last > first + first / 10 + SLACK_BYTES => {
            Err(format!("the server grew from {} to {}", mebibytes(Some(first)), mebibytes(Some(last))))
        }
        _ => Ok(()),
    }
}

pub fn mebibytes(bytes: Option<u64>) -> String {
    bytes.map_or("unknown".to_owned(), |bytes| format!("{:.1} MiB", bytes as f64 / 1_048_576.0))
}

const STEP: usize = 1_000;
const SLACK_BYTES: u64 = 2 * 1024 * 1024;
