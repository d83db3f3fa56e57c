//! One line for each answer, to standard error.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use imds::Answer;
use imds::connection::CloseReason;
use imds::instance::Protocol;
use imds::wire::Request;
use tracing::Level;
use tracing::dispatcher::{Dispatch, set_global_default, with_default};
use tracing_subscriber::fmt::MakeWriter;

use crate::clock::Clock;
use crate::log_writer::LogWriter;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people: the time, the level and `name=value` in a line.
    Text,
    /// For programs: one JSON object in a line.
    Json,
    /// Not at all.
    Off,
}

impl LogFormat {
    pub const ALL: [LogFormat; 3] = [LogFormat::Text, LogFormat::Json, LogFormat::Off];

    pub const fn name(self) -> &'static str {
        match self {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
            LogFormat::Off => "off",
        }
    }
}

/// The log that was started.
pub struct Log(LogWriter);

/// Starts the log. Its times are the clock's, so that they agree with the dates of the answers.
pub fn start(format: LogFormat, clock: Clock) -> io::Result<Log> {
    let writer = LogWriter::default();
    if format != LogFormat::Off {
        // What tells of lost lines writes by itself, or it would be lost with them.
        let direct = dispatch(format, clock, io::stderr);
        writer.start(move |lines| with_default(&direct, || tracing::warn!("log lines lost: {lines}")))?;
        // Nobody else in the program sets one.
        let _ = set_global_default(dispatch(format, clock, writer.clone()));
    }
    Ok(Log(writer))
}

impl Log {
    /// Waits until all is written, unless nobody reads.
    pub fn finish(self) {
        self.0.flush(PATIENCE);
    }
}

fn dispatch<W>(format: LogFormat, clock: Clock, writer: W) -> Dispatch
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let log = tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_timer(clock)
        .with_target(false)
        // What cannot be written to standard error cannot be complained about there either.
        .log_internal_errors(false)
        .with_writer(writer);
    match format {
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).into(),
        LogFormat::Text | LogFormat::Off => log.with_ansi(false).into(),
    }
}

/// An answer on its way to the log: what the request's buffer held, kept until the answer is written.
///
/// It takes nothing but the line's method and path from a request, and nothing secret from an answer.
pub struct Entry {
    started: Instant,
    method: String,
    path: String,
    status: u16,
    rule: &'static str,
    protocol: &'static str,
}

impl Entry {
    /// When a request was taken up, if that is to be logged.
    pub fn begin() -> Option<Instant> {
        tracing::enabled!(Level::INFO).then(Instant::now)
    }

    pub fn new(started: Instant, request: &Request<'_>, answer: &Answer<'_>) -> Entry {
        Entry {
            started,
            method: printable(request.method_text, METHOD_BYTES),
            path: printable(request.path, PATH_BYTES),
            status: answer.rule().status().code(),
            rule: answer.rule().id,
            protocol: match answer.protocol {
                Protocol::V1 => "v1",
                Protocol::V2 => "v2",
            },
        }
    }

    /// Writes the line; the answer is ready to be sent.
    pub fn log(&self, instance: &str, peer: SocketAddr) {
        tracing::info!(
            method = %self.method,
            path = %self.path,
            status = self.status,
            rule = %self.rule,
            micros = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX),
            peer = %peer,
            protocol = %self.protocol,
            instance = %instance,
        );
    }
}

/// A connection is over: worth a line where it is the peer's fault.
pub fn closed(reason: Option<CloseReason>, peer: SocketAddr) {
    use CloseReason::{SlowBody, SlowHead, SlowReader, Truncated};
    if let Some(reason @ (Truncated | SlowHead | SlowBody | SlowReader)) = reason {
        tracing::debug!(peer = %peer, reason = ?reason, "closed");
    }
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

/// How long the end of the program waits for the log's reader.
const PATIENCE: Duration = Duration::from_secs(1);
const METHOD_BYTES: usize = 32;
const PATH_BYTES: usize = 256;
