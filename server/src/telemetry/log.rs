//! One line for each answer, to standard error.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use imds::connection::CloseReason;
use tracing::Level;
use tracing::dispatcher::{Dispatch, set_global_default, with_default};
use tracing_subscriber::fmt::MakeWriter;

use crate::clock::Clock;
use crate::entry::{Entry, micros};
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

/// Whether answers are logged.
pub fn is_on() -> bool {
    tracing::enabled!(Level::INFO)
}

/// Writes an answer's line; the answer is ready to be sent.
pub fn answered(entry: &Entry, took: Duration, instance: &str, peer: SocketAddr) {
    tracing::info!(
        method = %entry.method,
        path = %entry.path,
        status = entry.status(),
        rule = %entry.rule(),
        micros = micros(took),
        peer = %peer,
        protocol = %entry.protocol(),
        instance = %instance,
    );
}

/// A connection is over: worth a line where it is the peer's fault.
pub fn closed(reason: Option<CloseReason>, peer: SocketAddr) {
    use CloseReason::{SlowBody, SlowHead, SlowReader, Truncated};
    if let Some(reason @ (Truncated | SlowHead | SlowBody | SlowReader)) = reason {
        tracing::debug!(peer = %peer, reason = ?reason, "closed");
    }
}

/// How long the end of the program waits for the log's reader.
const PATIENCE: Duration = Duration::from_secs(1);
