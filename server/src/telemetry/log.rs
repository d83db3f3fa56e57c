//! The log: one line per response, on standard error.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use imds::connection::CloseReason;
use tracing::Level;
use tracing::dispatcher::{Dispatch, set_global_default, with_default};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use super::access_record::{AccessRecord, micros};
use crate::clock::Clock;
use crate::escape;
use crate::line_queue::LineQueue;

/// The format of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Time, level and `name=value` pairs.
    Text,
    /// One JSON object per line.
    Json,
    /// No log.
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

/// The running log.
pub struct Log(LineQueue);

/// Starts the log. Its times come from `clock`, like the dates of the responses.
pub fn start(format: LogFormat, clock: Clock) -> io::Result<Log> {
    let queue = LineQueue::new(match format {
        LogFormat::Json => escape::json,
        LogFormat::Text | LogFormat::Off => escape::plain,
    });
    if format != LogFormat::Off {
        // The report of lost lines bypasses the queue, where it would be lost too.
        let direct = dispatch(format, clock.clone(), io::stderr);
        let report_lost = move |lines| with_default(&direct, || tracing::warn!("log lines lost: {lines}"));
        queue.start("log", io::stderr(), report_lost)?;
        // This is the only call, so it succeeds.
        let _ = set_global_default(dispatch(format, clock, queue.clone()));
    }
    Ok(Log(queue))
}

impl Log {
    /// Waits until all lines are written, at most [`FLUSH_TIMEOUT`].
    pub fn finish(self) {
        self.0.finish(FLUSH_TIMEOUT);
    }
}

fn dispatch<W>(format: LogFormat, clock: Clock, writer: W) -> Dispatch
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let log = tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_timer(LogTime(clock))
        .with_target(false)
        // Internal errors would go to standard error, which is what failed.
        .log_internal_errors(false)
        .with_writer(writer);
    match format {
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).into(),
        LogFormat::Text | LogFormat::Off => log.with_ansi(false).into(),
    }
}

struct LogTime(Clock);

impl FormatTime for LogTime {
    fn format_time(&self, out: &mut Writer<'_>) -> fmt::Result {
        write!(out, "{}", self.0.now().display_with_millis())
    }
}

/// Returns whether responses are logged.
pub fn is_on() -> bool {
    tracing::enabled!(Level::INFO)
}

/// Logs a response that is ready to send.
pub fn response(record: &AccessRecord, latency: Duration, instance: &str, peer: SocketAddr) {
    tracing::info!(
        method = %record.method,
        path = %record.path,
        status = record.status(),
        rule = %record.rule(),
        micros = micros(latency),
        peer = %peer,
        protocol = %record.protocol(),
        instance = %instance,
    );
}

/// Logs the end of a connection if the peer is at fault.
pub fn connection_closed(reason: Option<CloseReason>, peer: SocketAddr) {
    use CloseReason::{SlowBody, SlowHead, SlowReader, Truncated};
    if let Some(reason @ (Truncated | SlowHead | SlowBody | SlowReader)) = reason {
        tracing::debug!(peer = %peer, reason = ?reason, "closed");
    }
}

const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);
