//! What is told of an answer, to the log and to the console.

use std::fmt::Write as _;
use std::time::Duration;

use imds::Answer;
use imds::http::Request;
use imds::instance::Protocol;
use imds::rules::Trace;

/// An answer on its way to whoever is told of it: what the request's buffer held, kept until the answer is written.
///
/// It takes nothing but the line's method and path from a request, and nothing secret from an answer.
pub struct Entry {
    pub method: String,
    pub path: String,
    pub trace: Trace,
    protocol: Protocol,
}

impl Entry {
    pub fn new(request: &Request<'_>, answer: &Answer<'_>) -> Entry {
        Entry {
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
        match self.protocol {
            Protocol::V1 => "v1",
            Protocol::V2 => "v2",
        }
    }
}

/// How long something took, as it is told.
pub fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

/// The text within so many bytes, and nothing in it that a terminal acts on or that could be taken for another field.
fn printable(text: &str, bytes: usize) -> String {
    if text.is_empty() {
        return "-".to_owned();
    }
    let mut line = String::with_capacity(text.len().min(bytes));
    for character in text.chars() {
        let start = line.len();
        let _ = match character {
            '!'..='~' if character != '\\' => line.write_char(character),
            _ => write!(line, "{}", character.escape_default()),
        };
        if line.len() > bytes {
            line.truncate(start);
            line.push('…');
            break;
        }
    }
    line
}

const METHOD_BYTES: usize = 32;
const PATH_BYTES: usize = 256;
