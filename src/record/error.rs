use alloc::string::{String, ToString};
use core::fmt;

use crate::write::is_hidden;

/// An error in a record, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordError {
    /// The path of keys and indices, for example `network_interfaces[0].mac`; `.` for the record
    /// itself.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

impl RecordError {
    #[doc(hidden)]
    pub fn new(path: &str, reason: impl fmt::Display) -> RecordError {
        RecordError { path: in_one_line(path), reason: in_one_line(&reason.to_string()) }
    }
}

/// The text on one line: with an escape for each hidden character, and cut. Both parts of an error
/// can quote the input.
fn in_one_line(text: &str) -> String {
    const MAX_CHARS: usize = 2000;
    let mut line = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == MAX_CHARS {
            line.push('…');
            break;
        }
        if is_hidden(character) {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "." => f.write_str(&self.reason),
            path => write!(f, "{path}: {}", self.reason),
        }
    }
}

impl core::error::Error for RecordError {}
