//! Collects the results of many requests.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::client::Nonce;

/// The results of token requests.
#[derive(Default)]
pub struct Tally {
    nonces: Vec<Nonce>,
    pub errors: Vec<String>,
}

impl Tally {
    pub fn push(&mut self, result: Result<Nonce, String>) {
        match result {
            Ok(nonce) => self.nonces.push(nonce),
            Err(error) => self.errors.push(error),
        }
    }

    pub fn extend(&mut self, other: Tally) {
        self.nonces.extend(other.nonces);
        self.errors.extend(other.errors);
    }

    /// Checks that there are `count` tokens, no error and no duplicate.
    pub fn check(&mut self, count: usize) -> Result<(), String> {
        if let Some(error) = self.errors.first() {
            return Err(format!("{} errors, the first is: {error}", self.errors.len()));
        }
        if self.nonces.len() != count {
            return Err(format!("{} tokens instead of {count}", self.nonces.len()));
        }
        self.nonces.sort_unstable();
        match self.nonces.windows(2).filter(|pair| pair[0] == pair[1]).count() {
            0 => Ok(()),
            duplicates => Err(format!("{duplicates} duplicate tokens")),
        }
    }
}

/// A progress counter, shown if standard error is a terminal.
pub struct Progress {
    done: AtomicUsize,
    is_shown: bool,
}

impl Progress {
    pub fn new() -> Progress {
        Progress { done: AtomicUsize::new(0), is_shown: stderr().is_terminal() }
    }

    pub fn increment(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.is_shown && done.is_multiple_of(STEP) {
            eprint!("\r{done} ");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown {
            eprint!("\r{:12}\r", "");
        }
    }
}

/// Checks that the memory grew by at most a tenth and [`SLACK_BYTES`], which the allocator may
/// keep.
pub fn check_memory(before: Option<u64>, after: Option<u64>) -> Result<(), String> {
    match (before, after) {
        (Some(before), Some(after)) if after > before + before / 10 + SLACK_BYTES => {
            Err(format!("the server's memory grew from {} to {}", mebibytes(Some(before)), mebibytes(Some(after))))
        }
        _ => Ok(()),
    }
}

pub fn mebibytes(bytes: Option<u64>) -> String {
    bytes.map_or("unknown".to_owned(), |bytes| format!("{:.1} MiB", bytes as f64 / 1_048_576.0))
}

const STEP: usize = 1_000;
const SLACK_BYTES: u64 = 2 * 1024 * 1024;
