//! The record of one response, for the log and the events.

use std::fmt::Write as _;
use std::time::Duration;

use imds::Answer;
use imds::http::Request;
use imds::instance::Protocol;
use imds::rules::Trace;

/// A copy of the request and response data that observers see.
///
/// Of the request it holds only the method and the path without the query; of the response nothing
/// secret.
pub struct AccessRecord {
    pub method: String,
    pub path: String,
    pub trace: Trace,
    protocol: Protocol,
}

impl AccessRecord {
    pub fn new(request: &Request<'_>, answer: &Answer<'_>) -> AccessRecord {
        AccessRecord {
            method: printable(request.method_text, METHOD_BYTES),
            path: printable(request.path, PATH_BYTES),
            trace: answer.trace,
            protocol: answer.protocol,
        }
    }

    pub fn status(&self) -> u16 {
        self.trace.rule().status().code()
    }

    pub fn rule(&self) -> &'static str {
        self.trace.rule().id
    }

    pub fn protocol(&self) -> &'static str {
        self.protocol.name()
    }
}

/// Returns the duration in whole microseconds.
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Escapes spaces, backslashes and everything outside of printable ASCII, and truncates the result
/// to `max_bytes` and an ellipsis. An empty text becomes `-`.
fn printable(text: &str, max_bytes: usize) -> String {
    if text.is_empty() {
        return "-".to_owned();
    }
    let mut line = String::with_capacity(text.len().min(max_bytes));
    for character in text.chars() {
        let start = line.len();
        let _ = match character {
            '!'..='~' if character != '\\' => line.write_char(character),
            _ => write!(line, "{}", character.escape_default()),
        };
        if line.len() > max_bytes {
            line.truncate(start);
            line.push('…');
            break;
        }
    }
    line
}

const METHOD_BYTES: usize = 32;
const PATH_BYTES: usize = 256;
